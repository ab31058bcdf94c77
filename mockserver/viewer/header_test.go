package viewer

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// above lists the controls that are visible above the first row.
const above = `(() => {
	const top = document.querySelector("#rows > li").getBoundingClientRect().top;
	return [...document.querySelectorAll("button, input, select, a, summary")].filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.matches(".skip") &&
		e.getBoundingClientRect().bottom <= top).map((e) => e.name || e.id || e.textContent);
})()`

const firstRow = `document.querySelector("#rows > li").getBoundingClientRect().top`

// testHeader measures what is above the first row, and uses the menus and the palette.
func testHeader(t *testing.T, s *stub, p *viewertest.Page) {
	p.Seen(s.add(t, "demo", call(1), run(1, "", `{"status":"PENDING"}`), event(1), attempt(1, 1, 503), call(2)))
	for _, c := range []struct {
		width, height int64
		most          float64
	}{{1280, 800, 130}, {390, 844, 200}} {
		p.Size(c.width, c.height)
		var controls []string
		var top float64
		p.Eval(above, &controls)
		p.Eval(firstRow, &top)
		if len(controls) > 8 || top > c.most {
			t.Errorf("at %d by %d, the first row begins at %.0f px, below %d controls: %q; want at most %.0f px and 8", c.width, c.height, top, len(controls), controls, c.most)
		}
	}
	p.Size(1280, 900)

	open := func(menu string) string { return `document.querySelector("#` + menu + `").matches(":popover-open")` }
	for button, menu := range map[string]string{"clock": "clock", "tools": "tools", "filter": "filters"} {
		p.Click(`button[name=` + button + `]`)
		p.Wait(open(menu) + ` && document.querySelector("button[name=` + button + `]").ariaExpanded === "true"`)
		p.Want(`document.querySelector("#` + menu + `").contains(document.activeElement)`)
		p.Do(chromedp.KeyEvent(kb.Escape))
		p.Wait(`!` + open(menu))
		p.Click(`button[name=` + button + `]`)
		p.Wait(open(menu))
		p.Click(`#top h1`) // anywhere else
		p.Wait(`!` + open(menu))
	}

	find := func(query, first string) {
		t.Helper()
		p.Do(chromedp.KeyEvent("k", chromedp.KeyModifiers(2))) // Ctrl
		p.Wait(`document.querySelector("dialog[data-dialog=palette]")`)
		p.Fill(`dialog input[name=query]`, query)
		p.Wait(`document.querySelector("dialog [aria-selected=true] .label")?.textContent === "` + first + `"`)
		p.Do(chromedp.KeyEvent(kb.Enter))
		p.Wait(`!document.querySelector("dialog[data-dialog=palette]")`)
	}
	find("faults", "Faults…")
	p.Wait(`document.querySelector("dialog[data-dialog=faults]")`)
	p.Do(chromedp.KeyEvent(kb.Escape))
	p.Wait(`!document.querySelector("dialog")`)
	find("acme pending", "Play acme / pending-then-confirmed")
	p.Wait(`document.querySelector("#status").textContent.startsWith("Played pending-then-confirmed")`)
	find("delivery d-1", "Delivery verification.completed")
	p.Wait(`document.querySelector("#detail").dataset.detail === "d-1"`)
	find("run REF-1", "Run REF-1")
	p.Wait(`document.querySelector("#filter input[name=run]").value === "r-1"`)
	find("provider other", "Provider: Other")
	p.Wait(`document.querySelector("#filter select[name=provider]").value === "other"`)
	if got := s.did(); !slices.Contains(got, `play {"provider":"acme","scenario":"pending-then-confirmed"}`) {
		t.Errorf("the palette played %q", got)
	}
}

