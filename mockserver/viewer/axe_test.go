package viewer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// testAccessible checks every view of the page with axe by WCAG 2.2 AA, in both color schemes and at a phone's width.
func testAccessible(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "?account="+key)
	serious := s.Axe()
	judge := func(view string) {
		t.Helper()
		if found := serious(); len(found) > 0 {
			t.Errorf("%s:\n    %s", view, strings.Join(found, "\n    "))
		}
		if !strings.HasPrefix(view, "dark ") || strings.Contains(view, "list") || strings.Contains(view, "details") || strings.Contains(view, "settings") {
			s.Shot("view-" + strings.ReplaceAll(view, " ", "-"))
		}
	}
	s.Eval(`document.querySelector("main").append(Object.assign(document.createElement("button"), {id: "nameless"}))`, nil)
	if found := serious(); len(found) != 1 || !strings.HasPrefix(found[0], "button-name") {
		t.Errorf("a button without a name is judged %q", found)
	}
	s.Eval(`document.querySelector("#nameless").remove()`, nil)
	s.Wait(viewertest.Live)
	judge("empty")
	s.receiver.Answer(mockservertest.Response{Status: 503})
	s.verify("prembly")
	s.account.Advance(31 * time.Second)
	s.account.Call("prembly", "verifyBVN", "not JSON")
	s.Wait(`document.querySelector("li[data-delivery][data-status=retrying]") && document.querySelectorAll("li[data-call]").length === 2`)
	s.account.Hold(control.Hold{})
	s.account.Send("prembly", confirmed, nil)
	s.Wait(`document.querySelector("li[data-status=held]") && document.querySelector("#holding[data-held='1']")`)
	for _, scheme := range []string{"light", "dark"} {
		s.Media(scheme)
		judge(scheme + " list")
		s.Press(`li[data-status=retrying] button[name=open]`)
		s.Wait(`document.querySelector("#detail .signature")?.dataset.signature`)
		s.Eval(`document.querySelectorAll("details").forEach((d) => (d.open = true))`, nil)
		judge(scheme + " details")
		s.Size(1440, 900)
		s.Shot("view-" + scheme + "-details-1440")
		s.Size(1280, 900)
		s.Size(390, 844)
		judge(scheme + " details on a phone")
		s.Shot("details-phone-" + scheme)
		s.Click(`#detail button[name=close]`)
		judge(scheme + " list on a phone")
		s.Size(1280, 900)
		for _, menu := range []string{"clock", "filter", "tools"} {
			s.Click(`button[name=` + menu + `]`)
			judge(scheme + " menu " + menu)
			s.Do(chromedp.KeyEvent(kb.Escape))
		}
		for _, window := range []string{"settings", "call", "send", "faults", "holds", "help", "palette", "connect"} {
			s.Tool(window)
			s.Wait(`document.querySelector("dialog[open]")`)
			if window == "settings" || window == "call" {
				s.Wait(`document.querySelectorAll("dialog input").length > 0`)
			}
			judge(fmt.Sprintf("%s %s", scheme, window))
			s.Do(chromedp.KeyEvent(kb.Escape))
			s.Wait(`!document.querySelector("dialog")`)
		}
	}
}
