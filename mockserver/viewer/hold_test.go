package viewer_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

const confirmed = "verification.completed"

// testHold holds and releases webhooks, all due ones and a single one.
func testHold(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "?account="+key)
	s.account.Webhook("prembly", s.receiver.URL)
	s.Wait(`document.querySelector("li[data-note=endpoint]")`)
	s.Do(chromedp.KeyEvent("w"))
	s.Wait(`document.querySelector("dialog[data-dialog=holds] li.quiet")`)
	s.Fill(`dialog select[name=provider]`, "prembly")
	s.Want(`document.querySelectorAll("dialog select[name=endpoint] option").length === 2`)
	s.Click(`dialog button[name=hold-on]`)
	s.Wait(`document.querySelector("dialog li[data-hold]")?.textContent.includes("prembly of ` + key + `")`)
	s.Shot("holds")
	s.Click(`dialog button[name=dialog-close]`)
	s.Wait(`document.querySelector("#holding:not([hidden])")?.dataset.held === "0"`)

	first := s.account.Send("prembly", confirmed, nil)[0]
	second := s.account.Send("prembly", confirmed, nil)[0]
	s.Wait(`document.querySelectorAll("#rows > li[data-status=held]").length === 2 && document.querySelector("#holding").dataset.held === "2"`)
	s.Want(`document.querySelector("#holding p").textContent === "2 webhooks held. Active holds: prembly of `+key+`"`,
		`[...document.querySelectorAll("#rows > li[data-status=held]")].every((row) => row.querySelector(".due").textContent === "" &&
			row.querySelector("button[name=advance-to]").hidden && !row.querySelector("button[name=release]").hidden)`)
	s.Press(`li[data-delivery="` + second + `"] button[name=open]`)
	s.Wait(`document.querySelector("#detail .ahead")?.textContent.includes("Held. After its release")`)
	s.Want(`document.querySelector("#detail .trace [data-step=held]").textContent.includes("Held by an active hold")`, `!document.querySelector("#detail button[name=hold]")`)
	s.Shot("held")
	s.Size(390, 844)
	s.Shot("held-narrow")
	s.Click(`#detail button[name=close]`)
	s.Shot("held-narrow-list")
	s.Size(1280, 900)
	s.Media("dark")
	s.Press(`li[data-delivery="` + second + `"] button[name=open]`)
	s.Shot("held-dark")
	s.Do(chromedp.KeyEvent("h")) // releases the open row, ahead of the first
	s.Wait(`document.querySelector("li[data-delivery='` + second + `']").dataset.status === "delivered" && document.querySelector("#status").textContent.endsWith(" released")`)
	s.Wait(`document.querySelector("#holding").dataset.held === "1"`)
	s.Want(`document.querySelector("li[data-delivery='` + first + `']").dataset.status === "held"`)
	s.Press(`#holding button[name=release-all]`)
	s.Wait(`document.querySelector("li[data-delivery='` + first + `']").dataset.status === "delivered" && document.querySelector("#holding").hidden`)
	if got := len(s.receiver.Got()); got != 2 {
		t.Errorf("%d came, want 2", got)
	}

	off := s.account.Fault(control.Fault{Fault: "delay", Args: map[string]string{"by": "30s"}})
	late := s.account.Send("prembly", confirmed, nil)[0]
	off()
	row := `document.querySelector("li[data-delivery='` + late + `']")`
	s.Wait(row + `?.dataset.status === "planned"`)
	s.Press(`li[data-delivery="` + late + `"] button[name=open]`)
	s.Press(`#detail button[name=hold]`)
	s.Wait(row + `.dataset.status === "held" && document.querySelector("#holding").dataset.held === "1"`)
	s.account.Advance(time.Minute)
	s.Fill(`#filter select[name=outcome]`, "held")
	s.Want(`document.querySelectorAll("#rows > li").length === 1`)
	s.Press(`li[data-delivery="` + late + `"] button[name=release]`)
	s.Wait(`document.querySelector("#detail .trace [data-step=good]") && document.querySelector("#detail .badge").textContent === "Delivered"`)
	s.Want(`[...document.querySelectorAll("#detail .trace [data-step=held]")].map((li) => li.lastChild.textContent).join() === "Held manually,Released"`)
}

// testHoldOfAllAccounts ends holds of all accounts from the page of one account.
func testHoldOfAllAccounts(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "?account="+key)
	s.account.Webhook("prembly", s.receiver.URL)
	s.server.DefaultAccount().Hold(control.Hold{})
	s.account.Send("prembly", confirmed, nil)
	s.Wait(`document.querySelector("#holding:not([hidden]) p")?.textContent === "1 webhook held. Active holds: all webhooks of all accounts"`)
	s.Do(chromedp.KeyEvent("g"))
	s.Wait(`document.querySelector("#status").textContent === "1 webhook released" && document.querySelector("#holding").hidden`)
	s.Wait(`document.querySelector("#rows > li[data-status=delivered]")`)
}
