package viewer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// late is a scenario that a test uploads while the server runs: its only rule is on line 5.
const late = `scenario: late
provider: prembly
description: Given late.
rules:
  - on: verifyBVN
    reply: {body: {detail: "<script>document.title = 'pwned'</script>"}}
    then:
      - after: 30s
        send: verification.completed
`

// A row shows the scenario file at the rule that played, built in or uploaded.
func testSource(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "?account="+key)
	s.verify("prembly")
	s.account.Advance(time.Minute)
	s.Wait(`document.querySelector("li[data-delivery][data-status=delivered]")`)
	s.Press(`li[data-delivery] button[name=open]`)
	s.Wait(`document.querySelector(".trace [data-step=planned]")`)
	var rule string
	s.Eval(`document.querySelector(".trace [data-step=planned]").textContent.match(/pending-then-confirmed:(\d+)/)[1]`, &rule)
	s.Press(`.trace button[name=show-source]`)
	s.Wait(`document.querySelector("dialog[data-dialog=source] pre")`)
	s.Want(`document.querySelector("dialog h2").textContent === "prembly/pending-then-confirmed"`,
		`document.querySelectorAll("dialog [data-marked]").length === 1`,
		fmt.Sprintf(`document.querySelector("dialog [data-marked]").dataset.line === %q`, rule),
		`document.querySelector("dialog [data-marked]").textContent.includes("- on:")`)
	s.Shot("source")
	s.Do(chromedp.KeyEvent(kb.Escape))
	s.Wait(`!document.querySelector("dialog")`)

	given := s.account.Control("POST", "/scenarios", map[string]any{"source": "test", "files": []map[string]string{{"name": "given/late.yaml", "text": late}}})
	if given.Status != 200 {
		t.Fatalf("%d %s", given.Status, given.Body)
	}
	s.account.CallAs("late", "prembly", "verifyBVN", map[string]any{"number": "12345678901"})
	s.Press(`li[data-call][data-scenario=late] button[name=open]`)
	s.Wait(`document.querySelector("#detail button[name=source]")`)
	s.Do(chromedp.KeyEvent("o"))
	s.Wait(`document.querySelector("dialog[data-dialog=source] pre")`)
	s.Want(`document.querySelector("dialog [data-marked]").textContent === "  - on: verifyBVN\n"`, `document.title !== "pwned"`)
	if got := s.Copies(func() { s.Click(`dialog button[name=source-copy]`) }); got != late {
		t.Errorf("the file is\n%s\nwant\n%s", got, late)
	}
	s.Click(`dialog button[name=dialog-close]`)

	// The default scenario plays requests without a rule in the scenario: its file is shown then.
	s.account.CallAs("late", "prembly", "verifyNIN", map[string]any{"number_nin": "12345678901"})
	s.Press(`li[data-call][data-operation=verifyNIN] button[name=open]`)
	s.Press(`#detail button[name=source]`)
	s.Wait(`document.querySelector("dialog[data-dialog=source] pre")`)
	s.Want(`document.querySelector("dialog h2").textContent === "prembly/default" && document.querySelector("dialog [data-marked]") !== null`)
	if got := s.Text(`dialog [data-marked]`); !strings.Contains(got, "- on:") {
		t.Errorf("the rule is %q", got)
	}
}
