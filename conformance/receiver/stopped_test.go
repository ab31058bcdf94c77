package receiver

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/idmock/idmock/conformance"
)

// A run that is stopped at its first event says nothing against the receiver, which had no time to answer.
func TestStoppedAtTheCanary(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = http.MaxBytesReader(nil, r.Body, 1<<20).Read(make([]byte, 1<<20)) // that the sender has gone is noticed only then
		cancel()
		<-r.Context().Done()
	}))
	defer app.Close()
	told := 0
	report, err := Run(ctx, Target{URL: app.URL + "/hooks", Provider: profileOf(t, "standard-webhooks", "")}, func(conformance.Result) { told++ })
	if err != nil {
		t.Fatal(err)
	}
	if report.Complete || report.Headline != "" || report.ExitCode() != 2 || report.Count(conformance.Skip)+report.Count(conformance.NotApplicable) != len(report.Results) {
		t.Errorf("complete %v, headline %q, code %d: %s", report.Complete, report.Headline, report.ExitCode(), report.Sentence())
	}
	chosen, err := Select(Target{})
	if err != nil || told != len(chosen) || len(report.Results) != len(chosen) {
		t.Errorf("%d told, %d in the report, want %d (%v)", told, len(report.Results), len(chosen), err)
	}
}
