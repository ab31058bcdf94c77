package mockservertest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// Receiver is a webhook receiver on its own port. It records deliveries in order and sends configured responses. It is
// safe for concurrent use.
type Receiver struct {
	URL string // to register; paths below it work too

	t      testing.TB
	closed chan struct{}
	mu     sync.Mutex
	got    []Delivery
	next   int           // index in got of the first that Next has not returned
	more   chan struct{} // closed when got grows; nil without waiters
	plan   []Response
	decide func(Delivery) Response
}

// Delivery is a request to a Receiver.
type Delivery struct {
	N      int // from 1
	Method string
	Path   string
	Header http.Header
	Body   []byte
	At     time.Time // wall time of its last byte
}

// Response is a response of a Receiver. The zero value is an immediate empty 200.
type Response struct {
	Status int // 0 means 200
	Header map[string]string
	Body   string
	Delay  time.Duration   // wall time before the response
	Until  <-chan struct{} // respond once this is closed; nil does not wait
}

// NewReceiver starts a receiver that responds 200, until the test ends.
func NewReceiver(t testing.TB) *Receiver {
	r := newReceiver(t, "")
	server := httptest.NewServer(r)
	r.URL = server.URL
	t.Cleanup(func() {
		close(r.closed) // cancels delayed responses
		server.Close()
	})
	return r
}

func newReceiver(t testing.TB, url string) *Receiver {
	return &Receiver{URL: url, t: t, closed: make(chan struct{})}
}

// Answer sets the responses to the next requests, in order. The last one repeats.
func (r *Receiver) Answer(plan ...Response) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.plan, r.decide = slices.Clone(plan), nil
}

// AnswerWith sets a function that returns the response to each request. Concurrent requests call it concurrently.
func (r *Receiver) AnswerWith(decide func(Delivery) Response) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.plan, r.decide = nil, decide
}

// ServeHTTP records a request and responds.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return // client disconnected
	}
	d, decide := r.record(Delivery{Method: request.Method, Path: request.URL.Path, Header: request.Header, Body: body, At: time.Now()})
	response := decide(d)
	var delay <-chan time.Time
	if response.Delay > 0 {
		timer := time.NewTimer(response.Delay)
		defer timer.Stop()
		delay = timer.C
	}
	for until := response.Until; delay != nil || until != nil; {
		select {
		case <-delay:
			delay = nil
		case <-until:
			until = nil
		case <-request.Context().Done():
			return
		case <-r.closed:
			return
		}
	}
	for name, value := range response.Header {
		w.Header().Set(name, value)
	}
	if response.Status != 0 {
		w.WriteHeader(response.Status)
	}
	_, _ = io.WriteString(w, response.Body) // the client may have disconnected
}

// record adds a delivery and returns its number and the function that returns its response.
func (r *Receiver) record(d Delivery) (Delivery, func(Delivery) Response) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d.N = len(r.got) + 1
	r.got = append(r.got, d)
	if r.more != nil {
		close(r.more)
		r.more = nil
	}
	if r.decide != nil {
		return d, r.decide
	}
	var response Response
	if len(r.plan) > 0 {
		response = r.plan[0]
	}
	if len(r.plan) > 1 {
		r.plan = r.plan[1:]
	}
	return d, func(Delivery) Response { return response }
}

// Got returns the deliveries so far, oldest first.
func (r *Receiver) Got() []Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// Next returns the oldest delivery that it has not returned yet. It blocks until there is one, and fails the test after
// [Patience].
func (r *Receiver) Next() Delivery {
	r.t.Helper()
	late := time.NewTimer(Patience)
	defer late.Stop()
	for {
		d, more := r.take()
		if more == nil {
			return d
		}
		select {
		case <-more:
		case <-late.C:
			r.t.Fatalf("no delivery to %s within %v, after %d", r.URL, Patience, len(r.Got()))
		}
	}
}

func (r *Receiver) take() (d Delivery, more <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next < len(r.got) {
		r.next++
		return r.got[r.next-1], nil
	}
	if r.more == nil {
		r.more = make(chan struct{})
	}
	return Delivery{}, r.more
}

// String formats a delivery for test messages.
func (d Delivery) String() string {
	return fmt.Sprintf("%d: %s %s %s", d.N, d.Method, d.Path, d.Body)
}
