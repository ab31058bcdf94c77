package viewer

import (
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// feed commits entries at a rate, in small batches, for a duration.
func feed(b *testing.B, s *stub, perSecond int, span time.Duration, entry func(n int) journal.Data) (last uint64) {
	const beat = 5 * time.Millisecond
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	begin, n := time.Now(), 0
	for elapsed := time.Duration(0); elapsed < span; elapsed = time.Since(begin) {
		for due := int(elapsed.Seconds() * float64(perSecond)); n < due; n++ {
			last = s.add(b, "demo", entry(n))
		}
		<-ticker.C
	}
	return last
}

// BenchmarkRow measures the time from the commit of a delivery to its row, at 200 deliveries per second.
func BenchmarkRow(b *testing.B) {
	chromium := viewertest.Start(b)
	for b.Loop() {
		s := newStub(b)
		p := chromium.Open(b, s.server.URL+"/")
		p.Eval(`void new MutationObserver((changes) => {
			for (const { addedNodes } of changes) for (const { row } of addedNodes) if (row) (window.late ??= []).push(Date.now() - Date.parse(row.wall));
		}).observe(document.querySelector("#rows"), {childList: true})`, nil)
		p.Seen(feed(b, s, 200, 5*time.Second, func(n int) journal.Data { return event(n) }))
		var late float64
		p.Eval(`late.sort((a, b) => a - b)[Math.floor(late.length * 0.95)]`, &late)
		b.ReportMetric(late, "p95-ms")
	}
}

// BenchmarkSmooth counts tasks of more than 50 ms on the page while 1,000 entries per second arrive and it has 10,000 rows.
func BenchmarkSmooth(b *testing.B) {
	const window = 10 * time.Second
	chromium := viewertest.Start(b)
	for b.Loop() {
		s := newStub(b)
		var held []journal.Data
		for n := range 10_000 {
			held = append(held, event(n))
		}
		last := s.add(b, "demo", held...)
		p := chromium.Open(b, s.server.URL+"/")
		p.Seen(last)
		p.Eval(`void (window.tasks = 0, new PerformanceObserver((list) => { window.tasks += list.getEntries().length; }).observe({type: "longtask"}))`, nil)
		p.Seen(feed(b, s, 1000, window, func(n int) journal.Data {
			if n%2 == 0 {
				return event(10_000 + n/2)
			}
			return attempt(10_000+n/2, 1, 200)
		}))
		var tasks float64
		p.Eval(`window.tasks`, &tasks)
		b.ReportMetric(tasks/window.Minutes(), "long-tasks/min")
	}
}
