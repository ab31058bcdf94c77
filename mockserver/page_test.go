package mockserver_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// The first minute in a browser: register the built-in receiver, play a pending check, see when it continues, advance
// to it, and see it delivered.
func TestFirstMinuteInTheBrowser(t *testing.T) {
	t.Parallel()
	s := listen(t)
	p := viewertest.Start(t).Open(t, s.URL()+"/")
	p.Click(`button[name=first-receiver]`)
	p.Wait(`document.querySelector("li[data-note=endpoint]")`)
	p.Click(`button[name=first-play]`)
	p.Wait(`document.querySelector("li[data-call]")?.dataset.outcome === "pending"`)
	p.Wait(`document.querySelector("li[data-call] .due").textContent.startsWith("in ")`)
	p.Click(`li[data-call] button[name=advance-to]`)
	p.Wait(`document.querySelector("li[data-delivery]")?.dataset.status === "delivered"`)
	p.Wait(`document.querySelector("li[data-call]").dataset.outcome === "verified"`)
	p.Click(`li[data-delivery] button[name=open]`)
	p.Wait(`document.querySelector("#detail").textContent.includes("X-Identitypass-Signature")`)
	p.Wait(`document.querySelector("#detail").textContent.includes("Token")`)
	p.Click(`#detail button[name=resend]`)
	p.Wait(`document.querySelectorAll("li[data-delivery][data-status=delivered]").length === 2`)
	p.Shot("first-minute")

	// The palette does all of it with two keys, and the tour can be opened again.
	p.Do(chromedp.KeyEvent("k", chromedp.KeyModifiers(2)))
	p.Wait(`document.querySelector("dialog [aria-selected=true]")?.textContent === "Deliver a test webhook"`)
	p.Do(chromedp.KeyEvent(kb.Enter))
	p.Wait(`document.querySelectorAll("li[data-delivery][data-status=delivered]").length === 3`)
	p.Want(`document.querySelectorAll("li[data-note=endpoint]").length === 1`) // the endpoint that it has is used
	p.Tool("tour")
	p.Wait(`!document.querySelector("#first").hidden`)
}
