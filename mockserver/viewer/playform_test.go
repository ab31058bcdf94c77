package viewer_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// begins is a scenario with a start rule that takes any data.
const begins = `scenario: begins
provider: prembly
rules:
  - on: start
    set: {reported: "${body.word}"}
variables: {reported: any}
`

// A scenario is played with a form of its request's parameters, or with data if it has a start rule.
func testPlayFromAForm(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "?account="+key)
	given := s.account.Control("POST", "/scenarios", map[string]any{"files": []map[string]string{{"name": "begins.yaml", "text": begins}}})
	if given.Status != 200 {
		t.Fatalf("%d %s", given.Status, given.Body)
	}
	s.Click(`button[name=play]`)
	s.Fill(`dialog select[name=provider]`, "prembly")
	s.Fill(`dialog select[name=scenario]`, "pending-then-confirmed")
	s.Wait(`document.querySelector("dialog[data-dialog=play] [data-operation] input[data-subject]")?.value.length === 11`) // the documented example
	s.Want(`document.querySelector("#scenario-about").textContent.includes("pending")`)
	s.Shot("play-form")
	s.Fill(`dialog input[data-subject]`, "98765432109")
	s.Click(`dialog button[name=play-send]`)
	s.Wait(`!document.querySelector("dialog") && document.querySelector("#status").textContent.startsWith("Played pending-then-confirmed, response 200")`)
	call := mockservertest.Wait[journal.Call](s.account, nil)
	if !strings.Contains(string(call.Request.Body.Bytes), "98765432109") || call.Scenario != "pending-then-confirmed" {
		t.Errorf("the call is %s by %s", call.Request.Body.Bytes, call.Scenario)
	}

	s.Click(`button[name=play]`)
	s.Wait(`document.querySelector("dialog option[value=begins]")`)
	s.Fill(`dialog select[name=scenario]`, "begins")
	s.Wait(`document.querySelector("dialog textarea[name=body]")`)
	s.Fill(`dialog textarea[name=body]`, `{"word": `)
	s.Click(`dialog button[name=play-send]`)
	s.Wait(`document.querySelector("dialog .note[data-error]")?.textContent.startsWith("Data is not valid JSON")`)
	s.Fill(`dialog textarea[name=body]`, `{"word": "hello"}`)
	s.Click(`dialog button[name=play-send]`)
	s.Wait(`!document.querySelector("dialog") && document.querySelector("#status").textContent.startsWith("Played begins")`)
	reported := false
	for _, run := range mockservertest.Entries[journal.Run](s.account) {
		reported = reported || run.Scenario == "begins" && strings.Contains(string(run.State), `"reported":"hello"`)
	}
	if !reported {
		t.Error("the run does not have what it was given")
	}
	s.Do(chromedp.KeyEvent("p"))
	s.Do(chromedp.KeyEvent(kb.Escape))
	s.Wait(`!document.querySelector("dialog")`)
}
