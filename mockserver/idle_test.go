package mockserver_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/store"
)

// When Idle returns, everything due has happened, whether by the scheduler or by an advance.
func TestIdle(t *testing.T) {
	t.Parallel()
	s := begin(t, atOnce)
	a, r := with(t, s, "idle")
	for i := range 200 {
		a.CallAs("at-once", provider, bvn, number(found))
		a.Idle()
		if got := len(r.Got()); got != i+1 {
			t.Fatalf("idle after %d deliveries of %d", got, i+1)
		}
		if ends := len(mockservertest.Entries[journal.Delivery](a)); ends != i+1 {
			t.Fatalf("idle with %d ends of %d in the journal", ends, i+1)
		}
	}

	answer := make(chan struct{})
	r.Answer(mockservertest.Response{Until: answer})
	a.Call(provider, bvn, number(found))
	var advancing sync.WaitGroup
	advancing.Go(func() { a.Advance(time.Minute) })
	for len(r.Got()) < 201 {
		r.Next()
	}
	ctx, cancel := context.WithCancel(t.Context())
	idle := make(chan error, 1)
	go func() { idle <- s.Control().Accounts.Idle(ctx, a.Name) }()
	if got := a.Control("POST", "/wait/idle", `{"timeout":"10ms"}`); got.Status != 408 {
		t.Errorf("idle while an advance waits for its delivery: %d %s", got.Status, got.Body)
	}
	cancel()
	if err := <-idle; !errors.Is(err, context.Canceled) {
		t.Errorf("idle while an advance waits for its delivery: %v", err)
	}
	close(answer)
	advancing.Wait()
	a.Idle()
}

// Finish plays a scenario to its end at once, Ended waits for it as time passes.
func TestEnded(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a, r := with(t, s, "finished")
	r.Answer(mockservertest.Response{Status: 500})
	a.Call(provider, bvn, number(pending))
	if _, err := s.Control().Clocks.Finish(t.Context(), a.Name); err != nil {
		t.Fatal(err)
	}
	if got := len(r.Got()); got != 4 || !a.Now().Equal(began.Add(61*time.Second)) {
		t.Errorf("finished at %v after %d attempts, want all four and the clock at the last", a.Now(), got)
	}

	b, other := with(t, s, "ends")
	b.Call(provider, bvn, number(pending))
	ended := make(chan error, 1)
	go func() { ended <- s.Control().Accounts.Ended(t.Context(), b.Name) }()
	b.Rate(1000)
	if err := <-ended; err != nil || len(other.Got()) != 1 {
		t.Errorf("ended (%v) after %d deliveries, want 1", err, len(other.Got()))
	}
	b.Call(provider, bvn, number(pending))
	go func() { ended <- s.Control().Accounts.Ended(t.Context(), b.Name) }()
	b.Reset()
	if err := <-ended; err != nil {
		t.Errorf("ended by a reset: %v", err)
	}
}

// The scheduler follows the rate of the clock: at 60, thirty seconds take half a second.
func TestRate(t *testing.T) {
	bubble(t, func(t *testing.T, s *mockservertest.Server) {
		a, r := with(t, s, "fast")
		a.Rate(60)
		asked := time.Now()
		a.Call(provider, bvn, number(pending))
		if took := r.Next().At.Sub(asked); took != 500*time.Millisecond {
			t.Errorf("delivered after %v, want half a second", took)
		}
		event := mockservertest.Entries[journal.Event](a)[0]
		call := mockservertest.Entries[journal.Run](a)[0]
		if !event.Due.Equal(call.Next) {
			t.Errorf("due at %v, want %v", event.Due, call.Next)
		}
	})
}

// A change of the clock wakes the scheduler: a clock that is unfrozen, or made faster.
func TestClockChangeWakesTheScheduler(t *testing.T) {
	t.Parallel()
	s := begin(t)
	for range 20 {
		a, r := with(t, s, "wakes")
		a.Call(provider, bvn, number(found))
		a.Rate(0.001)
		a.Rate(10_000)
		r.Next()
		a.Reset()
	}
}

