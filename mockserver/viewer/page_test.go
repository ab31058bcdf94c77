package viewer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// TestPage drives the page in Chromium, each test in its own profile.
func TestPage(t *testing.T) {
	b := viewertest.Start(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *stub, *viewertest.Page)
	}{
		{"first minute", testFirstMinute},
		{"a delivery's life", testLife},
		{"actions", testActions},
		{"details", testDetails},
		{"press", testPress},
		{"redraw", testRedraw},
		{"filters", testFilters},
		{"header", testHeader},
		{"rows", testRows},
		{"resume", testResume},
		{"another server", testAnotherServer},
		{"interrupted", testInterrupted},
		{"accounts", testAccounts},
		{"reset", testReset},
		{"gap", testGap},
		{"hostile", testHostile},
		{"many", testMany},
		{"look", testLook},
		{"functions", testFunctions},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStub(t)
			test.run(t, s, b.Open(t, s.server.URL+"/"))
		})
	}
}

func testFirstMinute(t *testing.T, s *stub, p *viewertest.Page) {
	p.Wait(fmt.Sprintf(`document.querySelector("#first:not([hidden]) #first-base")?.textContent === "%s/acme"`, s.server.URL))
	p.Click(`button[name=first-receiver]`)
	p.Wait(`document.querySelector("#status").textContent.includes("/receiver/first")`)
	p.Seen(s.add(t, "demo", journal.Endpoint{ID: "e-1", Provider: "acme", URL: "http://x/", Source: "control"}))
	p.Wait(`document.querySelector("button[name=first-receiver]").closest("li").hasAttribute("data-done")`)
	p.Click(`button[name=first-play]`)
	p.Wait(`document.querySelector("#status").textContent.includes("REF-1")`)
	p.Seen(s.add(t, "demo", call(1), run(1, "", `{"status":"PENDING"}`)))
	p.Wait(`!document.querySelector("button[name=first-advance]").disabled`)
	p.Click(`button[name=first-advance]`)
	p.Wait(`document.querySelector("#status").textContent === "Advanced 30 s, 2 steps settled"`)
	p.Seen(s.add(t, "demo", event(1)))
	p.Click(`button[name=first-advance]`)
	p.Wait(`document.querySelector("#status").textContent.includes("2 steps settled")`)
	want := []string{
		`endpoints {"provider":"acme","url":"` + s.server.URL + `/_idmock/v1/receiver/first"}`,
		`play {"provider":"acme","scenario":"pending-then-confirmed"}`,
		`clock/advance?account=demo {"by":"30s"}`,
		`clock/advance?account=demo {"by":"30001ms"}`,
	}
	p.Wait(`!document.querySelector("button[name=first-advance]").ariaBusy`)
	if diff := cmp.Diff(want, s.did()); diff != "" {
		t.Error(diff)
	}
	p.Seen(s.add(t, "demo", attempt(1, 1, 200), delivered(1)))
	p.Wait(`document.querySelector("#first").hidden`)
}

func testLife(t *testing.T, s *stub, p *viewertest.Page) {
	row := `document.querySelector("#rows > li[data-delivery='d-1']")`
	s.add(t, "demo", journal.Clock{Now: start, Rate: 1, Frozen: true})
	pending := run(1, "", `{"status":"PENDING"}`)
	pending.Next = start.Add(45 * time.Second)
	p.Seen(s.add(t, "demo", call(1), pending))
	caller := `document.querySelector("#rows > li[data-call='c-1']")`
	p.Wait(caller + `?.querySelector(".due").textContent === "in 45 s"`) // its webhook is not planned yet, but will be
	p.Want(`!`+caller+`.querySelector("button[name=advance-to]").hidden`, caller+`.textContent.includes("PENDING")`)
	p.Seen(s.add(t, "demo", run(1, `{"status":"PENDING"}`, `{"status":"PENDING"}`), event(1)))
	p.Wait(caller + `.querySelector("button[name=advance-to]").hidden`)
	p.Wait(row + `?.dataset.status === "planned"`)
	p.Wait(row + `.querySelector(".due").textContent === "in 30 s"`)
	p.Eval(`void (window.kept = `+row+`)`, nil)
	p.Seen(s.add(t, "demo", attempt(1, 1, 503)))
	p.Wait(row + `.dataset.status === "retrying"`)
	p.Wait(row + `.querySelector(".due").textContent === "in 2 min"`)
	p.Want(row+`.dataset.attempts === "1"`, row+`.dataset.last === "503"`)
	p.Seen(s.add(t, "demo", attempt(1, 2, 200), delivered(1), run(1, `{"status":"PENDING"}`, `{"status":"VERIFIED"}`)))
	p.Wait(row + `.dataset.status === "delivered"`)
	p.Want(row+`.querySelector(".tries").textContent === "2 attempts · 200"`, row+`.textContent.includes("REF-1")`,
		row+` === window.kept`, `document.querySelectorAll("#rows > li[data-delivery]").length === 1`)
}

