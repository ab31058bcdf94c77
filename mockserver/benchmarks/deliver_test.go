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
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
)

// receiver starts a receiver in a process of its own and returns its URL.
func receiver(b *testing.B) string {
	b.Helper()
	p, stop := launch(b, build(b, "./testdata/bare"))
	b.Cleanup(stop)
	return p.url
}

// roomy keeps the complete journal of a round, from which its duration is measured.
var roomy = mockserver.Config{Retention: store.Retention{Entries: 1 << 20, EntryBytes: 1 << 28}}

// tuned returns a client for many connections to one host.
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

// pending sends requests with the clock frozen, so that their webhooks stay pending.
func pending(b *testing.B, s *mockserver.Server, n int) {
	b.Helper()
	frozen := true
	if _, err := s.Control().Clocks.SetClock(context.Background(), "bench", control.ClockChange{Frozen: &frozen}); err != nil {
		b.Fatal(err)
	}
	load(b, s.URL(), n)
}

func register(b *testing.B, s *mockserver.Server, urls ...string) {
	b.Helper()
	for _, url := range urls {
		if _, err := s.Control().Endpoints.SetEndpoint(context.Background(), webhook.Endpoint{Account: "bench", Provider: "identitypass", URL: url, Source: "flag"}); err != nil {
			b.Fatal(err)
		}
	}
}

// sent reads the attempts in the journal after a Seq. It returns one body, and the time from the start of the first attempt
// to the end of the last; it fails unless there are n attempts, all accepted.
func sent(b *testing.B, s *mockserver.Server, after uint64, n int) ([]byte, time.Duration) {
	b.Helper()
	entries, err := s.Control().Journal.Read(context.Background(), "bench", after, 8*n)
	if err != nil {
		b.Fatal(err)
	}
	var body []byte
	var first, last time.Time
	count := 0
	for _, e := range entries {
		if e.Kind != journal.KindAttempt {
			continue
		}
		a, err := journal.As[journal.Attempt](e)
		if err != nil || !a.Accepted {
			b.Fatalf("attempt %+v, %v", a, err)
		}
		body, count = a.Request.Body.Bytes, count+1
		if first.IsZero() || a.Sent.Before(first) {
			first = a.Sent
		}
		if ended := a.Sent.Add(time.Duration(a.Phases.Total)); ended.After(last) {
			last = ended
		}
	}
	if count != n {
		b.Fatalf("%d attempts are in the journal, want %d", count, n)
	}
	return body, last.Sub(first)
}

// head returns the Seq of the journal's last entry.
func head(b *testing.B, s *mockserver.Server) uint64 {
	b.Helper()
	stats, err := s.Control().Journal.Stats(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	return stats.Head
}

// BenchmarkDeliveries64 compares deliveries to 64 endpoints, each in order, with 64 workers that use a tuned client.
func BenchmarkDeliveries64(b *testing.B) {
	const endpoints, events = 64, 200
	ctx := context.Background()
	to := receiver(b)
	var urls []string
	for i := range endpoints {
		urls = append(urls, fmt.Sprintf("%s/%d", to, i))
	}
	s := start(b, roomy)
	register(b, s, urls...)
	client := tuned(endpoints)
	rate, run := 1e6, false
	var ours, theirs time.Duration
	for b.Loop() {
		pending(b, s, events)
		from := head(b, s)
		if _, err := s.Control().Clocks.SetClock(ctx, "bench", control.ClockChange{Frozen: &run, Rate: &rate}); err != nil {
			b.Fatal(err)
		}
		if err := s.Control().Accounts.Ended(ctx, "bench"); err != nil {
			b.Fatal(err)
		}
		body, took := sent(b, s, from, endpoints*events)
		ours += took

		began := time.Now()
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
	s := start(b, roomy)
	register(b, s, to)
	client := tuned(1)
	var ours, theirs time.Duration
	for b.Loop() {
		pending(b, s, n)
		from := head(b, s)
		began := time.Now()
		if _, err := s.Control().Clocks.Advance(ctx, "bench", time.Hour); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(began)

		body, _ := sent(b, s, from, n)
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