// Under concurrent requests, clock changes and advances, each check is reported once, in its time.
func TestConcurrentAdvances(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	s := begin(t)
	const accounts, calls = 12, 25
	var all sync.WaitGroup
	for i := range accounts {
		a, r := with(t, s, fmt.Sprint("account ", i))
		all.Go(func() {
			a.Rate(float64(1 + 3000*i))
			var checking sync.WaitGroup
			for c := range calls {
				checking.Go(func() { a.Call(provider, bvn, number(fmt.Sprintf("444444%05d", c))) })
				if c%5 == i%5 {
					checking.Go(func() { a.Advance(time.Duration(c) * 100 * time.Millisecond) })
				}
			}
			checking.Wait()
			a.Rate(20_000)
			ctx, cancel := context.WithTimeout(t.Context(), mockservertest.Patience)
			defer cancel()
			if err := s.Control().Accounts.Ended(ctx, a.Name); err != nil {
				t.Errorf("%s: %v, after %d deliveries of %d", a.Name, err, len(r.Got()), calls)
			}
			seen := map[string]int{}
			for _, d := range r.Got() {
				seen[d.Header.Get("Token")]++
			}
			if len(seen) != calls || len(r.Got()) != calls {
				t.Errorf("%s: %d deliveries of %d checks, want one each of %d", a.Name, len(r.Got()), len(seen), calls)
			}
		})
	}
	all.Wait()
}

// An advance interrupts nothing when its client disconnects: attempts under way end, and the rest happens in its time.
func TestCanceledAdvance(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t), "gives_up")
	answer := make(chan struct{})
	r.Answer(mockservertest.Response{Until: answer}, mockservertest.Response{})
	first := reference(t, a.Call(provider, bvn, number(found)))
	a.Advance(500 * time.Millisecond)
	second := reference(t, a.Call(provider, bvn, number(found)))
	ctx, cancel := context.WithCancel(t.Context())
	advanced := make(chan error, 1)
	go func() {
		_, err := a.Server.Control().Clocks.Advance(ctx, a.Name, time.Hour)
		advanced <- err
	}()
	r.Next()
	cancel()
	close(answer)
	if err := <-advanced; !errors.Is(err, context.Canceled) || !a.Now().Equal(began.Add(time.Second)) {
		t.Errorf("advance ended with %v at %v, want it canceled where it had come to", err, a.Now())
	}
	if ends := outcomes(a); ends[journal.Delivered] != 1 {
		t.Errorf("ends: %v, want the delivery under way delivered", ends)
	}
	a.Rate(1000)
	if got := r.Next(); got.Header.Get("Token") != second || first == second {
		t.Errorf("then came %v, want the second check", got)
	}
	a.Idle()
	if got := r.Got(); len(got) != 2 {
		t.Errorf("%d deliveries, want 2", len(got))
	}
}

// An advance waits for the scheduler's delivery that is under way.
func TestAdvanceDuringDelivery(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t, atOnce), "during")
	answer := make(chan struct{})
	r.Answer(mockservertest.Response{Status: 500, Until: answer}, mockservertest.Response{})
	a.CallAs("at-once", provider, bvn, number(found))
	r.Next()
	advanced := make(chan int)
	go func() { advanced <- a.Advance(time.Second) }()
	select {
	case n := <-advanced:
		t.Fatalf("advanced over a delivery under way, settling %d", n)
	default:
	}
	close(answer)
	if n := <-advanced; n != 1 || len(r.Got()) != 2 {
		t.Errorf("settled %d with %d attempts, want the retry a second later", n, len(r.Got()))
	}
	if attempts := mockservertest.Entries[journal.Attempt](a); len(attempts) != 2 || !attempts[0].Next.Equal(began.Add(time.Second)) {
		t.Errorf("attempts: %+v, want the first before the clock moved", attempts)
	}
}

// asking is a store that counts calls of Next.
type asking struct {
	*store.Memory
	next atomic.Int64
}

func (w *asking) Next(ctx context.Context, account string) (time.Time, bool, error) {
	w.next.Add(1)
	return w.Memory.Next(ctx, account)
}

// Idle is woken, and does not query the store meanwhile.
func TestIdleDoesNotPoll(t *testing.T) {
	t.Parallel()
	w := &asking{Memory: store.NewMemory(store.Retention{})}
	s := new(mockservertest.Network).Start(t, mockserver.Config{Start: began, Frozen: true, Store: w, Scenarios: lint(t, atOnce)})
	a, r := with(t, s, "idle")
	answer := make(chan struct{})
	r.Answer(mockservertest.Response{Until: answer})
	a.CallAs("at-once", provider, bvn, number(found))
	r.Next()
	waiting := w.next.Load()
	idle := make(chan mockservertest.Answer, 1)
	go func() { idle <- a.Control("POST", "/wait/idle", nil) }()
	for w.next.Load() == waiting { // it has looked once
		s.DefaultAccount().Control("GET", "/health", nil)
	}
	waiting = w.next.Load()
	for range 200 { // some hundred milliseconds of other work
		s.DefaultAccount().Control("GET", "/journal", nil)
	}
	if asked := w.next.Load() - waiting; asked > 0 {
		t.Errorf("asked %d times what is due while an attempt was under way", asked)
	}
	close(answer)
	if got := <-idle; got.Status != 200 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}
