// Package viewertest drives the page in Chromium, for tests: a [Browser], and a [Page] that waits for conditions and fails the test for
// errors that the browser reports.
//
// It starts no server: callers pass the page's address.
package viewertest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"github.com/idmock/idmock/internal/testenv"
)

// Patience is the timeout of all actions on one page together, in wall time.
const Patience = 4 * time.Minute

// Browser is a Chromium process with a fresh profile.
type Browser struct{ ctx context.Context }

// Start starts a browser, with more options, that ends with the test. The test fails if Chromium is not installed.
func Start(t testing.TB, more ...chromedp.ExecAllocatorOption) *Browser {
	t.Helper()
	return &Browser{StartProcess(t, more...)}
}

// Share returns the browser of a context that [Launch] returned.
func Share(ctx context.Context) *Browser { return &Browser{ctx} }

// StartProcess starts Chromium with more options and returns a context for its tabs. It ends with the test.
func StartProcess(t testing.TB, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	testenv.Need(t, "chromium")
	ctx, stop, err := Launch(more...)
	t.Cleanup(stop)
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

// Launch starts Chromium for several tests. The caller ends it with stop, also after an error.
func Launch(more ...chromedp.ExecAllocatorOption) (ctx context.Context, stop func(), err error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-component-update", true))
	// Debian's headless shell needs half the processor time of its Chromium, which draws the browser's own window too.
	if path, err := exec.LookPath("chromium-headless-shell"); err == nil {
		options = append(options, chromedp.ExecPath(path))
	}
	ctx, endProcess := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	ctx, closeBrowser := chromedp.NewContext(ctx)
	stop = func() {
		closeBrowser()
		endProcess()
	}
	return ctx, stop, chromedp.Do(ctx)
}

// Page is a tab. Its methods fail the test instead of returning errors.
type Page struct {
	// Expect allows errors in the browser's console, which the test itself causes.
	Expect bool

	t       testing.TB
	mouse   [2]float64 // position of the last press, in CSS pixels
	ctx     context.Context
	console *Console
}

// Open opens an address in a tab with its own profile, 1280 by 900, and waits until the page is [Live].
func (b *Browser) Open(t testing.TB, url string) *Page {
	t.Helper()
	p := b.Tab(t)
	p.Go(url)
	return p
}

// Tab returns the tab of [Browser.Open] before it opens an address.
func (b *Browser) Tab(t testing.TB) *Page {
	t.Helper()
	ctx, shut := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	p := &Page{t: t, console: Listen(ctx)} // creates the tab, which must not have the time limit
	t.Cleanup(func() {
		shut()
		p.console.Ended()
		if problems := p.console.Problems(); len(problems) > 0 && !p.Expect {
			t.Errorf("the browser complains:\n%s", strings.Join(problems, "\n"))
		}
	})
	limited, cancel := context.WithTimeout(ctx, Patience)
	t.Cleanup(cancel)
	p.ctx = limited
	p.Do(chromedp.EmulateViewport(1280, 900))
	p.allowClipboard()
	return p
}

// allowClipboard lets pages write to the clipboard, as a browser with a window does.
func (p *Page) allowClipboard() {
	p.t.Helper()
	if _, err := chromedp.CallBrowser(p.ctx, browser.SetPermission, browser.SetPermissionParams{
		Permission:       &browser.PermissionDescriptor{Name: "clipboard-write"},
		Setting:          browser.PermissionSettingGranted,
		BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID,
	}); err != nil {
		p.t.Fatal(err)
	}
}

// Go opens another address and waits until the page is [Live].
func (p *Page) Go(url string) {
	p.t.Helper()
	p.Visit(url)
	p.Wait(Live)
}

// Arrive waits until the page that another page opens is [Live].
func (p *Page) Arrive() {
	p.t.Helper()
	p.Do(chromedp.WaitVisible(chromedp.CSS("#connection")))
	loaded := chromedp.Evaluate[chromedp.Void](`document.readyState === "complete" || new Promise((done) => addEventListener("load", () => done()))`, chromedp.EvalAwaitPromise)
	if interrupted, err := p.console.loaded(p.ctx, loaded); err != nil {
		p.t.Fatal(err)
	} else if interrupted {
		p.Reload()
	}
	p.Wait(Live)
}

// Visit opens an address of any page and waits until it is loaded.
func (p *Page) Visit(url string) {
	p.t.Helper()
	p.load(chromedp.Navigate(url))
}

// Reload loads the page again.
func (p *Page) Reload() {
	p.t.Helper()
	p.load(chromedp.Reload())
}

func (p *Page) load(action chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := p.console.Load(p.ctx, action); err != nil {
		p.t.Fatal(err)
	}
}

// Live is true once the page is connected and has loaded the scenarios.
const Live = `document.querySelector("#connection").dataset.state === "live" && document.body.dataset.ready !== undefined`

// Copies returns the text that the page copies to the clipboard during act.
func (p *Page) Copies(act func()) (text string) {
	p.t.Helper()
	p.Eval(`void (window.copied ??= navigator.clipboard.writeText = ((write) => (text) => {
		document.body.dataset.copied = text;
		return write.call(navigator.clipboard, text);
	})(navigator.clipboard.writeText))`, nil)
	p.Eval(`document.body.removeAttribute("data-copied")`, nil)
	act()
	p.Wait(`document.body.hasAttribute("data-copied") && document.querySelector("#status").textContent === "Copied"`)
	p.Eval(`document.body.dataset.copied`, &text)
	return text
}

// Shot saves a screenshot in the directory TEST_ARTEFACTS, if that is set.
func (p *Page) Shot(name string) {
	p.t.Helper()
	dir := os.Getenv("TEST_ARTEFACTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644)
	}
	if err != nil {
		p.t.Errorf("screenshot %s: %v", name, err)
	}
}
