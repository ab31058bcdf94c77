package benchmarks

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
)

// receiver counts what arrives and answers 200. It keeps the last body.
type receiver struct {
	url   string
	count atomic.Int64
	want  atomic.Int64
	done  chan struct{} // told when count reaches want
	body  atomic.Pointer[[]byte]
}

func receive(tb testing.TB) *receiver {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	r := &receiver{url: "http://" + l.Addr().String(), done: make(chan struct{}, 1)}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		r.body.Store(&body)
		w.WriteHeader(http.StatusOK)
		if r.count.Add(1) == r.want.Load() {
			r.done <- struct{}{}
		}
	})}
	go s.Serve(l) //nolint:errcheck // ends with Close
	tb.Cleanup(func() { s.Close() })
	return r
}

// expect makes done tell when n more have arrived.
func (r *receiver) expect(n int) { r.want.Store(r.count.Load() + int64(n)) }

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

// Deliveries to 64 endpoints, each in order, against 64 workers with a tuned client.
func BenchmarkDeliveries64(b *testing.B) {
	const endpoints, events = 64, 400
	r := receive(b)
	var urls []string
	for i := range endpoints {
		urls = append(urls, fmt.Sprintf("%s/%d", r.url, i))
	}
	s := start(b, mockserver.Config{})
	register(b, s, urls...)
	client := tuned(endpoints)
	rate, run := 1e6, false
	var ours, theirs time.Duration
	for b.Loop() {
		b.StopTimer()
		pending(b, s, events)
		r.expect(endpoints * events)
		b.StartTimer()
		began := time.Now()
		if _, err := s.Engine().SetClock(context.Background(), "bench", control.ClockChange{Frozen: &run, Rate: &rate}); err != nil {
			b.Fatal(err)
		}
		<-r.done
		ours += time.Since(began)

		b.StopTimer()
		body := *r.body.Load()
		r.expect(endpoints * events)
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
		<-r.done
		theirs += time.Since(began)
		b.StartTimer()
	}
	b.ReportMetric(float64(theirs)/float64(ours), "of-bare")
}

// 10,000 due deliveries to one endpoint on one advance, in order, against a client that posts one after the other.
func BenchmarkAdvance10000(b *testing.B) {
	const n = 10_000
	r := receive(b)
	s := start(b, mockserver.Config{Retention: store.Retention{}})
	register(b, s, r.url)
	client := tuned(1)
	var ours, theirs time.Duration
	for b.Loop() {
		b.StopTimer()
		pending(b, s, n)
		r.expect(n)
		b.StartTimer()
		began := time.Now()
		if _, err := s.Engine().Advance(context.Background(), "bench", time.Hour); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(began)
		<-r.done

		b.StopTimer()
		body := *r.body.Load()
		r.expect(n)
		began = time.Now()
		for range n {
			if err := post(client, r.url, body); err != nil {
				b.Fatal(err)
			}
		}
		theirs += time.Since(began)
		<-r.done
		b.StartTimer()
	}
	b.ReportMetric(float64(ours)/float64(theirs), "times-bare")
}
