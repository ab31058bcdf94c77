package viewer

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// above lists the controls that are visible above the first row.
const above = `(() => {
	const top = document.querySelector("#rows > li").getBoundingClientRect().top;
	return [...document.querySelectorAll("button, input, select, a, summary")].filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.matches(".skip") &&
		e.getBoundingClientRect().bottom <= top).map((e) => e.name || e.id || e.textContent);
})()`

const firstRow = `document.querySelector("#rows > li").getBoundingClientRect().top`

// testHeader measures what is above the first row, and uses the menus and the palette.
func testHeader(t *testing.T, s *stub, p *viewertest.Page) {
	p.Seen(s.add(t, "demo", call(1), run(1, "", `{"status":"PENDING"}`), event(1), attempt(1, 1, 503), call(2)))
	for _, c := range []struct {
		width, height int64
		most          float64
	}{{1280, 800, 130}, {390, 844, 200}} {
		p.Size(c.width, c.height)
		var controls []string
		var top float64
		p.Eval(above, &controls)
		p.Eval(firstRow, &top)
		if len(controls) > 8 || top > c.most {
			t.Errorf("at %d by %d, the first row begins at %.0f px, below %d controls: %q; want at most %.0f px and 8", c.width, c.height, top, len(controls), controls, c.most)
		}
	}
	p.Size(1280, 900)

	open := func(menu string) string { return `document.querySelector("#` + menu + `").matches(":popover-open")` }
	for button, menu := range map[string]string{"clock": "clock", "tools": "tools", "filter": "filters"} {
		p.Click(`button[name=` + button + `]`)
		p.Wait(open(menu) + ` && document.querySelector("button[name=` + button + `]").ariaExpanded === "true"`)
		p.Want(`document.querySelector("#` + menu + `").contains(document.activeElement)`)
		p.Do(chromedp.KeyEvent(kb.Escape))
		p.Wait(`!` + open(menu))
		p.Click(`button[name=` + button + `]`)
		p.Wait(open(menu))
		p.Click(`#top h1`) // anywhere else
		p.Wait(`!` + open(menu))
	}

	find := func(query, first string) {
		t.Helper()
		p.Do(chromedp.KeyEvent("k", chromedp.KeyModifiers(2))) // Ctrl
		p.Wait(`document.querySelector("dialog[data-dialog=palette]")`)
		p.Fill(`dialog input[name=query]`, query)
		p.Wait(`document.querySelector("dialog [aria-selected=true] .label")?.textContent === "` + first + `"`)
		p.Do(chromedp.KeyEvent(kb.Enter))
		p.Wait(`!document.querySelector("dialog[data-dialog=palette]")`)
	}
	find("faults", "Faults…")
	p.Wait(`document.querySelector("dialog[data-dialog=faults]")`)
	p.Do(chromedp.KeyEvent(kb.Escape))
	p.Wait(`!document.querySelector("dialog")`)
	find("acme pending", "Play acme / pending-then-confirmed")
	p.Wait(`document.querySelector("#status").textContent.startsWith("Played pending-then-confirmed")`)
	find("delivery d-1", "Delivery verification.completed")
	p.Wait(`document.querySelector("#detail").dataset.detail === "d-1"`)
	find("run REF-1", "Run REF-1")
	p.Wait(`document.querySelector("#filter input[name=run]").value === "r-1"`)
	find("provider other", "Provider: Other")
	p.Wait(`document.querySelector("#filter select[name=provider]").value === "other"`)
	if got := s.did(); !slices.Contains(got, `play {"provider":"acme","scenario":"pending-then-confirmed"}`) {
		t.Errorf("the palette played %q", got)
	}
}
