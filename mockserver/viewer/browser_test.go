package viewer

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// browser starts one Chromium with a fresh profile. A machine without one fails the test: the page is a promise too.
func browser(t *testing.T) context.Context {
	t.Helper()
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
	return ctx
}

// page is one tab.
type page struct {
	t        *testing.T
	ctx      context.Context
	problems []string // exceptions, console errors and blocked content; read when the tab is closed
	expect   bool     // the test causes some itself
}

// open shows the stub's page in a tab with a profile of its own, and waits for the stream.
func open(t *testing.T, browser context.Context, s *stub, query string) *page {
	t.Helper()
	ctx, shut := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	p := &page{t: t}
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
		if len(p.problems) > 0 && !p.expect {
			t.Errorf("the browser complains:\n%s", strings.Join(p.problems, "\n"))
		}
	})
	limited, cancel := context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(cancel)
	p.ctx = limited
	p.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(s.server.URL+"/"+query))
	p.wait(`document.querySelector("#connection").dataset.state === "live" && document.querySelector("#play select").value`)
	return p
}

func (p *page) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// eval evaluates an expression, which may be a promise, and decodes its JSON into out unless that is nil.
func (p *page) eval(expression string, out any) {
	p.t.Helper()
	raw, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]byte](expression, chromedp.EvalAwaitPromise))
	if err == nil && out != nil {
		err = json.Unmarshal(raw, out)
	}
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
}

// wait returns once a condition holds; it is looked at again whenever something on the page changes.
func (p *page) wait(condition string) {
	p.t.Helper()
	var ok bool
	p.eval(`new Promise((done) => {
		const look = () => { if (!(`+condition+`)) return false; watch.disconnect(); clearTimeout(late); done(true); return true; };
		const watch = new MutationObserver(look);
		const late = setTimeout(() => { watch.disconnect(); done(false); }, 20000);
		if (!look()) watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
	})`, &ok)
	if !ok {
		var html string
		p.eval(`document.querySelector("#rows").outerHTML.slice(0, 3000) + document.querySelector("#detail").outerHTML.slice(0, 3000)`, &html)
		p.t.Fatalf("never came true: %s\n%s", condition, html)
	}
}

// seen waits until the page has worked in everything up to a Seq.
func (p *page) seen(seq uint64) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`Number(document.body.dataset.last) >= %d`, seq))
}

func (p *page) click(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

func (p *page) text(selector string) string {
	p.t.Helper()
	var s string
	p.eval(fmt.Sprintf(`document.querySelector(%q)?.textContent ?? "(not there)"`, selector), &s)
	return s
}

func (p *page) count(selector string) int {
	p.t.Helper()
	var n int
	p.eval(fmt.Sprintf(`document.querySelectorAll(%q).length`, selector), &n)
	return n
}

// want fails unless each expression is true.
func (p *page) want(expressions ...string) {
	p.t.Helper()
	for _, expression := range expressions {
		var got json.RawMessage
		p.eval(expression, &got)
		if string(got) != "true" {
			p.t.Errorf("%s is %s", expression, got)
		}
	}
}

// media chooses light or dark, without motion.
func (p *page) media(scheme string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		return err
	}))
}
