package viewertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/idmock/idmock/internal/testenv"
)

// axe is the package of axe-core, which tests accessibility.
const axe = "axe-core@4.14.1"

// axeSource fetches the script with npm, once in a process.
var axeSource = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "axe")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory
	install := exec.Command("npm", "install", "--prefix", dir, "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--loglevel", "error", axe)
	if out, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm install %s: %w\n%s", axe, err, out)
	}
	source, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	return string(source), err
})

// Axe reloads the page with axe-core and returns a function that lists serious and critical violations of WCAG 2.2 AA in the current
// view: of an open dialog or popover, or else of the whole page. In the dark color scheme it tests colors only, as nothing else differs.
func (p *Page) Axe() (serious func() []string) {
	p.t.Helper()
	testenv.Need(p.t, "npm")
	source, err := axeSource()
	if err != nil {
		p.t.Fatal(err)
	}
	p.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error { // axe writes markup, which the page itself must not
		_, err := cdp.Call(ctx, t, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true})
		return err
	}))
	p.Reload()
	p.Eval(source, nil)
	return func() (found []string) {
		p.t.Helper()
		p.Eval(`axe.run(document.querySelector("dialog[open]") ?? document.querySelector(":popover-open") ?? document, {iframes: false, runOnly: matchMedia("(prefers-color-scheme: dark)").matches
			? {type: "rule", values: ["color-contrast", "link-in-text-block"]} : {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}).then(({violations}) =>
			violations.filter((v) => v.impact === "serious" || v.impact === "critical")
				.map((v) => v.id + " (" + v.impact + "): " + v.help + "\n      " + v.nodes.map((n) => n.html.slice(0, 160) + " " + (n.any[0]?.message ?? "")).join("\n      ")))`, &found)
		return found
	}
}
