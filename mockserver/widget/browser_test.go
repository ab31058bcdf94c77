package widget_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// shared is the browser of all tests that need no options of their own. TestMain ends it.
var shared = sync.OnceValues(func() (context.Context, error) {
	ctx, stop, err := viewertest.Launch()
	stopShared = stop
	return ctx, err
})

var stopShared = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	stopShared()
	os.Exit(code)
}

// browser returns the shared browser.
func browser(t *testing.T) context.Context {
	t.Helper()
	testenv.Need(t, "chromium")
	ctx, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

// app is a web app with another origin than the mock.
func app(t *testing.T, html string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "favicon.ico") {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<!doctype html><html lang=en><title>app</title><body>%s</body></html>", html)
	}))
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

// tab is a tab with a profile of its own.
type tab struct {
	t      *testing.T
	ctx    context.Context
	record *viewertest.Console
}

func newTab(t *testing.T, browser context.Context) *tab {
	t.Helper()
	ctx, shut := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	p := &tab{t: t, record: viewertest.Listen(ctx)} // creates the tab, which must not have the time limit
	t.Cleanup(func() {
		shut()
		p.record.Ended()
	})
	limited, cancel := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	p.ctx = limited
	return p
}

// steady runs a story and returns its result. It runs the story again while a change of the network interrupts one of its requests: the
// vendors' scripts report that like a failure of the server.
func (p *tab) steady(story func() string) (result string) {
	p.t.Helper()
	for range 10 {
		p.forget()
		result = story()
		if len(p.console("net::ERR_NETWORK_CHANGED")) == 0 {
			break
		}
	}
	return result
}

// hears waits until the console has logged a text, and returns how often.
func (p *tab) hears(text string) int {
	p.t.Helper()
	n, err := p.record.Hear(p.ctx, text)
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// console returns the messages that contain a text.
func (p *tab) console(text string) []string { return p.record.Said(text) }

// forget empties the console.
func (p *tab) forget() { p.record.Forget() }

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

func (p *tab) open(url string) {
	p.t.Helper()
	if err := p.record.Load(p.ctx, chromedp.Navigate(url)); err != nil {
		p.t.Fatal(err)
	}
}

// eval evaluates an expression, which may be a promise, and returns its JSON.
func (p *tab) eval(expression string) string {
	p.t.Helper()
	raw, err := chromedp.Run(p.ctx, chromedp.Evaluate[json.RawMessage](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return string(raw)
}

// ends returns the value or the reason of a settled promise.
func (p *tab) ends(promise string) string {
	p.t.Helper()
	return p.eval(`(` + promise + `).then((v) => ({resolved: v}), (e) => ({rejected: e instanceof Error ? String(e) : e}))`)
}

// want fails the test unless an expression has this JSON.
func (p *tab) want(expression, want string) {
	p.t.Helper()
	if got := p.eval(expression); got != want {
		p.t.Errorf("%s is %s, want %s", expression, got, want)
	}
}

// openUntil opens a page that loads more scripts later, and returns once a condition holds.
func (p *tab) openUntil(url, condition string) {
	p.t.Helper()
	wait := chromedp.Evaluate[chromedp.Void](until(condition), chromedp.EvalAwaitPromise)
	if err := p.record.LoadUntil(p.ctx, chromedp.Navigate(url), wait); err != nil {
		p.t.Fatal(err)
	}
	p.wait(condition)
}

// until is a promise of whether a condition comes true.
func until(condition string) string {
	return `new Promise((done) => {
		const until = Date.now() + 120000;
		const look = () => { if (` + condition + `) done(true); else if (Date.now() > until) done(false); else requestAnimationFrame(look); };
		look();
	})`
}

// wait returns once a condition holds.
func (p *tab) wait(condition string) {
	p.t.Helper()
	if got := p.eval(until(condition)); got != "true" {
		p.t.Fatalf("never came true: %s\n%s", condition, p.eval(`document.body.outerHTML.slice(0, 2000)`))
	}
}

var began = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// begin starts a server with the built-in providers and frozen clocks.
func begin(t *testing.T) *mockservertest.Server {
	t.Helper()
	return mockservertest.Start(t, mockserver.Config{Start: began, Frozen: true})
}

// credential returns an account's credential for a provider.
func credential(t *testing.T, a *mockservertest.Account, provider, name string) string {
	t.Helper()
	var all []control.Account
	if err := json.Unmarshal(a.Server.DefaultAccount().Control(http.MethodGet, "/accounts", nil).Body, &all); err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if one.Name == a.Name {
			return one.Credentials[provider][name]
		}
	}
	t.Fatalf("no account %s", a.Name)
	return ""
}
