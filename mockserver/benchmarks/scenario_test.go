package benchmarks

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/goccy/go-yaml/parser"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi/catalog"
	"github.com/idmock/idmock/scenarios"
)

// BenchmarkArmed compares a request with a thousand armed scenarios with one armed scenario: a thousand for other subjects,
// and a thousand queued for the same requests.
func BenchmarkArmed(b *testing.B) {
	const many, calls = 1000, 1 << 30
	arm := func(s *mockserver.Server, subject string, calls int) {
		b.Helper()
		want := control.ArmRequest{Account: "bench", Provider: "identitypass", Scenario: "pending-then-confirmed", Subject: subject, Calls: calls}
		if err := s.Control().Runs.Arm(context.Background(), want); err != nil {
			b.Fatal(err)
		}
	}
	one, subjects, turns := start(b, mockserver.Config{}), start(b, mockserver.Config{}), start(b, mockserver.Config{})
	arm(one, "12345678901", calls)
	for i := range many {
		arm(subjects, fmt.Sprint("9999999", i), 1)
		arm(turns, "", 1+calls*(i/(many-1))) // the last one is never used up
	}
	arm(subjects, "12345678901", calls)
	const rounds = 5
	alternate(b, one.URL(), subjects.URL(), 1) // warm up
	alternate(b, one.URL(), turns.URL(), 1)
	var bySubject, inTurns float64
	n := 0
	for b.Loop() { // one comparison per iteration
		bySubject += alternate(b, one.URL(), subjects.URL(), rounds)
		inTurns += alternate(b, one.URL(), turns.URL(), rounds)
		n++
	}
	b.ReportMetric(bySubject/float64(n), "times-one")
	b.ReportMetric(inTurns/float64(n), "turns-times-one")
}

// BenchmarkLint compares linting a thousand shipped scenario files with parsing them as YAML.
func BenchmarkLint(b *testing.B) {
	const many = 1000
	providers, err := catalog.Open()
	if err != nil {
		b.Fatal(err)
	}
	var shipped [][]byte
	for _, folder := range catalog.Folders() {
		files, err := fs.Glob(folder.FS, "scenarios/*.yaml")
		if err != nil {
			b.Fatal(err)
		}
		for _, file := range files {
			src, err := fs.ReadFile(folder.FS, file)
			if err != nil {
				b.Fatal(err)
			}
			shipped = append(shipped, src)
		}
	}
	var parse, lint time.Duration
	round := func() {
		for i := range many {
			src := shipped[i%len(shipped)]
			began := time.Now()
			if _, err := parser.ParseBytes(src, 0); err != nil {
				b.Fatal(err)
			}
			parse += time.Since(began)
			began = time.Now()
			if _, err := library.Lint(providers, "bench.yaml", src); err != nil {
				b.Fatal(err)
			}
			lint += time.Since(began)
		}
	}
	round() // the providers' documents are read once
	parse, lint = 0, 0
	for b.Loop() {
		round()
	}
	b.ReportMetric(float64(lint)/float64(parse), "times-parse")
}

// BenchmarkMonthsOfRetries runs 30 days of every provider's retries for 200 runs whose webhooks are rejected, at full speed.
func BenchmarkMonthsOfRetries(b *testing.B) {
	const runs, days = 200, 30
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer receiver.Close()
	providers, err := catalog.Open()
	if err != nil {
		b.Fatal(err)
	}
	var took time.Duration
	attempts := 0
	for b.Loop() {
		for _, p := range providers {
			one, n := months(b, p.Name, p.Events()[0].Name, receiver.URL, runs/len(providers), days)
			took += one
			attempts += n
		}
	}
	b.ReportMetric(took.Seconds()/float64(b.N), "s")
	b.ReportMetric(float64(attempts/b.N), "attempts")
}

func months(b *testing.B, provider, event, url string, runs, days int) (took time.Duration, attempts int) {
	b.Helper()
	providers, err := catalog.Open()
	if err != nil {
		b.Fatal(err)
	}
	var own []*scenarios.Scenario
	for i := range days {
		src := fmt.Sprintf("scenario: day-%d\nprovider: %s\nrules:\n  - on: start\n    then: {after: %dd, send: %s}\n", i, provider, i+1, event)
		s, err := library.Lint(providers, "day.yaml", []byte(src))
		if err != nil {
			b.Fatal(err)
		}
		own = append(own, s)
	}
	s := start(b, mockserver.Config{Scenarios: own, Frozen: true})
	e := s.Control()
	if _, err := e.Endpoints.SetEndpoint(b.Context(), webhook.Endpoint{Account: "bench", Provider: provider, URL: url, Source: "control"}); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	for i := range runs {
		if _, err := e.Runs.Play(b.Context(), control.PlayRequest{Account: "bench", Provider: provider, Scenario: fmt.Sprint("day-", i%days), Subject: fmt.Sprint(i)}); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := e.Clocks.Finish(b.Context(), "bench"); err != nil {
		b.Fatal(err)
	}
	took = time.Since(began)
	all, err := e.Deliveries.Deliveries(b.Context(), "bench", 10*runs)
	if err != nil {
		b.Fatal(err)
	}
	for _, d := range all {
		attempts += len(d.Attempts)
	}
	if len(all) != runs {
		b.Fatalf("%d deliveries of %d runs", len(all), runs)
	}
	return took, attempts
}
