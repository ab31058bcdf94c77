package viewer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// testLook checks contrast in both color schemes, and that a phone's page does not scroll sideways.
func testLook(t *testing.T, s *stub, p *viewertest.Page) {
	exhausted := delivered(3)
	exhausted.Outcome = journal.Exhausted
	refused := call(4)
	refused.Status = 400
	failed := call(5)
	failed.Status = 500
	p.Seen(s.add(t, "demo", call(1), run(1, "", `{"status":"PENDING"}`), event(1), attempt(1, 1, 503), attempt(1, 2, 200), delivered(1),
		run(1, `{"status":"PENDING"}`, `{"status":"VERIFIED"}`), event(2), attempt(2, 1, 503), event(3), exhausted, event(4), refused, failed,
		event(5), journal.Hold{Delivery: "d-5", Provider: "acme", Event: "verification.completed", Run: "r-5"}, journal.Hold{ID: "hold1"},
		journal.Gap{Missed: 3}, journal.RuleError{Scenario: "s", Rule: "r", Message: "m"}, journal.Account{Account: "demo", Seed: 1}))
	p.Click(`li[data-delivery=d-1] button[name=open]`)
	p.Eval(`document.querySelectorAll("#detail details").forEach((d) => (d.open = true))`, nil)
	for _, scheme := range []string{"light", "dark"} {
		p.Media(scheme)
		var pale []string
		p.Eval(contrast, &pale)
		if len(pale) > 0 {
			t.Errorf("%s: contrast below 4.5:\n%s", scheme, strings.Join(pale, "\n"))
		}
	}
	for _, width := range []int64{320, 375, 768, 1280} {
		p.Do(chromedp.EmulateViewport(width, 800))
		for _, what := range []string{"#detail button[name=close]", ""} {
			p.Want(fmt.Sprintf(`(document.scrollingElement.scrollWidth <= %[1]d) || [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > %[1]d).map((e) => e.tagName + "#" + e.id + "." + e.className + " " + e.getBoundingClientRect().right).join("; ")`, width))
			if what != "" {
				p.Click(what)
			}
		}
		p.Click(`li[data-delivery=d-1] button[name=open]`)
	}
}

// contrast lists texts on the page with less contrast than WCAG AA requires.
const contrast = `(() => {
	const rgb = (c) => (c.match(/[\d.]+/g) ?? []).map(Number);
	const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const ground = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
	const pale = new Set();
	for (const e of document.querySelectorAll("body *")) {
		const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
		if (!own || !e.checkVisibility() || e.matches(":disabled, .hidden, .skip, option, noscript *, label:has(input) *")) continue;
		const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
		const ratio = (a + 0.05) / (b + 0.05);
		if (ratio < 4.5) pale.add(ratio.toFixed(2) + " " + e.tagName + "." + e.className + " " + e.textContent.trim().slice(0, 30));
	}
	return [...pale];
})()`

// testFunctions tests the page's pure functions in the browser.
func testFunctions(t *testing.T, _ *stub, p *viewertest.Page) {
	p.Eval(`Promise.all(["format", "bytes", "journal", "clocks"].map((name) => import("/assets/js/" + name + ".js")))
		.then((all) => { window.m = Object.assign({}, ...all); })`, nil)
	for expression, want := range map[string]string{
		`m.duration(0)`:                       "0 ms",
		`m.duration(0.4)`:                     "0.4 ms",
		`m.duration(1500)`:                    "1.5 s",
		`m.duration(29000)`:                   "29 s",
		`m.duration(7500000)`:                 "2 h 5 min",
		`m.duration(259200000)`:               "3 d",
		`m.duration(undefined)`:               "",
		`m.countdown(-5)`:                     "due now",
		`m.countdown(29001)`:                  "in 30 s",
		`m.parseDuration("90")`:               "90000",
		`m.parseDuration(" 1h30m ")`:          "5400000",
		`m.parseDuration("2 days")`:           "172800000",
		`m.parseDuration("250ms")`:            "250",
		`m.parseDuration("")`:                 "NaN",
		`m.parseDuration("-5s")`:              "NaN",
		`m.parseDuration("5 constructor")`:    "NaN",
		`m.wire(90000)`:                       "90s",
		`m.wire(1500.2)`:                      "1501ms",
		`m.size(1234)`:                        "1.2 kB",
		`m.indent('{}')`:                      "{}",
		`m.indent('[1,{"a":[]},"[{,:\\\\"]')`: "[\n  1,\n  {\n    \"a\": []\n  },\n  \"[{,:\\\\\"\n]",
		// A waiting delivery is kept longer than finished ones, and the counts stay correct.
		`(() => { const j = new m.Journal(3); const e = (seq, kind, delivery) => ({seq, at: "", account: "a", kind, data: {delivery, outcome: "delivered"}});
			j.apply([e(1, "event", "x"), e(2, "delivery", "y"), e(3, "delivery", "z"), e(4, "event", "w"), e(4, "event", "v")]);
			return [...j.rows.values()].map((r) => r.id).join() + " " + j.counts.delivery + " " + j.last; })()`: "x,z,w 3 4",
		`(() => { const c = new m.Clocks(); c.set("a", {now: "2030-01-01T00:00:00Z", frozen: true}); return new Date(c.now("a")).toISOString(); })()`:               "2030-01-01T00:00:00.000Z",
		`(() => { const c = new m.Clocks(); c.set("a", {now: "2030-01-01T00:00:00Z"}); c.set("b", {now: "2031-01-01T00:00:00Z"}); return c.summary("").count; })()`: "2",
		// An entry that arrived before the initial state of the clocks.
		`(() => { const c = new m.Clocks(); c.observe({account: "a", at: "2030-01-01T00:00:00Z", wall: "2030-01-01T00:00:00Z", kind: "event"}); c.set("", {now: "2030-01-01T00:00:00Z", frozen: true}); return c.summary("a").frozen + " " + new Date(c.now("a")).toISOString(); })()`: "true 2030-01-01T00:00:00.000Z",
	} {
		var got string
		p.Eval("String("+expression+")", &got)
		if got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
}
