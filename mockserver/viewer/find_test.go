package viewer_test

import (
	"fmt"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
	"testing"
	"time"
)

func testFind(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "")
	s.verify("prembly")
	s.verify("identitypass")
	s.account.Call("prembly", "verifyBVN", map[string]any{"number": "12345678901"})
	s.account.Advance(time.Minute)
	rows := func(n int) {
		t.Helper()
		s.Wait(fmt.Sprintf(`document.querySelectorAll("#rows > li:not(.note)").length === %d`, n))
	}
	rows(6)
	choose := func(name, value string, n int) {
		t.Helper()
		s.Wait(fmt.Sprintf(`[...document.querySelectorAll("#filter select[name=%s] option")].some((o) => o.value === %q)`, name, value))
		s.Fill(`#filter select[name=`+name+`]`, value)
		rows(n)
		s.Want(fmt.Sprintf(`new URL(location.href).searchParams.get(%q) === %q`, name, value))
	}
	choose("provider", "prembly", 4)
	choose("outcome", "delivered", 2)
	s.Click(`#filter-reset`)
	rows(6)
	s.Want(`location.search === ""`)
	choose("event", "verifyBVN", 3)
	s.Click(`#filter-reset`)
	choose("endpoint", s.receiver.URL+"/hooks/identitypass", 1)
	s.Click(`#filter-reset`)
	s.Fill(`#filter input[name=run]`, "12345678901") // a run by its subject
	rows(2)
	s.Click(`#filter-reset`)
	s.Fill(`#filter input[name=text]`, "X-IDENTITYPASS-signature") // in a header of an attempt
	rows(1)
	s.Fill(`#filter input[name=text]`, `"22222222222"`) // in bodies, of calls and of webhooks
	rows(4)

	// The URL contains the filter: it is the same in another tab, and applies to new rows.
	var address string
	s.Eval(`location.href`, &address)
	other := s.browser.Open(t, address)
	other.Wait(`document.querySelectorAll("#rows > li").length === 4 && document.querySelector("#filter input[name=text]").value === '"22222222222"'`)
	s.account.Call("prembly", "verifyBVN", map[string]any{"number": "12345678901"})
	s.account.Call("prembly", "verifyBVN", map[string]any{"number": "22222222222"})
	other.Wait(`document.querySelectorAll("#rows > li").length === 5`)

	// Filter by run, from its details.
	s.Click(`#filter-reset`)
	s.Press(`li[data-delivery] button[name=open]`)
	s.Press(`#detail button[name=only-run]`)
	rows(2)
	s.Click(`#filter-reset`)
}

func testPause(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "")
	s.verify("prembly")
	s.Wait(`document.querySelectorAll("#rows > li[data-call]").length === 1`)
	s.Click(`button[name=pause]`)
	for range 3 {
		s.account.Call("prembly", "verifyBVN", map[string]any{"number": "12345678901"})
	}
	s.Wait(`document.querySelector("button[name=pause]").textContent === "Resume (3 new)"`)
	s.Want(`document.querySelectorAll("#rows > li[data-call]").length === 1`)
	s.account.Advance(time.Minute) // shown rows are updated; new rows wait
	s.Wait(`document.querySelector("li[data-call]").dataset.outcome === "verified"`)
	s.Wait(`document.querySelector("button[name=pause]").textContent.startsWith("Resume (8 new)")`) // four deliveries and the clock
	s.Click(`button[name=pause]`)
	s.Wait(`document.querySelectorAll("#rows > li[data-call]").length === 4 && document.querySelectorAll("#rows > li[data-delivery]").length === 4`)
}
