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

// Receiver is a webhook receiver on a port of its own that records what comes, in order, and answers as it is told.
// All methods are safe for concurrent use.
type Receiver struct {
	URL string // to register; paths below it are taken too

	t      testing.TB
	closed chan struct{}
	mu     sync.Mutex
	got    []Delivery
	next   int           // of got, the first that Next has not returned
	more   chan struct{} // closed when got grows; nil while nobody waits for that
	plan   []Response
	decide func(Delivery) Response
}

// Delivery is a request that a Receiver got.
type Delivery struct {
	N      int // 1 for the first of the Receiver
	Method string
	Path   string
	Header http.Header
	Body   []byte
	At     time.Time // wall time at which all of it had come
}

// Response is how a Receiver answers. The zero value is an empty 200 at once.
type Response struct {
	Status int // 0 means 200
	Header map[string]string
	Body   string
	Delay  time.Duration   // wall time before the answer
	Until  <-chan struct{} // answer only once this is closed; nil does not wait
}

// NewReceiver starts a receiver that answers 200, until the test ends.
func NewReceiver(t testing.TB) *Receiver {
	r := &Receiver{t: t, closed: make(chan struct{})}
	server := httptest.NewServer(r)
	r.URL = server.URL
	t.Cleanup(func() {
		close(r.closed) // answers that wait are not waited for
		server.Close()
	})
	return r
}

// Answer says how to answer what comes from now on: the first response is for the next request, and so on; the last
// one is for all that follow.
func (r *Receiver) Answer(plan ...Response) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.plan, r.decide = slices.Clone(plan), nil
}

// AnswerWith lets a function decide how to answer each request. Requests that come at once are decided at once.
func (r *Receiver) AnswerWith(decide func(Delivery) Response) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.plan, r.decide = nil, decide
}

// ServeHTTP records a request and answers it.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return // whoever sent it has gone
	}
	d, decide := r.record(Delivery{Method: request.Method, Path: request.URL.Path, Header: request.Header, Body: body, At: time.Now()})
	response := decide(d)
	var delay <-chan time.Time
	if response.Delay > 0 {
		timer := time.NewTimer(response.Delay)
		defer timer.Stop()
		delay = timer.C
	}
	for waits := response.Until; delay != nil || waits != nil; {
		select {
		case <-delay:
			delay = nil
		case <-waits:
			waits = nil
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
	_, _ = io.WriteString(w, response.Body) // whoever sent it may have gone
}

// record adds what came and takes the response that was planned for it.
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

// Got returns what has come so far, the first first.
func (r *Receiver) Got() []Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// Next returns what came first of what Next has not returned yet. It waits for it, and fails the test if nothing comes.
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
			r.t.Fatalf("nothing came to %s within %v, after %d deliveries", r.URL, Patience, len(r.Got()))
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

// String says what came, for messages of tests.
func (d Delivery) String() string {
	return fmt.Sprintf("%d: %s %s %s", d.N, d.Method, d.Path, d.Body)
}
