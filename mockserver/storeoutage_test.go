package mockserver_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/store"
)

// fragile is a store that is unavailable while it is down.
type fragile struct {
	store.Store
	down atomic.Bool
	full atomic.Bool // takes no changes
}

func (f *fragile) err() error {
	if f.down.Load() {
		return store.ErrUnavailable
	}
	return nil
}

func (f *fragile) Get(ctx context.Context, key string) (store.Doc, error) {
	if err := f.err(); err != nil {
		return store.Doc{}, err
	}
	return f.Store.Get(ctx, key)
}

func (f *fragile) Commit(ctx context.Context, c store.Change) (uint64, error) {
	if err := f.err(); err != nil {
		return 0, err
	}
	return f.Store.Commit(ctx, c)
}

func (f *fragile) Claim(ctx context.Context, account string, until time.Time, limit int, lease time.Duration) ([]store.Job, error) {
	if err := f.err(); err != nil {
		return nil, err
	}
	return f.Store.Claim(ctx, account, until, limit, lease)
}

func (f *fragile) Next(ctx context.Context, account string) (time.Time, bool, error) {
	if err := f.err(); err != nil {
		return time.Time{}, false, err
	}
	return f.Store.Next(ctx, account)
}

func (f *fragile) Wake(ctx context.Context) ([]string, error) {
	if err := f.err(); err != nil {
		return nil, err
	}
	return f.Store.Wake(ctx)
}

func (f *fragile) Writable(context.Context) error {
	if f.full.Load() {
		return fmt.Errorf("%w: disk full", store.ErrUnavailable)
	}
	return nil
}

func (f *fragile) Stats(ctx context.Context) (store.Stats, error) {
	if err := f.err(); err != nil {
		return store.Stats{}, err
	}
	return f.Store.Stats(ctx)
}

// hung is a store whose search for the next job does not return once it hangs, as behind a database that stopped responding.
type hung struct {
	store.Store
	hangs atomic.Bool
	woken chan struct{}
}

func (h *hung) Next(ctx context.Context, account string) (time.Time, bool, error) {
	if h.hangs.Load() {
		select {
		case <-h.woken:
		case <-ctx.Done():
			return time.Time{}, false, ctx.Err()
		}
	}
	return h.Store.Next(ctx, account)
}

// TestSecurityStuckScheduler: readiness ends while the scheduler is stuck, though requests are still answered, and comes back.
func TestSecurityStuckScheduler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hung{Store: store.NewMemory(store.Retention{}), woken: make(chan struct{})}
		c := config(t, nil)
		c.Store = h
		s := new(mockservertest.Network).New(t, c)
		s.Start()
		defer s.Close()
		a, server := s.Account("acme"), s.DefaultAccount()
		if got := server.Control("GET", "/ready", nil); got.Status != http.StatusOK {
			t.Errorf("before: %d %s", got.Status, got.Body)
		}
		h.hangs.Store(true)
		if got := a.Call(provider, bvn, number(pending)); got.Status != http.StatusOK { // it plans a job, which the scheduler looks for
			t.Errorf("a request beside the stuck scheduler: %d %s", got.Status, got.Body)
		}
		synctest.Wait() // until the scheduler has looked
		if got := server.Control("GET", "/ready", nil); got.Status != http.StatusServiceUnavailable || !strings.Contains(string(got.Body), "scheduler does not respond") {
			t.Errorf("while the scheduler is stuck: %d %s, want 503", got.Status, got.Body)
		}
		if got := server.Control("GET", "/health", nil); got.Status != http.StatusOK {
			t.Errorf("health while the scheduler is stuck: %d %s", got.Status, got.Body)
		}
		h.hangs.Store(false)
		close(h.woken)
		if got := server.Control("GET", "/ready", nil); got.Status != http.StatusOK {
			t.Errorf("afterwards: %d %s", got.Status, got.Body)
		}
	})
}

// TestStoreOutage loses the store while the server runs, and gets it back.
func TestStoreOutage(t *testing.T) {
	t.Parallel()
	c := config(t, nil)
	c.Frozen = false
	f := &fragile{Store: store.NewMemory(store.Retention{})}
	c.Store = f
	s := new(mockservertest.Network).Start(t, c)
	a, receiver := with(t, s, "acme")
	a.Rate(60) // the delivery falls due half a second after the request
	reference(t, a.Call(provider, bvn, number(pending)))

	f.full.Store(true)
	if got := s.DefaultAccount().Control("GET", "/ready", nil); got.Status != http.StatusServiceUnavailable || !strings.Contains(string(got.Body), "disk full") {
		t.Errorf("/ready with a full disk: %d %s, want 503", got.Status, got.Body)
	}
	f.full.Store(false)
	f.down.Store(true)
	refused := a.Call(provider, bvn, number(found))
	if refused.Status != http.StatusServiceUnavailable || refused.Header.Get("Retry-After") != "1" || refused.At("message") == "" && refused.At("detail") == "" {
		t.Errorf("during the outage: %d %v %s, want 503 in the provider's form with Retry-After", refused.Status, refused.Header, refused.Body)
	}
	server := s.DefaultAccount()
	for _, path := range []string{"/ready", "/journal"} {
		if answer := server.Control("GET", path, nil); answer.Status != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") != "1" {
			t.Errorf("%s during the outage: %d %s, want 503", path, answer.Status, answer.Body)
		}
	}
	if answer := server.Control("GET", "/health", nil); answer.Status != http.StatusOK {
		t.Errorf("health during the outage: %d, want 200", answer.Status)
	}
	f.down.Store(false)
	if answer := a.Call(provider, bvn, number(found)); answer.Status != http.StatusOK {
		t.Errorf("after the outage: %d %s", answer.Status, answer.Body)
	}
	mockservertest.Wait[journal.Delivery](a, nil)
	if len(receiver.Got()) == 0 {
		t.Error("nothing was delivered after the outage")
	}
}
