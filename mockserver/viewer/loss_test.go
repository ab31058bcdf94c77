package viewer_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// The network fails for more than ten seconds in the middle of hundreds of deliveries: the page still shows each of them once.
func testLoss(t *testing.T, b *viewertest.Browser) {
	const deliveries = 400 // more than the list shows at once
	server := mockservertest.Start(t, mockserver.Config{Start: began, Frozen: true, Logger: slog.New(slog.DiscardHandler)})
	receiver := mockservertest.NewReceiver(t)
	a := server.Account(key)
	ep := a.Webhook("prembly", receiver.URL)
	ep.Switches = map[string]string{"policy": "quick"} // the attempt that blocks can time out, and is repeated
	if _, err := a.Server.Control().Endpoints.SetEndpoint(t.Context(), ep); err != nil {
		t.Fatal(err)
	}
	for n := range deliveries {
		a.Call("prembly", "verifyBVN", map[string]any{"number": fmt.Sprintf("3%010d", n)})
	}
	cable := newProxy(t, server.URL())
	p := b.Open(t, cable.URL+"/?show=delivery")
	p.Expect = true // the browser logs failures
	p.Wait(`document.querySelector("#count").textContent.endsWith(" 400 requests")`)

	// The receiver blocks in the middle until the cable is cut.
	reached, cut := make(chan struct{}), make(chan struct{})
	receiver.AnswerWith(func(d mockservertest.Delivery) mockservertest.Response {
		if d.N == deliveries/2 {
			close(reached)
			return mockservertest.Response{Until: cut}
		}
		return mockservertest.Response{}
	})
	settled := make(chan int)
	go func() { settled <- a.Advance(2 * time.Second) }()
	<-reached
	p.Wait(`document.querySelectorAll("li[data-delivery][data-status=delivered]").length > 50`)
	cable.set(true)
	p.Wait(`document.querySelector("#connection").dataset.state === "lost"`)
	lost := time.Now()
	close(cut)
	<-settled
	if reported := mockservertest.Entries[journal.Delivery](a); len(reported) != deliveries {
		t.Fatalf("%d deliveries ended, want %d", len(reported), deliveries)
	}
	for time.Since(lost) < 10*time.Second { // the page's backoff grows with each try
		<-cable.refused
	}
	cable.set(false)
	p.Wait(`document.querySelector("#connection").dataset.state === "live"`)
	p.Wait(`document.querySelector("#count").textContent === "400 deliveries · 400 requests"`)
	p.Eval(`(async () => { while (!document.querySelector("#older").hidden) document.querySelector("#older").click(); })()`, nil)
	p.Wait(`document.querySelectorAll("#rows > li[data-delivery][data-status=delivered]").length === 400`)
	p.Want(`new Set([...document.querySelectorAll("#rows > li[data-delivery]")].map((li) => li.dataset.delivery)).size === 400`,
		`document.querySelectorAll("#rows > li[data-delivery]").length === 400`, `!document.querySelector("li[data-note=gap]")`)
}
