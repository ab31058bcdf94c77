package benchmarks

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
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