func testActions(t *testing.T, s *stub, p *viewertest.Page) {
	p.Seen(s.add(t, "demo", event(1)))
	p.Click(`button[name=clock]`)
	for _, name := range []string{"advance-5m", "advance-1h", "advance-1d"} {
		p.Click(`button[name=` + name + `]`)
		p.Wait(`!document.querySelector("button[name=` + name + `]").ariaBusy`)
	}
	p.Do(chromedp.SendKeys(chromedp.CSS(`input[name=by]`), "2h 30 min"+kb.Enter))
	p.Wait(`document.querySelector("#status").textContent.startsWith("Advanced 2 h 30 min")`)
	p.Do(chromedp.SetValue(chromedp.CSS(`input[name=by]`), "soon"))
	p.Click(`button[name=advance]`)
	p.Want(`document.querySelector("input[name=by]").matches(":invalid")`)
	p.Wait(`document.querySelector("#clock").dataset.frozen === "true"`)
	p.Click(`button[name=freeze]`)
	p.Wait(`!document.querySelector("button[name=freeze]").ariaBusy`)
	p.Do(chromedp.KeyEvent(kb.Escape))
	p.Click(`li[data-delivery=d-1] button[name=advance-to]`)
	p.Wait(`document.querySelector("#status").textContent.startsWith("Advanced 30 s")`)
	p.Click(`button[name=play]`)
	p.Do(chromedp.SendKeys(chromedp.CSS(`dialog input[name=subject]`), "12345678901"))
	p.Click(`dialog button[name=play-send]`)
	p.Wait(`document.querySelector("#status").textContent === "Played pending-then-confirmed, response 200, reference REF-1"`)
	p.Click(`li[data-delivery=d-1] button[name=open]`)
	p.Want(`!document.querySelector("#detail button[name=resend]")`) // nothing was sent yet
	p.Seen(s.add(t, "demo", attempt(1, 1, 503)))
	p.Click(`#detail button[name=resend]`)
	p.Wait(`document.querySelector("#status").textContent.includes("resent")`)
	want := []string{
		`clock/advance {"by":"300s"}`, `clock/advance {"by":"3600s"}`, `clock/advance {"by":"86400s"}`,
		`clock/advance {"by":"9000s"}`, `clock {"frozen":false}`, `clock/advance?account=demo {"by":"30001ms"}`,
		`play {"provider":"acme","scenario":"pending-then-confirmed","subject":"12345678901"}`, `deliveries/d-1/resend?account=demo `,
	}
	if diff := cmp.Diff(want, s.did()); diff != "" {
		t.Error(diff)
	}
	p.Expect = true // the browser logs the 422
	p.Click(`button[name=play]`)
	p.Click(`dialog button[name=arm]`)
	p.Wait(`document.querySelector("dialog .note").hasAttribute("data-error")`)
	if got := p.Text("dialog .note"); got != "no such <b>scenario</b>" {
		t.Errorf("the dialog reports %q", got)
	}
}

