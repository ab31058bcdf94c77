package viewer_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// axe is who judges whether everybody can use the page.
const axe = "axe-core@4.14.1"

// axeSource fetches the script through npm, which keeps what it has fetched.
func axeSource(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	install := exec.CommandContext(t.Context(), "npm", "install", "--prefix", dir, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error", axe)
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm install %s: %v\n%s", axe, err, out)
	}
	source, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// testAccessible has axe judge every view of the page, in both colour schemes and at a phone's width, by WCAG 2.2 AA.
func testAccessible(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "?account="+key)
	source := axeSource(t)
	s.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error { // axe makes markup, which the page itself must not
		_, err := cdp.Call(ctx, t, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true})
		return err
	}))
	s.Do(chromedp.Reload())
	s.Eval(source, nil)
	serious := func() (found []string) {
		t.Helper()
		s.Eval(`axe.run(document, {runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}).then(({violations}) =>
			violations.filter((v) => v.impact === "serious" || v.impact === "critical")
				.map((v) => v.id + " (" + v.impact + "): " + v.help + "\n      " + v.nodes.map((n) => n.html.slice(0, 160) + " " + (n.any[0]?.message ?? "")).join("\n      ")))`, &found)
		return found
	}
	judge := func(view string) {
		t.Helper()
		if found := serious(); len(found) > 0 {
			t.Errorf("%s:\n    %s", view, strings.Join(found, "\n    "))
		}
	}
	s.Eval(`document.querySelector("main").append(Object.assign(document.createElement("button"), {id: "nameless"}))`, nil)
	if found := serious(); len(found) != 1 || !strings.HasPrefix(found[0], "button-name") {
		t.Errorf("a button without a name is judged %q", found)
	}
	s.Eval(`document.querySelector("#nameless").remove()`, nil)
	s.Wait(`document.querySelector("#play select").value`)
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
		s.Eval(`document.querySelectorAll("details.more").forEach((d) => (d.open = false))`, nil)
		s.Size(390, 844)
		judge(scheme + " details on a phone")
		s.Shot("details-phone-" + scheme)
		s.Click(`#detail button[name=close]`)
		judge(scheme + " list on a phone")
		s.Size(1280, 900)
		for _, window := range []string{"settings", "call", "send", "faults", "holds", "help"} {
			s.Click(`#tools button[name=` + window + `]`)
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
