// Package viewertest drives the page in Chromium, for tests: a [Browser], and a [Page] that waits for what it is to show
// and complains of whatever the browser complains of.
//
// It knows no server. Whoever opens a page says where.
package viewertest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/idmock/idmock/internal/testenv"
)

// Patience bounds everything that one page is asked for, in wall time.
const Patience = 4 * time.Minute

// Browser is one Chromium with a fresh profile.
type Browser struct{ ctx context.Context }

// Start starts a browser that ends with the test. A machine without one fails the test: the page is a promise too.
func Start(t testing.TB) *Browser {
	t.Helper()
	testenv.Need(t, "chromium")
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-component-update", true),
	)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start chromium (package chromium in Debian): %v", err)
	}
	return &Browser{ctx}
}

// Page is one tab. Its methods fail the test instead of returning errors.
type Page struct {
	// Expect says that the test itself causes errors in the browser's console.
	Expect bool

	t        testing.TB
	mouse    [2]float64 // where it was pressed last, in CSS pixels
	ctx      context.Context
	problems []string // exceptions, console errors and blocked content; read when the tab is closed
}

// Open shows an address in a tab with a profile of its own, 1280 by 900, and waits until the page lives: it hears the
// server and knows what can be played.
func (b *Browser) Open(t testing.TB, url string) *Page {
	t.Helper()
	p := b.Tab(t)
	p.Go(url)
	return p
}

// Tab is [Browser.Open] before anything is shown.
func (b *Browser) Tab(t testing.TB) *Page {
	t.Helper()
	ctx, shut := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	p := &Page{t: t}
	messages := chromedp.Console(ctx) // makes the tab, which must not have the time limit
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleWarning {
				p.problems = append(p.problems, m.String())
			}
		}
	}()
	t.Cleanup(func() {
		shut()
		<-heard
		if len(p.problems) > 0 && !p.Expect {
			t.Errorf("the browser complains:\n%s", strings.Join(p.problems, "\n"))
		}
	})
	limited, cancel := context.WithTimeout(ctx, Patience)
	t.Cleanup(cancel)
	p.ctx = limited
	p.Do(chromedp.EmulateViewport(1280, 900))
	return p
}

// Go shows another address and waits until the page lives.
func (p *Page) Go(url string) {
	p.t.Helper()
	p.Do(chromedp.Navigate(url))
	p.Wait(Live)
}

// Live is true of a page that hears the server and knows what can be played.
const Live = `document.querySelector("#connection").dataset.state === "live" && document.querySelector("#play select").value`

// Copies returns what the page puts on the clipboard while act is carried out.
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

// Shot keeps a picture of the page, for people, where IDMOCK_ARTEFACTS says; without it, nowhere.
func (p *Page) Shot(name string) {
	p.t.Helper()
	dir := os.Getenv("IDMOCK_ARTEFACTS")
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
