package viewertest

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// Do runs actions.
func (p *Page) Do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// Eval evaluates an expression, which may be a promise, and decodes its JSON into out unless that is nil.
func (p *Page) Eval(expression string, out any) {
	p.t.Helper()
	raw, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]byte](expression, chromedp.EvalAwaitPromise))
	if err == nil && out != nil {
		err = json.Unmarshal(raw, out)
	}
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
}

// Wait returns once a condition holds. It is evaluated again whenever the page changes.
func (p *Page) Wait(condition string) {
	p.t.Helper()
	var ok bool
	p.Eval(`new Promise((done) => {
		const look = () => { if (!(`+condition+`)) return false; watch.disconnect(); clearTimeout(late); done(true); return true; };
		const watch = new MutationObserver(look);
		const late = setTimeout(() => { watch.disconnect(); done(false); }, 45000);
		if (!look()) watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
	})`, &ok)
	if !ok {
		var html string
		p.Eval(`(document.querySelector("dialog[open]")?.outerHTML ?? "").slice(0, 3000) + document.querySelector("#status").outerHTML +
			document.querySelector("#rows").outerHTML.slice(0, 3000) + document.querySelector("#detail").outerHTML.slice(0, 3000)`, &html)
		p.t.Fatalf("never came true: %s\n%s", condition, html)
	}
}

// Seen waits until the page has rendered all entries up to a Seq.
func (p *Page) Seen(seq uint64) {
	p.t.Helper()
	p.Wait(fmt.Sprintf(`Number(document.body.dataset.last) >= %d`, seq))
}

// Click clicks the only element that matches a selector, once it is visible.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.Do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Tool opens the menu of tools and clicks one of its buttons.
func (p *Page) Tool(name string) {
	p.t.Helper()
	p.Click(`button[name=tools]`)
	p.Click(`#tools button[name=` + name + `]`)
}

// Fill sets the value of a control, once it exists, and dispatches its events, as typing would.
func (p *Page) Fill(selector, value string) {
	p.t.Helper()
	p.Wait(fmt.Sprintf(`document.querySelector(%q)`, selector))
	p.Eval(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.value = %q;
		e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); })()`, selector, value), nil)
}

// Text returns the text of the first element that matches a selector.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	var s string
	p.Eval(fmt.Sprintf(`document.querySelector(%q)?.textContent ?? "(not there)"`, selector), &s)
	return s
}

// Count returns the number of elements that match a selector.
func (p *Page) Count(selector string) int {
	p.t.Helper()
	var n int
	p.Eval(fmt.Sprintf(`document.querySelectorAll(%q).length`, selector), &n)
	return n
}

// Want fails the test unless each expression is true.
func (p *Page) Want(expressions ...string) {
	p.t.Helper()
	for _, expression := range expressions {
		var got json.RawMessage
		p.Eval(expression, &got)
		if string(got) != "true" {
			p.t.Errorf("%s is %s", expression, got)
		}
	}
}

// Media selects the color scheme, without motion.
func (p *Page) Media(scheme string) {
	p.t.Helper()
	p.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		return err
	}))
}

// Size sets the window's size, in CSS pixels.
func (p *Page) Size(width, height int64) {
	p.t.Helper()
	p.Do(chromedp.EmulateViewport(width, height))
}

// Press presses an element without a pointer, for elements that may move as rows arrive.
func (p *Page) Press(selector string) {
	p.t.Helper()
	p.Wait(fmt.Sprintf(`document.querySelector(%q)`, selector))
	p.Eval(fmt.Sprintf(`document.querySelector(%q).click()`, selector), nil)
}

// Down presses the mouse in the middle of the first element that matches a selector; [Page.Up] releases it there.
func (p *Page) Down(selector string) {
	p.t.Helper()
	p.Wait(fmt.Sprintf(`document.querySelector(%q)`, selector))
	p.Eval(fmt.Sprintf(`(() => { const r = document.querySelector(%q).getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`, selector), &p.mouse)
	p.Do(chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, p.mouse[0], p.mouse[1], chromedp.ButtonLeft, chromedp.ClickCount(1)))
}

// Up releases the mouse at its position.
func (p *Page) Up() {
	p.t.Helper()
	p.Do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, p.mouse[0], p.mouse[1], chromedp.ButtonLeft, chromedp.ClickCount(1)))
}
