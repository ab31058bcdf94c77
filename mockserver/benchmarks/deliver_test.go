package benchmarks

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/webhook"
)

// receiver starts a receiver as receivers are: a process of its own. It returns its address.
func receiver(b *testing.B) string {
	b.Helper()
	p, stop := launch(b, build(b, "./testdata/bare"))
	b.Cleanup(stop)
	return p.url
}

// tuned is a client as somebody would set it up who knows that many connections go to one host.
func tuned(connections int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}}
}

func post(c *http.Client, url string, body []byte) error {
	response, err := c.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// pending makes calls whose webhooks are still to come, on a frozen clock.
func pending(b *testing.B, s *mockserver.Server, n int) {
	b.Helper()
	frozen := true
	if _, err := s.Engine().SetClock(context.Background(), "bench", control.ClockChange{Frozen: &frozen}); err != nil {
		b.Fatal(err)
	}
	load(b, s.URL(), n)
}

func register(b *testing.B, s *mockserver.Server, urls ...string) {
	b.Helper()
	for _, url := range urls {
		if _, err := s.Engine().SetEndpoint(context.Background(), webhook.Endpoint{Account: "bench", Provider: "identitypass", URL: url, Source: "flag"}); err != nil {
			b.Fatal(err)
		}
	}
}

// sent returns the body of the last attempt, and fails if any of the last n deliveries did not arrive.
func sent(b *testing.B, s *mockserver.Server, n int) []byte {
	b.Helper()
	ctx := context.Background()
	stats, err := s.Engine().Stats(ctx)
	if err != nil {
		b.Fatal(err)
	}
	entries, err := s.Engine().Read(ctx, "bench", stats.Head-min(stats.Head, uint64(2*n)), 2*n)
	if err != nil {
		b.Fatal(err)
	}
	var body []byte
	for _, e := range entries {
		if e.Kind != journal.KindAttempt {
			continue
		}
		a, err := journal.As[journal.Attempt](e)
		if err != nil || !a.Accepted {
			b.Fatalf("attempt %+v, %v", a, err)
		}
		body = a.Request.Body.Bytes
	}
	if body == nil {
		b.Fatal("nothing was sent")
	}
	return body
}

// Deliveries to 64 endpoints, each in order, against 64 workers with a tuned client.
func BenchmarkDeliveries64(b *testing.B) {
	const endpoints, events = 64, 200
	ctx := context.Background()
	to := receiver(b)
	var urls []string
	for i := range endpoints {
		urls = append(urls, fmt.Sprintf("%s/%d", to, i))
	}
	s := start(b, mockserver.Config{})
	register(b, s, urls...)
	client := tuned(endpoints)
	rate, run := 1e6, false
	var ours, theirs time.Duration
	for b.Loop() {
		pending(b, s, events)
		began := time.Now()
		if _, err := s.Engine().SetClock(ctx, "bench", control.ClockChange{Frozen: &run, Rate: &rate}); err != nil {
			b.Fatal(err)
		}
		if err := s.Engine().Ended(ctx, "bench"); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(began)

		body := sent(b, s, endpoints)
		began = time.Now()
		var all sync.WaitGroup
		for _, url := range urls {
			all.Go(func() {
				for range events {
					if err := post(client, url, body); err != nil {
						b.Error(err)
					}
				}
			})
		}
		all.Wait()
		theirs += time.Since(began)
	}
	b.ReportMetric(float64(theirs)/float64(ours), "of-bare")
}

// 10,000 due deliveries to one endpoint on one advance, in order, against a client that posts one after the other.
func BenchmarkAdvance10000(b *testing.B) {
	const n = 10_000
	ctx := context.Background()
	to := receiver(b)
	s := start(b, mockserver.Config{})
	register(b, s, to)
	client := tuned(1)
	var ours, theirs time.Duration
	for b.Loop() {
		pending(b, s, n)
		began := time.Now()
		if _, err := s.Engine().Advance(ctx, "bench", time.Hour); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(began)

		body := sent(b, s, n)
		began = time.Now()
		for range n {
			if err := post(client, to, body); err != nil {
				b.Fatal(err)
			}
		}
		theirs += time.Since(began)
	}
	b.ReportMetric(float64(ours)/float64(theirs), "times-bare")
}
