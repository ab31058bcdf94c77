//go:build unix

package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// ledger has what one account asked for and what its receiver accepted, as references of runs.
type ledger struct {
	name     string
	behave   behaviour
	lost     atomic.Int64 // calls whose response was lost: they may have an effect or none
	refused  atomic.Int64 // calls that no server took when each was tried once
	wanted   []string     // in the order of the calls
	mu       sync.Mutex
	accepted []string // in the order of arrival
	tries    map[string]int

	exhausted map[string]bool // that the server gave up after its last attempt
}

// behaviour is how a receiver responds.
type behaviour struct {
	name    string
	respond respond
	down    bool // its address refuses connections for a while, again and again: the last responses before may be lost
	dead    bool // its address refuses connections
	fault   string
	copies  int // accepted deliveries of each event; 0 of a dead one
	ordered bool
	pause   time.Duration // between calls
}

// respond chooses the status of the response to a webhook that was sent for the try-th time; 0 gives none.
type (
	respond func(l *ledger, try int, r *request) (status int)
	request = http.Request
)

func accept(*ledger, int, *request) int { return http.StatusOK }

// failSome refuses the first try of one webhook in a hundred.
func failSome(l *ledger, try int, r *request) int {
	if l.mu.Lock(); try == 1 && len(l.tries)%100 == 0 {
		l.mu.Unlock()
		return http.StatusInternalServerError
	}
	l.mu.Unlock()
	return accept(l, try, r)
}

// slowSome delays the response to one webhook in a hundred.
func slowSome(l *ledger, try int, r *request) int {
	l.mu.Lock()
	seen := len(l.tries)
	l.mu.Unlock()
	if seen%100 == 0 {
		time.Sleep(300 * time.Millisecond)
	}
	return accept(l, try, r)
}

func behaviours() []behaviour {
	return []behaviour{
		{name: "prompt", respond: accept, copies: 1, ordered: true},
		{name: "slow", copies: 1, ordered: true, pause: 100 * time.Millisecond, respond: func(*ledger, int, *request) int {
			time.Sleep(80 * time.Millisecond)
			return http.StatusOK
		}},
		{name: "failing", copies: 1, pause: 20 * time.Millisecond, respond: func(_ *ledger, try int, _ *request) int {
			if try == 1 {
				return http.StatusServiceUnavailable
			}
			return http.StatusOK
		}},
		{name: "restarting", respond: accept, copies: 1, down: true, pause: 20 * time.Millisecond},
		{name: "dead", dead: true, pause: 500 * time.Millisecond},
		{name: "hanging", pause: 5 * time.Second, respond: func(_ *ledger, _ int, r *request) int {
			<-r.Context().Done()
			return 0
		}},
		{name: "duplicate", respond: accept, copies: 2, fault: `{"on":"delivery","fault":"duplicate"}`, pause: 10 * time.Millisecond},
		{name: "dropped", respond: accept, fault: `{"on":"delivery","fault":"drop"}`, pause: 10 * time.Millisecond},
	}
}

// receivers are the receivers of all accounts. Those that go down have an address of their own.
type receivers struct {
	mu      sync.Mutex
	ledgers map[string]*ledger // by path
	header  string             // with the reference
	server  *http.Server
	up      net.Listener
	shaky   string // address of those that go down
	stop    chan struct{}
	closing sync.Once
	all     sync.WaitGroup
}

func (s *soak) receive() (*receivers, error) {
	r := &receivers{header: s.call.Webhook, ledgers: map[string]*ledger{}, stop: make(chan struct{})}
	var err error
	if r.up, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}
	r.all.Go(func() { r.server.Serve(r.up) }) //nolint:errcheck // ends with close
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r.shaky = probe.Addr().String()
	if err := probe.Close(); err != nil {
		return nil, err
	}
	r.all.Go(r.shake)
	return r, nil
}

// shake serves the shaky address and lets it refuse connections now and then. Of retries 1, 6 and 31 s after a failure, none meets
// the next time that it is down; those of a queue that is behind may meet it at every attempt. Requests under way are answered.
func (r *receivers) shake() {
	for {
		l, err := net.Listen("tcp", r.shaky)
		if err == nil {
			server := &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}
			r.all.Go(func() { server.Serve(l) }) //nolint:errcheck // ends with Shutdown
			select {
			case <-time.After(4 * time.Second):
			case <-r.stop:
			}
			server.SetKeepAlivesEnabled(false)
			_ = l.Close()        // was open; requests under way are answered
			defer server.Close() //nolint:errcheck // as above
		}
		select {
		case <-time.After(300 * time.Millisecond):
		case <-r.stop:
			return
		}
	}
}

