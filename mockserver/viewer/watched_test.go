package viewer_test

import (
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/store"
)

// BenchmarkWatched measures the rate of deliveries with a hundred viewers as a share of the rate without viewers. The viewers run in
// this process and use part of the CPU, so that a small machine shows less than the server's share.
func BenchmarkWatched(b *testing.B) {
	const viewers, deliveries = 100, 2000
	rate := func(watched bool) float64 {
		s := mockservertest.Start(b, mockserver.Config{Start: began, Frozen: true, Logger: slog.New(slog.DiscardHandler), Retention: store.Retention{Entries: 1 << 20, EntryBytes: 1 << 28}})
		defer s.Close()
		receiver := mockservertest.NewReceiver(b)
		a := s.Account(key)
		a.Webhook("prembly", receiver.URL)
		for range deliveries {
			a.Call("prembly", "verifyBVN", map[string]any{"number": "12345678901"})
		}
		var reading sync.WaitGroup
		var streams []*websocket.Conn
		for range viewers {
			if !watched {
				break
			}
			stream, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.URL(), "http")+"/_idmock/v1/events", nil)
			if err != nil {
				b.Fatal(err)
			}
			streams = append(streams, stream)
			reading.Go(func() {
				for {
					if _, _, err := stream.ReadMessage(); err != nil {
						return
					}
				}
			})
		}
		begin := time.Now()
		a.Advance(time.Minute)
		took := time.Since(begin)
		for _, stream := range streams {
			_ = stream.Close()
		}
		reading.Wait()
		return deliveries / took.Seconds()
	}
	for b.Loop() {
		alone, watched := rate(false), rate(true)
		b.ReportMetric(watched/alone, "of-alone")
	}
}