func testDetails(t *testing.T, s *stub, p *viewertest.Page) {
	poll := call(1)
	poll.ID, poll.Operation, poll.Rule, poll.Path = "c-2", "getStatus", "getStatus", "/acme/status"
	s.add(t, "demo", call(1), run(1, "", `{"status":"PENDING"}`), poll, event(1))
	binary := attempt(1, 2, 200)
	binary.Response.Body = journal.NewBody([]byte("\x00\xff<PNG>"), 9000)
	p.Seen(s.add(t, "demo", attempt(1, 1, 503), binary, delivered(1), run(1, `{"status":"PENDING"}`, `{"status":"VERIFIED"}`),
		journal.Expect{Delivery: "d-1", Want: "2xx within 6s", Got: "503", Pass: false}))
	p.Click(`li[data-delivery=d-1] button[name=open]`)
	p.Wait(`document.querySelector("#detail").dataset.detail === "d-1"`)
	p.Want(`document.activeElement.tagName === "H2"`, `document.querySelector("details[data-attempt='2']").open`,
		`!document.querySelector("details[data-attempt='1']").open`,
		`document.querySelector("details[data-attempt='1']").textContent.includes("it tries again five times")`,
		`document.querySelector("[data-cause]").dataset.cause === "c-1"`,
		`document.querySelector(".states").textContent.includes("PENDING → VERIFIED")`,
		`document.querySelector("#detail").textContent.includes("expected 2xx within 6s, got 503")`,
		`document.querySelector("#attempts").textContent.includes("X-Acme-Signature")`,
		`document.querySelector("#attempts").textContent.includes("00000000  00 ff 3c 50")`,
		`document.querySelector("#attempts").textContent.includes("truncated by the journal")`)
	request := `[data-attempt='2'] [data-message=request] `
	pretty := p.Text(request + "pre")
	if !strings.Contains(pretty, "\n    \"id\": 12345678901234567890,\n") || !strings.Contains(pretty, `"amount": 10.50`) {
		t.Errorf("pretty changes more than white space: %s", pretty)
	}
	p.Click(request + "button[name=exact]")
	if got := p.Text(request + "pre"); got != string(attempt(1, 1, 200).Request.Body.Bytes) {
		t.Errorf("exact is %s", got)
	}
	// Opened sections stay open when the delivery changes.
	p.Click(`details[data-attempt='1'] summary`)
	p.Wait(`document.querySelector("details[data-attempt='1']").open`)
	p.Seen(s.add(t, "demo", attempt(1, 3, 200)))
	p.Wait(`document.querySelector("details[data-attempt='3']")?.open && document.querySelector("details[data-attempt='1']").open`)
	p.Click(`[data-cause] summary`)
	p.Click(`[data-cause] button[name=show-call]`)
	p.Wait(`document.querySelector("#detail").dataset.detail === "c-1"`)
	p.Want(`document.querySelector("#detail").textContent.includes("test_sk_1")`)
	p.Click(`#detail button[name=show-delivery]`)
	p.Wait(`document.querySelector("#detail").dataset.detail === "d-1"`)
	p.Do(chromedp.KeyEvent(kb.Escape))
	p.Wait(`document.querySelector("#detail").hidden`)
	p.Want(`document.activeElement === document.querySelector("li[data-delivery=d-1] .open")`)
	p.Do(chromedp.KeyEvent(kb.ArrowDown))
	p.Want(`document.activeElement.closest("li").dataset.call === "c-2"`)
}

func testFilters(t *testing.T, s *stub, p *viewertest.Page) {
	p.Seen(s.add(t, "demo", call(1), event(1), journal.Armed{Scenario: "default", Provider: "acme"}, journal.RuleError{Scenario: "x", Rule: "y", Message: "z"}))
	for value, want := range map[string]int{"delivery": 2, "call": 2, "all": 4} {
		p.Fill(`#filter select[name=show]`, value)
		if got := p.Count("#rows > li"); got != want {
			t.Errorf("%s shows %d rows, want %d", value, got, want)
		}
	}
	p.Fill(`#filter select[name=show]`, "delivery")
	p.Seen(s.add(t, "demo", call(2), event(2)))
	p.Wait(`document.querySelectorAll("#rows > li").length === 3`)
	p.Want(`document.querySelector("#rows > li").dataset.delivery === "d-2"`)
}

