package mockserver_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

const atOnce = `
scenario: at-once
provider: identitypass
rules:
  - on: verifyBVN
    reply: {example: success}
    then: {send: verification.completed}
  - on: verifyBVNBasic
    reply: {example: success, delay: 10s}
    then: {send: verification.completed}
`

// A receiver that does not respond blocks its own endpoint only.
func TestSlowEndpoint(t *testing.T) {
	t.Parallel()
	s := begin(t, atOnce)
	a, slow := with(t, s, "slow")
	fast := s.NewReceiver()
	a.Webhook(provider, fast.URL)
	answer := make(chan struct{})
	slow.Answer(mockservertest.Response{Until: answer}, mockservertest.Response{})

	const calls = 5
	for range calls {
		a.CallAs("at-once", provider, bvn, number(found))
	}
	for range calls {
		fast.Next()
	}
	slow.Next()
	if got := slow.Got(); len(got) != 1 {
		t.Errorf("the slow endpoint got %d while its first was not answered, want 1", len(got))
	}
	if b, r := with(t, s, "not_slow"); true {
		b.CallAs("at-once", provider, bvn, number(found))
		r.Next()
	}
	close(answer)
	a.Idle()
	if got := slow.Got(); len(got) != calls {
		t.Errorf("the slow endpoint got %d in the end, want %d", len(got), calls)
	}
	for i, d := range fast.Got() {
		if token := slow.Got()[i].Header.Get("Token"); d.Header.Get("Token") != token {
			t.Errorf("delivery %d is of %s at one endpoint and of %s at the other", i+1, d.Header.Get("Token"), token)
		}
	}
}

// heldWriter is a client that has not read the response yet.
type heldWriter struct {
	header  http.Header
	reached chan struct{} // closed when the answer is about to be written
	release chan struct{}
	once    sync.Once
}

func (w *heldWriter) Header() http.Header { return w.header }
func (w *heldWriter) WriteHeader(int)     { w.once.Do(func() { close(w.reached) }); <-w.release }
func (w *heldWriter) Write(b []byte) (int, error) {
	return len(b), nil
}

// A webhook that a request triggers at once does not overtake the response.
func TestWebhookDoesNotOvertake(t *testing.T) {
	t.Parallel()
	s := begin(t, atOnce)
	a, r := with(t, s, "overtaken")
	w := &heldWriter{header: http.Header{}, reached: make(chan struct{}), release: make(chan struct{})}
	request := a.Request(provider, bvn, number(found))
	request.Header.Set("X-Idmock-Scenario", "at-once")
	var serving sync.WaitGroup
	serving.Go(func() { s.Handler().ServeHTTP(w, request) })
	<-w.reached
	// The delivery is planned and due. A second account's is delivered meanwhile.
	mockservertest.Wait[journal.Event](a, nil)
	b, other := with(t, s, "meanwhile")
	b.CallAs("at-once", provider, bvn, number(found))
	other.Next()
	if got := r.Got(); len(got) != 0 {
		t.Errorf("the webhook came before the answer was written: %v", got)
	}
	close(w.release)
	serving.Wait()
	r.Next()
}

// A delayed response follows the account's clock, and its webhooks wait for it.
func TestReplyDelay(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t, atOnce), "delayed")
	answered := make(chan mockservertest.Answer, 1)
	go func() { answered <- a.CallAs("at-once", provider, "verifyBVNBasic", number(found)) }()
	mockservertest.Wait[journal.Event](a, nil)
	a.Advance(10*time.Second - time.Nanosecond)
	select {
	case got := <-answered:
		t.Fatalf("answered too early: %d %s", got.Status, got.Body)
	default:
	}
	if got := r.Got(); len(got) != 0 {
		t.Fatalf("the webhook overtook the answer: %v", got)
	}
	a.Advance(time.Nanosecond) // and returns only once the delivery was made, which was after the answer
	if got := r.Got(); len(got) != 1 {
		t.Errorf("%d deliveries after the answer, want 1", len(got))
	}
	got := <-answered
	if ref := reference(t, got); ref != r.Next().Header.Get("Token") {
		t.Errorf("answered under %s, delivered under another reference", ref)
	}
}

// A request without a response ends when the client disconnects, and its run continues.
func TestHang(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t), "hangs")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	request := a.Request(provider, bvn, number(silent)).WithContext(ctx)
	go func() {
		reply, err := a.Server.HTTPClient().Do(request)
		if err == nil {
			_, err = io.Copy(io.Discard, reply.Body)
			reply.Body.Close()
		}
		ended <- err
	}()
	call := mockservertest.Wait[journal.Call](a, nil)
	if call.Status != 0 || call.Error == nil || call.Error.Kind != "hang" || call.Scenario != "timeout" {
		t.Errorf("the call in the journal: %+v, want one that is never answered", call)
	}
	select {
	case err := <-ended:
		t.Fatalf("the call ended by itself: %v", err)
	default:
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the call ended with %v, want it canceled by the client", err)
	}
	a.Advance(time.Minute)
	if got := r.Next(); got.Header.Get("Token") != call.Run {
		t.Errorf("the webhook is of %s, want %s", got.Header.Get("Token"), call.Run)
	}
	if polled := a.Call(provider, status, map[string]string{"reference": call.Run}).At("data.verification_status"); polled != "VERIFIED" {
		t.Errorf("polled %q, want VERIFIED", polled)
	}
}
