package viewer

import (
	"fmt"
	"slices"
	"testing"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// testPress presses buttons while entries arrive: no click is lost, and new rows are shown once the pointer is up.
func testPress(t *testing.T, s *stub, p *viewertest.Page) {
	p.Seen(s.add(t, "demo", event(1), attempt(1, 1, 503)))
	p.Click(`li[data-delivery=d-1] button[name=open]`)
	press := func(selector string, came ...journal.Data) {
		t.Helper()
		p.Down(selector)
		last := s.add(t, "demo", came...)
		p.Wait(fmt.Sprintf(`Number(document.body.dataset.late) >= %d`, last))
		p.Want(fmt.Sprintf(`Number(document.body.dataset.last) < %d`, last))
		p.Up()
		p.Seen(last)
		p.Want(`!document.body.hasAttribute("data-late")`)
	}
	press(`#detail button[name=resend]`, attempt(1, 2, 503))
	p.Want(`document.querySelectorAll("#detail details[data-attempt]").length === 2`)
	press(`#detail button[name=advance-to]`, event(2))
	press(`li[data-delivery=d-1]`, event(3), event(4))
	p.Wait(`document.querySelector("#status").textContent.startsWith("Advanced")`)
	if got := s.did(); !slices.Contains(got, `deliveries/d-1/resend?account=demo `) || len(got) != 2 {
		t.Errorf("the clicks came to %q, want a resend and an advance", got)
	}
	p.Want(`document.querySelector("#detail").dataset.detail === "d-1"`, `document.querySelectorAll("#rows > li").length === 4`)

	// A release that causes no event, as on a scroll bar, is noticed when the pointer moves next.
	p.Eval(`document.querySelector("#rows").dispatchEvent(new PointerEvent("pointerdown", {bubbles: true, buttons: 1}))`, nil)
	last := s.add(t, "demo", event(5))
	p.Wait(`document.body.hasAttribute("data-late")`)
	p.Eval(`document.querySelector("#rows").dispatchEvent(new PointerEvent("pointermove", {bubbles: true, buttons: 0}))`, nil)
	p.Seen(last)

	// A release in the list of a select is noticed once an option is selected.
	p.Eval(`document.querySelector("#filter select[name=provider]").dispatchEvent(new PointerEvent("pointerdown", {bubbles: true, buttons: 1}))`, nil)
	last = s.add(t, "demo", event(6))
	p.Wait(`document.body.hasAttribute("data-late")`)
	p.Eval(`document.querySelector("#filter select[name=provider]").dispatchEvent(new Event("change", {bubbles: true}))`, nil)
	p.Seen(last)
}

// testRedraw: focus, selection, open sections and scroll position of the details survive new entries.
func testRedraw(t *testing.T, s *stub, p *viewertest.Page) {
	p.Seen(s.add(t, "demo", call(1), run(1, "", `{"status":"PENDING"}`), event(1), attempt(1, 1, 503), attempt(1, 2, 503)))
	p.Click(`li[data-delivery=d-1] button[name=open]`)
	p.Wait(`document.querySelector("#detail details[data-attempt='2']")?.open`)
	p.Eval(`document.querySelector("#detail details[data-attempt='1']").open = true`, nil)
	p.Eval(`(() => {
		const pre = document.querySelector("#detail details[data-attempt='1'] pre.bytes");
		getSelection().selectAllChildren(pre);
		window.selected = getSelection().toString();
		window.focused = document.querySelector("#detail button[name=resend]");
		focused.focus({preventScroll: true});
		document.querySelector("#detail").scrollTop = 200;
	})()`, nil)
	p.Seen(s.add(t, "demo", attempt(1, 3, 503)))
	same := []string{
		`document.activeElement === focused && focused.isConnected`, // the same element, so that a key that is down on it counts, too
		`selected.length > 20 && getSelection().toString() === selected`,
		`document.querySelector("#detail").scrollTop === 200`,
		`document.querySelector("#detail details[data-attempt='1']").open`,
	}
	p.Want(append(same, `document.querySelectorAll("#detail details[data-attempt]").length === 3`)...)
	p.Seen(s.add(t, "demo", attempt(1, 4, 200), delivered(1), run(1, `{"status":"PENDING"}`, `{"status":"VERIFIED"}`)))
	p.Want(append(same, `document.querySelector("#detail .badge").textContent === "Delivered"`, `document.querySelector("#detail .states").textContent.includes("VERIFIED")`)...)
	p.Eval(`document.querySelector("#detail details[data-attempt='1']").open = false`, nil)
	p.Eval(`document.querySelector("#detail details[data-attempt='4'] button[name=copy-body]").focus()`, nil)
	p.Seen(s.add(t, "demo", run(1, `{"status":"VERIFIED"}`, `{"status":"CLOSED"}`)))
	p.Want(`!document.querySelector("#detail details[data-attempt='1']").open`, `document.activeElement.name === "copy-body"`)
}
