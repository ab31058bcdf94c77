package mockserver_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/store"
)

// open is a store that can be read after the server has closed it.
type open struct{ *store.Memory }

func (open) Close() error { return nil }

// Stop waits for the delivery under way and begins no other.
func TestStopDrains(t *testing.T) {
	t.Parallel()
	kept := open{store.NewMemory(store.Retention{})}
	s := mockservertest.New(t, mockserver.Config{Scenarios: lint(t, atOnce), DrainTimeout: mockservertest.Patience, Store: kept})
	s.Start()
	a, r := with(t, s, "drained")
	answer := make(chan struct{})
	r.Answer(mockservertest.Response{Until: answer})
	a.CallAs("at-once", provider, bvn, number(found))
	a.CallAs("at-once", provider, bvn, number(found))
	r.Next()
	var stopping sync.WaitGroup
	stopping.Go(s.Close)
	for { // until the server accepts no connection
		conn, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			break
		}
		conn.Close()
	}
	close(answer)
	stopping.Wait()
	if got := r.Got(); len(got) != 1 {
		t.Errorf("%d deliveries, want only the one that had begun", len(got))
	}
	entries, err := kept.Read(t.Context(), a.Name, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	last := entries[len(entries)-1]
	if end, err := journal.As[journal.Delivery](last); err != nil || end.Outcome != journal.Delivered {
		t.Errorf("the journal ends with %s %s (%v), want the one delivered", last.Kind, last.Data, err)
	}
	if stats, err := kept.Stats(t.Context()); err != nil || stats.Jobs != 1 {
		t.Errorf("the store is left with %+v (%v), want the job of the other", stats, err)
	}
	s.Close() // repeating it is fine
}

// A receiver that never responds delays Stop by the drain timeout at most.
func TestStopIsBounded(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(a *mockservertest.Account){
		"the scheduler": func(a *mockservertest.Account) { a.CallAs("at-once", provider, bvn, number(found)) },
		"an advance": func(a *mockservertest.Account) {
			a.Freeze()
			a.Call(provider, bvn, number(found))
			go a.Server.Control().Clocks.Advance(context.Background(), a.Name, time.Hour) //nolint:errcheck // is cut off
		},
		"a call of the control API": func(a *mockservertest.Account) {
			a.Freeze()
			a.Call(provider, bvn, number(found))
			go func() {
				reply, err := http.Post(a.Server.URL()+"/_idmock/v1/clock/advance?account="+a.Name, "application/json", strings.NewReader(`{"by":"1h"}`))
				if err == nil {
					reply.Body.Close()
				}
			}()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kept := open{store.NewMemory(store.Retention{})}
			s := mockservertest.New(t, mockserver.Config{Scenarios: lint(t, atOnce), DrainTimeout: 50 * time.Millisecond, Store: kept})
			s.Start()
			a, r := with(t, s, "stuck")
			r.Answer(mockservertest.Response{Until: make(chan struct{})})
			begin(a)
			r.Next()
			stopped := time.Now()
			if err := s.Stop(t.Context()); err == nil || !strings.Contains(err.Error(), "deadline") {
				t.Errorf("stopped with %v, want it said that something was cut off", err)
			}
			if took := time.Since(stopped); took > mockservertest.Patience/2 {
				t.Errorf("stopping took %v", took)
			}
			s.Close() // finds goroutines that are left
			// The attempt that was cut off is not recorded: a persistent store would repeat it.
			stats, err := kept.Stats(t.Context())
			if entries, readErr := kept.Read(t.Context(), a.Name, 0, 1000); err != nil || readErr != nil || stats.Jobs != 1 || kinds(entries)[journal.KindAttempt] != 0 {
				t.Errorf("the store is left with %+v and %v (%v, %v), want one job and no attempt", stats, kinds(entries), err, readErr)
			}
		})
	}
}

// Stop ends delayed and hanging responses, waits, streams and idle connections.
func TestStopEndsWaiting(t *testing.T) {
	t.Parallel()
	s := mockservertest.New(t, mockserver.Config{Start: began, Frozen: true, Scenarios: lint(t, atOnce)})
	s.Start()
	a := s.Account("waits")
	delayed := a.Request(provider, "verifyBVNBasic", number(found))
	delayed.Header.Set(mockserver.ScenarioHeader, "at-once")
	waiting, err := http.NewRequest(http.MethodPost, s.URL()+"/_idmock/v1/wait", strings.NewReader(`{"event":"verification.completed","timeout":"10m"}`))
	if err != nil {
		t.Fatal(err)
	}
	var ended sync.WaitGroup
	for _, r := range []*http.Request{a.Request(provider, bvn, number(silent)), delayed, waiting} {
		ended.Go(func() {
			if reply, err := http.DefaultTransport.RoundTrip(r); err == nil {
				reply.Body.Close()
			}
		})
	}
	mockservertest.Wait(a, func(c journal.Call) bool { return c.Operation == bvn })
	mockservertest.Wait(a, func(c journal.Call) bool { return c.Operation == "verifyBVNBasic" })
	mute, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	if status := dial(t, s, "", http.Header{}); status != 101 {
		t.Errorf("the stream: %d", status)
	}
	stopped := time.Now()
	s.Close()
	if took := time.Since(stopped); took > 3*time.Second {
		t.Errorf("stopping took %v with nothing to drain", took)
	}
	ended.Wait()
}

func kinds(entries []store.Entry) map[string]int {
	count := map[string]int{}
	for _, entry := range entries {
		count[entry.Kind]++
	}
	return count
}