// close ends all receivers and the requests that they hold. It may be called again.
func (r *receivers) close() {
	r.closing.Do(func() {
		close(r.stop)
		_ = r.server.Close() // its listener was open
		r.all.Wait()
	})
}

// add opens a receiver, and returns its URL.
func (r *receivers) add(l *ledger) string {
	l.tries, l.exhausted = map[string]int{}, map[string]bool{}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ledgers["/"+l.name] = l
	host := r.up.Addr().String()
	switch {
	case l.behave.down:
		host = r.shaky
	case l.behave.dead:
		host = "127.0.0.1:9" // discard, which nothing serves
	}
	return "http://" + host + "/" + l.name
}

// ServeHTTP takes a webhook. It is accepted once its response is chosen.
func (r *receivers) ServeHTTP(w http.ResponseWriter, webhook *request) {
	io.Copy(io.Discard, webhook.Body) //nolint:errcheck // the sender disconnected
	r.mu.Lock()
	l := r.ledgers[webhook.URL.Path]
	r.mu.Unlock()
	reference := webhook.Header.Get(r.header)
	if l == nil || reference == "" {
		http.Error(w, "unexpected", http.StatusBadRequest)
		return
	}
	l.mu.Lock()
	l.tries[reference]++
	try := l.tries[reference]
	l.mu.Unlock()
	status := l.behave.respond(l, try, webhook)
	if status == 0 {
		return
	}
	if status < 300 {
		l.mu.Lock()
		l.accepted = append(l.accepted, reference)
		l.mu.Unlock()
	}
	w.WriteHeader(status)
}

// short returns how many deliveries are missing yet, but for those that others, doubled or unasked, make up for.
func (l *ledger) short() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, len(l.wanted)*l.behave.copies-len(l.accepted)-len(l.exhausted))
}

// verdict is what went wrong with deliveries. Exhausted are those whose every attempt met a receiver that was down on purpose, by
// the server's journal; they are not lost.
type verdict struct{ calls, accepted, exhausted, missing, doubled, foreign, disordered int }

func (v *verdict) add(w verdict) {
	v.calls += w.calls
	v.accepted += w.accepted
	v.exhausted += w.exhausted
	v.missing += w.missing
	v.doubled += w.doubled
	v.foreign += w.foreign
	v.disordered += w.disordered
}

func (v verdict) String() string {
	return fmt.Sprintf("%d calls, %d webhooks accepted, %d exhausted: %d lost, %d doubled, %d unasked, %d out of order", v.calls, v.accepted, v.exhausted, v.missing, v.doubled, v.foreign, v.disordered)
}

// judge compares what was accepted with what was asked for.
func (l *ledger) judge() (v verdict) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v.calls, v.accepted = len(l.wanted), len(l.accepted)
	count, asked := map[string]int{}, map[string]int{}
	for i, reference := range l.wanted {
		asked[reference] = i
	}
	last := -1
	for _, reference := range l.accepted {
		if count[reference]++; count[reference] > max(1, l.behave.copies) {
			if !l.behave.down {
				v.doubled++
			}
			continue
		}
		i, ok := asked[reference]
		if !ok {
			v.foreign++
			continue
		}
		if l.behave.ordered && i < last {
			v.disordered++
		}
		last = max(last, i)
	}
	for _, reference := range l.wanted {
		switch missing := max(0, l.behave.copies-count[reference]); {
		case missing > 0 && l.behave.down && l.exhausted[reference]:
			v.exhausted += missing
		default:
			v.missing += missing
		}
	}
	v.foreign = max(0, v.foreign-int(l.lost.Load())) // a call without a response may have been made
	return v
}

// judgeAll adds up the verdicts on all accounts, and names those that are not clean.
func judgeAll(all []*ledger) (v verdict, bad string) {
	var names []string
	for _, l := range all {
		one := l.judge()
		v.add(one)
		if one.missing+one.doubled+one.foreign+one.disordered > 0 {
			names = append(names, l.name)
		}
	}
	slices.Sort(names)
	return v, strings.Join(names, " ")
}
