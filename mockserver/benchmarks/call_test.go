package benchmarks

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/openapi/catalog"
)

const (
	connections = 16
	callPath    = "/identitypass/api/v2/biometrics/merchant/data/verification/bvn_validation"
	callBody    = `{"number":"12345678901"}`
)

// start runs a server until the end of the benchmark.
func start(tb testing.TB, c mockserver.Config) *mockserver.Server {
	tb.Helper()
	providers, err := catalog.Open()
	if err != nil {
		tb.Fatal(err)
	}
	c.Addr, c.Providers, c.Seed = "127.0.0.1:0", providers, 1
	s, err := mockserver.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	s.Start()
	tb.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// call sends one request and returns the response and its body.
func call(c *http.Client, url, account string) (*http.Response, []byte, error) {
	r, err := http.NewRequest(http.MethodPost, url+callPath, bytes.NewReader([]byte(callBody)))
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Api-Key", account)
	response, err := c.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response, body, err
}

// load sends n requests over all connections and returns their total duration.
func load(tb testing.TB, url string, n int) time.Duration {
	tb.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	var left atomic.Int64
	left.Store(int64(n))
	var group sync.WaitGroup
	began := time.Now()
	for range connections {
		group.Go(func() {
			for left.Add(-1) >= 0 {
				response, _, err := call(client, url, "bench")
				if err != nil || response.StatusCode != http.StatusOK {
					tb.Errorf("call: %v, %v", response, err)
					return
				}
			}
		})
	}
	group.Wait()
	return time.Since(began)
}

// compare alternates between two servers in small rounds, so that other load on the machine affects both, and returns the
// rate of the first relative to the second.
func compare(b *testing.B, ours, theirs string) float64 {
	load(b, ours, round) // warm up
	load(b, theirs, round)
	b.ResetTimer()
	share := alternate(b, ours, theirs, 1+(b.N-1)/round)
	b.StopTimer()
	return share
}

// round is the number of requests to one server before switching to the other.
const round = 2000

func alternate(b *testing.B, ours, theirs string, rounds int) float64 {
	b.Helper()
	var a, z time.Duration
	for range rounds {
		a += load(b, ours, round)
		z += load(b, theirs, round)
	}
	return float64(z) / float64(a)
}

// BenchmarkCallWithMillionRuns compares a server with a million pending runs with an empty one.
func BenchmarkCallWithMillionRuns(b *testing.B) {
	empty := start(b, mockserver.Config{})
	full := store.NewMemory(store.Retention{})
	fill(b, full, 1_000_000)
	s := start(b, mockserver.Config{Store: full})
	b.ReportMetric(1/compare(b, s.URL(), empty.URL()), "times-empty")
}

// fill adds pending runs to a store, a document and a job each, like the engine.
func fill(tb testing.TB, s store.Store, n int) {
	tb.Helper()
	due := time.Now().Add(1000 * time.Hour)
	payload, err := json.Marshal(tx.Work{Step: &tx.Step{Provider: "identitypass", Run: "x"}})
	if err != nil {
		tb.Fatal(err)
	}
	data := []byte(`{"reference":"00000000-0000-4000-8000-000000000000","provider":"identitypass","operation":"verifyBVN","scenario":"pending-then-confirmed","subject":"22222222222","started":"2026-01-01T00:00:00Z","request":{"number":"22222222222"},"state":{"set":{"status":"PENDING"}},"open":1}`)
	for i := range n {
		id := strconv.Itoa(i)
		_, err := s.Commit(context.Background(), store.Change{
			Docs: []store.Doc{{Key: tx.RunKey("bench", "identitypass", id), Data: data}},
			Jobs: []store.Job{{ID: "t" + id, Account: "bench", Due: due.Add(time.Duration(i)), Payload: payload}},
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
}