// wantOrder fails unless the list shows each of the deliveries 1 to n once, newest first.
func wantOrder(t *testing.T, p *viewertest.Page, n int) {
	t.Helper()
	var got, want []string
	p.Eval(`[...document.querySelectorAll("#rows > li[data-delivery]")].map((li) => li.dataset.delivery)`, &got)
	for i := n; i > 0; i-- {
		want = append(want, fmt.Sprintf("d-%d", i))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func testResume(t *testing.T, s *stub, p *viewertest.Page) {
	n := 0
	more := func() (last uint64) {
		for range 7 {
			n++
			last = s.add(t, "demo", event(n))
		}
		return last
	}
	asked := []string{"after=0"}
	for range 4 {
		last := more()
		p.Seen(last)
		asked = append(asked, fmt.Sprintf("after=%d", last))
		release := s.cut()
		p.Wait(`document.querySelector("#connection").dataset.state !== "live"`)
		last = more()
		release()
		p.Seen(last)
		p.Want(`document.querySelector("#connection").dataset.state === "live"`)
	}
	wantOrder(t, p, n)
	// Once more in the middle of a burst: entries arrive before, during and after the disconnect.
	burst := make(chan uint64)
	go func() {
		var last uint64
		for range 300 {
			n++
			last, _ = s.store.Commit(t.Context(), store.Change{Entries: []store.Entry{journal.New("demo", start, start, event(n))}})
		}
		burst <- last
	}()
	s.cut()()
	p.Seen(<-burst)
	p.Click("#older")
	wantOrder(t, p, n)
	s.mu.Lock()
	defer s.mu.Unlock()
	if diff := cmp.Diff(asked, s.streams[:len(asked)]); diff != "" {
		t.Errorf("asked for the stream with (-want +got):\n%s", diff)
	}
}

func testAnotherServer(t *testing.T, s *stub, p *viewertest.Page) {
	for n := range 20 {
		p.Seen(s.add(t, "demo", event(n+1)))
	}
	release := s.cut()
	s.restart()
	last := s.add(t, "demo", event(1), event(2), event(3))
	release()
	p.Wait(fmt.Sprintf(`document.body.dataset.last === "%d"`, last))
	wantOrder(t, p, 3)
}

func testAccounts(t *testing.T, s *stub, p *viewertest.Page) {
	s.add(t, "ann", event(1))
	p.Seen(s.add(t, "b & c", event(1), event(2)))
	wantRows := func(n int) { p.Wait(fmt.Sprintf(`document.querySelectorAll("#rows > li").length === %d`, n)) }
	wantRows(3) // the same name in two accounts is two deliveries
	p.Wait(`document.querySelector("#account").options.length === 3`)
	p.Do(chromedp.SendKeys(chromedp.CSS(`#account`), "b & c"))
	wantRows(2)
	p.Seen(s.add(t, "ann", event(3)) - 1)
	s.add(t, "b & c", event(4))
	wantRows(3)
	p.Click(`button[name=clock]`)
	p.Click(`button[name=advance-1h]`)
	p.Wait(`document.querySelector("#status").textContent.startsWith("Advanced")`)
	if diff := cmp.Diff([]string{`clock/advance?account=b%20%26%20c {"by":"3600s"}`}, s.did()); diff != "" {
		t.Error(diff)
	}
	p.Reload()
	wantRows(3)
	p.Want(`document.querySelector("#account").value === "b & c"`)
}

func testReset(t *testing.T, s *stub, p *viewertest.Page) {
	s.add(t, "ann", call(1), run(1, "", `{"status":"PENDING"}`), event(1))
	p.Seen(s.add(t, "bob", event(1)))
	p.Click(`li[data-account=ann][data-delivery] button[name=open]`)
	p.Seen(s.add(t, "ann", journal.Reset{Account: "ann"}))
	p.Wait(`document.querySelectorAll("#rows > li").length === 2`)
	p.Want(`document.querySelector("#rows > li").dataset.note === "reset"`, `document.querySelectorAll("li[data-account=bob]").length === 1`,
		`document.querySelector("#detail").hidden`, `document.querySelector("#count").textContent === "1 delivery · 0 requests"`)
}

func testGap(t *testing.T, s *stub, p *viewertest.Page) {
	// The store generates gaps for readers; an entry of that kind looks the same to the page.
	p.Seen(s.add(t, "", journal.Gap{Missed: 1200, AtMost: true}))
	p.Wait(`document.querySelector("li[data-note=gap]")?.dataset.missed === "1200"`)
	p.Fill(`#filter select[name=show]`, "delivery")
	p.Want(`document.querySelector("li[data-note=gap]").textContent.includes("At most 1,200 entries dropped")`)
}

func testHostile(t *testing.T, s *stub, p *viewertest.Page) {
	const bad = `"><img src=x onerror="window.owned=1"><script>window.owned=1</script><b>x</b>${1}` + "\u202e\u0000"
	h := []journal.Header{{bad, bad}}
	body := text(bad)
	request := journal.Request{Method: bad, URL: bad, Headers: h, Body: body}
	state := `{"__proto__":"x","<b>k</b>":"<img src=x onerror=window.owned=1>"}`
	s.add(t, bad,
		journal.Endpoint{ID: bad, Provider: bad, URL: bad, Source: bad},
		journal.Call{ID: bad, Provider: bad, Operation: bad, Run: bad, Scenario: bad, Rule: bad, Method: bad, Path: bad,
			Request: journal.Payload{Headers: h, Body: body}, Response: journal.Payload{Headers: h, Body: text(`{"a":"` + `<img src=x onerror=window.owned=1>` + `"}`)},
			Error: &journal.CallError{Kind: bad, Message: bad, Field: bad}},
		journal.Run{Run: bad, Provider: bad, Operation: bad, Scenario: bad, Subject: bad, Reference: bad, State: []byte(state), Before: []byte(`{}`), Cause: bad},
		journal.Event{Delivery: bad, Provider: bad, Event: bad, Run: bad, Scenario: bad, Rule: bad, Endpoint: bad, URL: bad, Due: start, Fault: []string{bad}},
		journal.Attempt{Delivery: bad, Provider: bad, Event: bad, Run: bad, Endpoint: bad, URL: bad, N: 1, Class: bad, Error: bad, Hint: bad, SignedBy: bad, Fault: []string{bad},
			Request: request, Response: &journal.Response{Status: 200, Headers: h, Body: body}},
		journal.Delivery{Delivery: bad, Provider: bad, Event: bad, Run: bad, Endpoint: bad, URL: bad, Outcome: bad, Attempts: 1, Fault: []string{bad}},
		journal.Expect{Delivery: bad, Want: bad, Got: bad}, journal.Expect{Delivery: "none", Want: bad, Got: bad},
		journal.Fault{ID: bad, On: bad, Fault: bad, Provider: bad, Event: bad, Operation: bad, Endpoint: bad, Delivery: bad},
		journal.Simulate{Name: bad, Provider: bad, Run: bad, Scenario: bad, Rule: bad}, journal.Scenarios{Source: bad, Given: []string{bad}},
		journal.Armed{Scenario: bad, Provider: bad, Subject: bad}, journal.Account{Account: bad}, journal.Reset{Account: "not " + bad},
	)
	p.Seen(s.add(t, "constructor", journal.RuleError{Scenario: bad, Rule: bad, Message: bad}))
	p.Reload() // once more, with the name in the account selector from the start
	p.Wait(`document.querySelector("li[data-note=rule-error]")`)
	for _, kind := range []string{"delivery", "call"} {
		p.Click(`li[data-` + kind + `] button[name=open]`)
		p.Wait(`!document.querySelector("#detail").hidden`)
		p.Eval(`document.querySelectorAll("#detail details").forEach((d) => (d.open = true))`, nil)
		p.Want(`document.querySelector("#detail").textContent.includes("<img src=x onerror")`,
			`document.querySelector("#detail pre").textContent.includes("<img src=x")`)
	}
	p.Fill(`#filter input[name=text]`, bad)
	p.Fill(`#filter select[name=event]`, bad)
	p.Wait(`[...document.querySelectorAll("#rows > li")].length > 1 && document.querySelector("#filter-reset:not([hidden])")`)
	p.Eval(`document.querySelector("li[data-delivery] button[name=open]").click()`, nil)
	p.Click(`#detail button[name=edit]`)
	p.Wait(`document.querySelector("dialog textarea[name=body]")`)
	p.Want(`document.querySelector("dialog textarea[name=body]").value.includes("<img src=x")`, `document.querySelectorAll("dialog b, dialog img").length === 0`)
	p.Click(`dialog button[name=dialog-close]`)
	p.Want(`window.owned === undefined`, `document.images.length === 0`, `document.querySelectorAll("main b, body script").length === 0`,
		`document.querySelector("li[data-delivery] .open").textContent.startsWith('"><img')`)
}

func testMany(t *testing.T, s *stub, p *viewertest.Page) {
	const n = 10_500
	begin := time.Now()
	for i := range n / 100 {
		var data []journal.Data
		for j := range 100 {
			data = append(data, event(i*100+j+1), delivered(i*100+j+1))
		}
		s.add(t, "demo", data...)
	}
	p.Seen(2 * n)
	t.Logf("%d deliveries in %v", n, time.Since(begin))
	p.Wait(`document.querySelector("#count").textContent.startsWith("10,000 deliveries")`)
	p.Want(`document.querySelectorAll("#rows > li").length === 60`, `document.querySelector("#rows > li").dataset.delivery === "d-10500"`)
	p.Press(`#older`)
	p.Wait(`document.querySelectorAll("#rows > li").length === 360`)
}
