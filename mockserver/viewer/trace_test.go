package viewer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

func testTrace(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "")
	s.receiver.Answer(mockservertest.Response{Status: 503, Body: "busy"}, mockservertest.Response{Body: `{"ok":true}`})
	s.verify("prembly")
	s.Wait(`document.querySelector("li[data-call]")`)
	s.Press(`li[data-call] button[name=open]`)
	s.Wait(`document.querySelector("#detail .ahead .due")?.textContent === "in 30 s"`)
	s.account.Advance(30 * time.Second) // the sending step, and the failed attempt
	s.Wait(`document.querySelector("li[data-delivery]")?.dataset.status === "retrying"`)
	s.Press(`li[data-delivery] button[name=open]`)

	// The steps so far, and the next one.
	s.Wait(`document.querySelector("#detail .signature")?.dataset.signature === "valid"`)
	var story []string
	s.Eval(`[...document.querySelectorAll(".trace > li")].map((li) => li.dataset.step)`, &story)
	if got := strings.Join(story, " "); got != "call run run planned bad next" {
		t.Errorf("the trace tells: %s", got)
	}
	s.Want(`document.querySelector(".trace [data-step=call]").textContent.includes("→ 200")`,
		`document.querySelectorAll(".trace [data-step=run]")[1].textContent.includes("PENDING → VERIFIED")`,
		`document.querySelector(".trace [data-step=planned]").textContent.includes("Planned by pending-then-confirmed (pending-then-confirmed:")`,
		`document.querySelector(".trace [data-step=bad]").textContent.includes("Attempt 1 → 503, not accepted")`,
		`document.querySelector(".trace [data-step=next] .due").textContent === "in 1 s"`,
		`document.querySelector("#detail .ahead").textContent.includes("Attempt 2 of 4 at")`,
		`document.querySelector("details[data-attempt='1']").textContent.includes("does not accept the response status")`)
	var moments []string
	s.Eval(`[...document.querySelectorAll("details[data-attempt='1'] tr[data-moment]")].map((tr) => tr.dataset.moment)`, &moments)
	if got := strings.Join(moments, " "); got != "planned sent connected written first-byte done" {
		t.Errorf("the attempt's time line tells: %s", got)
	}

	// Each time says whether it is the account's or the wall's.
	s.Want(`[...document.querySelectorAll("#trace .times span")].map((span) => span.textContent).join() === "Account time,Wall time"`,
		`[...document.querySelectorAll(".trace [data-step=bad] time")].every((time) => time.textContent !== "")`,
		`[...document.querySelectorAll("details[data-attempt='1'] .moments thead th")].map((th) => th.textContent).join() === "Moment,Account time,Wall time,After"`,
		`[...document.querySelectorAll("details[data-attempt='1'] tr[data-moment=sent] td")][1].textContent !== ""`,
		`document.querySelector("#detail .ahead").textContent.includes("account time")`)

	// The signature can be recomputed on the page and in a shell.
	carried := s.receiver.Got()[0].Header.Get("X-Prembly-Signature")
	command := s.Copies(func() { s.Click(`#detail button[name=copy-command]`) })
	if got := shell(t, command); carried == "" || got != carried {
		t.Errorf("%s\nprints %q, want %q", command, got, carried)
	}
	// The request can be repeated from a shell.
	command = s.Copies(func() { s.Click(`[data-message=request] button[name=copy-curl]`) })
	if out := shell(t, command+" -s"); !strings.HasSuffix(out, `{"ok":true}`) {
		t.Errorf("%s\nprints %s", command, out)
	}
	first, again := s.receiver.Got()[0], s.receiver.Got()[1]
	if string(again.Body) != string(first.Body) || again.Header.Get("X-Prembly-Signature") != carried || again.Method != first.Method || again.Path != first.Path {
		t.Errorf("curl sent %v with %v, the server had sent %v with %v", again, again.Header, first, first.Header)
	}
	if got := s.Copies(func() { s.Click(`[data-message=request] button[name=copy-body]`) }); got != string(first.Body) {
		t.Errorf("the body that is copied is %s, what was sent is %s", got, first.Body)
	}
	s.Click(`[data-message=request] button[name=both]`)
	s.Want(fmt.Sprintf(`document.querySelector("[data-message=request] pre[data-as=exact]").textContent === %q`, first.Body),
		`document.querySelector("[data-message=request] pre[data-as=pretty]").textContent.includes("\n  ")`)

	// A deep link opens the same delivery in another tab.
	var link string
	s.Eval(`location.href`, &link)
	other := s.browser.Open(t, link)
	other.Wait(`document.querySelector("#detail").dataset.detail === document.querySelector("li[data-delivery]")?.dataset.delivery && !document.querySelector("#detail").hidden`)

	s.Click(`#detail button[name=advance-to]`)
	s.Wait(`document.querySelector("li[data-delivery]").dataset.status === "delivered"`)
	s.Wait(`document.querySelector("#detail .ahead").textContent.includes("the receiver accepted attempt 2")`)
	s.Shot("trace-wide")
	s.Media("dark")
	s.Shot("trace-dark")
	s.Size(390, 844)
	s.Shot("trace-narrow-dark")
	s.Media("light")
	s.Click(`#detail button[name=close]`)
	s.Shot("list-narrow")
	s.Size(1280, 800)
	s.account.Call("prembly", "verifyBVN", map[string]any{"number": "12345678901"})
	s.account.Advance(time.Second)
	s.account.Call("prembly", "verifyNIN", map[string]any{"number_nin": "22222222222"})
	s.Wait(`document.querySelectorAll("li[data-call]").length === 3`)
	s.Press(`li[data-delivery][data-attempts="2"] button[name=open]`)
	s.Wait(`document.querySelector("#detail .signature")?.dataset.signature === "valid"`)
	s.Eval(`document.activeElement.blur()`, nil)
	s.Shot("page")
}
