//go:build unix

package benchmarks

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
)

// user is one account, driven over HTTP.
type user struct {
	client  *http.Client
	url     string
	account string
	cursor  uint64
}

func (u *user) post(path, body string) ([]byte, error) {
	response, err := u.client.Post(u.url+control.Base+path+"?account="+u.account, "application/json", bytes.NewReader([]byte(body)))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	result, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s %s", path, response.Status, result)
	}
	return result, err
}

// round plays a pending check, advances to its webhook and waits for its delivery.
func (u *user) round() error {
	_, err := u.post("/play", `{"provider":"identitypass","scenario":"pending-then-confirmed"}`)
	if err == nil {
		_, err = u.post("/clock/advance", `{"by":"30s"}`)
	}
	if err == nil {
		var found []byte
		found, err = u.post("/wait", fmt.Sprintf(`{"outcome":"delivered","after":%d,"timeout":"10s"}`, u.cursor))
		if err == nil {
			_, err = fmt.Sscanf(string(found[bytes.LastIndex(found, []byte(`"cursor":`)):]), `"cursor":%d`, &u.cursor)
		}
	}
	return err
}

// cpu returns the CPU time of this process, which runs server and clients. The receiver is another process.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkAccounts64 compares the CPU time of 64 parallel accounts that play, advance and wait with one account doing
// the same work.
func BenchmarkAccounts64(b *testing.B) {
	const accounts, rounds = 64, 25
	s := start(b, mockserver.Config{Frozen: true})
	if _, err := s.Control().Endpoints.SetEndpoint(context.Background(), webhook.Endpoint{Provider: "identitypass", URL: receiver(b), Source: "control"}); err != nil {
		b.Fatal(err)
	}
	client := tuned(accounts)
	defer client.CloseIdleConnections()
	users := make([]*user, accounts)
	for i := range users {
		users[i] = &user{client: client, url: s.URL(), account: fmt.Sprint("many", i)}
	}
	single := &user{client: client, url: s.URL(), account: "single"}
	work := func(users []*user, rounds int) time.Duration {
		before := cpu(b)
		var all sync.WaitGroup
		for _, u := range users {
			all.Go(func() {
				for range rounds {
					if err := u.round(); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		return cpu(b) - before
	}
	work(users, 1) // warm up, and open the accounts
	work([]*user{single}, accounts)
	var many, one time.Duration
	for b.Loop() {
		many += work(users, rounds)
		one += work([]*user{single}, accounts*rounds)
	}
	b.ReportMetric(float64(many)/float64(one), "times-one")
}

// timedStore records the commit times of outcomes.
type timedStore struct {
	*store.Memory
	mu   sync.Mutex
	ends map[string]time.Time // latest end of a delivery, by account
}

func (s *timedStore) Commit(ctx context.Context, c store.Change) (uint64, error) {
	last, err := s.Memory.Commit(ctx, c)
	for _, e := range c.Entries {
		if e.Kind == journal.KindDelivery && err == nil {
			s.mu.Lock()
			s.ends[e.Account] = time.Now()
			s.mu.Unlock()
		}
	}
	return last, err
}

// BenchmarkWait measures the time from the commit of a delivery's outcome to the response of a wait for it, as its client
// sees it.
func BenchmarkWait(b *testing.B) {
	const accounts, rounds = 4, 250
	ends := &timedStore{Memory: store.NewMemory(store.Retention{}), ends: map[string]time.Time{}}
	s := start(b, mockserver.Config{Store: ends})
	if _, err := s.Control().Endpoints.SetEndpoint(context.Background(), webhook.Endpoint{Provider: "identitypass", URL: receiver(b), Source: "control"}); err != nil {
		b.Fatal(err)
	}
	client := tuned(2 * accounts)
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var took []time.Duration
	for b.Loop() {
		var all sync.WaitGroup
		for i := range accounts {
			u := &user{client: client, url: s.URL(), account: fmt.Sprint("waits", i)}
			if _, err := u.post("/clock", `{"frozen":true}`); err != nil { // which opens the account
				b.Fatal(err)
			}
			all.Go(func() {
				for range rounds {
					if err := u.measureWait(ends, func(d time.Duration) { mu.Lock(); took = append(took, d); mu.Unlock() }); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
}

// measureWait waits for a delivery, plays a check that causes it, and reports the latency of the wait's response.
func (u *user) measureWait(ends *timedStore, report func(time.Duration)) error {
	done := make(chan error, 1)
	go func() {
		found, err := u.post("/wait", fmt.Sprintf(`{"outcome":"delivered","after":%d,"timeout":"10s"}`, u.cursor))
		now := time.Now()
		if err == nil {
			_, err = fmt.Sscanf(string(found[bytes.LastIndex(found, []byte(`"cursor":`)):]), `"cursor":%d`, &u.cursor)
			ends.mu.Lock()
			report(now.Sub(ends.ends[u.account]))
			ends.mu.Unlock()
		}
		done <- err
	}()
	if _, err := u.post("/play", `{"provider":"identitypass","scenario":"default"}`); err != nil {
		return err
	}
	if _, err := u.post("/clock/advance", `{"by":"1s"}`); err != nil {
		return err
	}
	return <-done
}