// testRows measures the list beside open details, and what the details of a failure show first.
func testRows(t *testing.T, s *stub, p *viewertest.Page) {
	p.Size(1280, 800)
	failed := attempt(1, 1, 500)
	failed.Response.Body = text("Traceback (most recent call last):\n  File \"hooks.py\", line 7\nKeyError: 'reference'")
	exhausted := delivered(1)
	exhausted.Outcome = journal.Exhausted
	s.add(t, "demo", call(1), run(1, "", `{"status":"REJECTED","outcome":"not-found"}`), event(1), failed, exhausted)
	for n := 2; n <= 12; n++ {
		s.add(t, "demo", call(n), run(n, "", `{"status":"PENDING","outcome":"pending"}`), event(n))
	}
	clock := journal.Clock{Now: start, Rate: 1, Frozen: true}
	p.Seen(s.add(t, "demo", clock, clock, clock))

	// Quiet notes of a kind are one row, which shows the others on demand.
	visible := `[...document.querySelectorAll("#rows > li[data-note=clock]")].filter((li) => li.checkVisibility()).length`
	p.Wait(visible + ` === 1 && document.querySelector("#rows button[name=more]").textContent === "2 earlier"`)
	p.Click(`#rows > li:first-child button[name=more]`)
	p.Want(visible + ` === 3`)
	p.Click(`#rows > li:first-child button[name=more]`)

	row := `document.querySelector("li[data-delivery=d-1]")`
	p.Press(`li[data-delivery=d-1] button[name=open]`)
	p.Wait(`document.querySelector("#verdict [data-kind=bad]")`)
	p.Want(`[...document.querySelectorAll("#rows > li")].filter((li) => li.checkVisibility() && li.getBoundingClientRect().bottom <= innerHeight).length >= 16`,
		row+`.offsetHeight < 45`, row+`.querySelector(".badge").textContent === "Failed"`, row+`.querySelector(".outcome").textContent === "Not found"`,
		row+`.querySelector(".outcome").dataset.verdict === "not-granted"`,
		`document.querySelector("li[data-call=c-1] .tail").textContent === "/bvn"`, // a long path is cut in the middle
		// The verdict, the receiver's response, the likely cause and the action are visible without scrolling.
		`document.querySelector("#verdict h3").textContent === "Failed: the receiver responded with 500"`,
		`document.querySelector("#verdict .received pre").textContent.includes("KeyError: 'reference'")`,
		`document.querySelector("#verdict").textContent.includes("Likely cause The receiver's handler failed")`,
		`document.querySelector("#verdict").getBoundingClientRect().bottom <= innerHeight`,
		`document.querySelector("#detail .actions button").name === "resend" && document.querySelector("#detail").dataset.primary === "resend"`,
		`!document.querySelector("#detail button[name=advance-to], #detail button[name=hold], #detail button[name=release]")`)
	if got := p.Copies(func() { p.Press(`#detail button[name=copy-fact]`) }); got != "http://127.0.0.1:4000/hooks/acme" {
		t.Errorf("the first copy button copies %q", got)
	}
	p.Size(1600, 900)
	p.Press(`li[data-call=c-1] button[name=open]`)
	p.Want(`document.querySelector("#verdict").textContent.includes("Outcome Not found")`,
		`document.querySelector("[data-message=request]").getBoundingClientRect().top === document.querySelector("[data-message=response]").getBoundingClientRect().top`) // side by side

	// Each active filter has a chip that removes it.
	p.Fill(`#filter select[name=outcome]`, "exhausted")
	p.Fill(`#filter select[name=provider]`, "acme")
	p.Wait(`document.querySelectorAll("#chips li").length === 2`)
	p.Want(fmt.Sprintf(`document.querySelector("#chips button[value=outcome]").textContent === %q`, "outcome: Failed"))
	p.Fill(`#filter input[name=text]`, "in no row")
	p.Wait(`document.querySelector("#rows:empty")`)
	p.Want(`getComputedStyle(document.querySelector("#rows"), "::after").content.includes("No row matches the filter")`)
	p.Fill(`#filter input[name=text]`, "")
	p.Click(`#chips button[value=outcome]`)
	p.Wait(`document.querySelectorAll("#chips li").length === 1 && document.querySelectorAll("#rows > li[data-delivery]").length === 12`)

	// Times are the wall's while rows of several accounts are listed, else the account's.
	p.Want(row + `.querySelector("time").dateTime !== "2026-03-02T09:30:00.000Z"`)
	p.Fill(`#account`, "demo")
	p.Wait(row + `?.querySelector("time").dateTime === "2026-03-02T09:30:00.000Z"`)
}

// testInterrupted: a request that ends without a whole response, because the network changed, is repeated unless it changes something.
func testInterrupted(t *testing.T, s *stub, p *viewertest.Page) {
	p.Expect = true // the browser logs failures
	for _, test := range []struct {
		torn []string
		act  func()
	}{
		{[]string{"/_idmock/v1/providers", "/_idmock/v1/scenarios"}, func() { p.Go(s.server.URL + "/") }},
		{[]string{"/assets/js/palette.js"}, func() {
			p.Tool("palette")
			p.Wait(`document.querySelector("dialog[data-dialog=palette]")`)
			p.Do(chromedp.KeyEvent(kb.Escape))
		}},
		{[]string{"/_idmock/v1/clock/advance"}, func() {
			p.Click(`button[name=clock]`)
			p.Click(`button[name=advance-1h]`)
			p.Wait(`document.querySelector("#status").dataset.error !== undefined`)
		}},
	} {
		s.tear(test.torn...)
		test.act()
		if left := s.tear(); len(left) > 0 {
			t.Errorf("not requested: %q", left)
		}
	}
	if asked := s.did(); len(asked) > 0 {
		t.Errorf("the page repeated %q", asked)
	}
}
