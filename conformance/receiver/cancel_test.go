package receiver

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/idmock/idmock/conformance"
)

// A run canceled during its first event has no failures: the receiver had no time to respond.
func TestStoppedAtTheCanary(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = http.MaxBytesReader(nil, r.Body, 1<<20).Read(make([]byte, 1<<20)) // the server notices a disconnected client only after the body
		cancel()
		<-r.Context().Done()
	}))
	defer app.Close()
	results := 0
	report, err := Run(ctx, Target{URL: app.URL + "/hooks", Provider: profileOf(t, "standard-webhooks", "")}, func(conformance.Result) { results++ })
	if err != nil {
		t.Fatal(err)
	}
	if report.Complete || report.Headline != "" || report.ExitCode() != 2 || report.Count(conformance.Skip)+report.Count(conformance.NotApplicable) != len(report.Results) {
		t.Errorf("complete %v, headline %q, code %d: %s", report.Complete, report.Headline, report.ExitCode(), report.Sentence())
	}
	selected, err := Select(Target{})
	if err != nil || results != len(selected) || len(report.Results) != len(selected) {
		t.Errorf("%d results reported, %d in the report, expected %d (%v)", results, len(report.Results), len(selected), err)
	}
}
