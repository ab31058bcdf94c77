package receiver

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/internal/testenv"
)

// A receiver that fails every check gets one headline, and no verdict without evidence.
func TestHeadlines(t *testing.T) {
	t.Parallel()
	alive := func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) }
	for _, c := range []struct {
		name     string
		hook     http.HandlerFunc
		headline string
		code     int
		passed   bool // checks may pass
	}{
		{"refuses all", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, "refuses a correctly signed event (401)", 1, false},
		{"not found", http.NotFound, "No webhook at this address (404)", 1, false},
		{"accepts all", func(w http.ResponseWriter, _ *http.Request) { alive(w) }, "accepts forged events", 1, true},
		{"redirects", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, "redirects (302", 1, false},
		{"slow", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // the server notices a disconnected client only after the body
			<-r.Context().Done()
		}, "too slow", 1, false},
		{"fails", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, "fails on a valid event (500)", 1, false},
		{"disconnects", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "disconnects", 1, false},
		{"responds 204 instead of 200", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, "", 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(c.hook)
			defer server.Close()
			p := profileOf(t, "standard-webhooks", "1s")
			target := Target{Provider: p, URL: server.URL, Credentials: map[string]string{"signing_secret": secrets[0]}, Only: []string{"auth/*", "body/*", "kyc/*"}}
			report := run(t, target)
			if c.headline != "" && !strings.Contains(report.Headline, c.headline) {
				t.Errorf("headline %q, expected %q", report.Headline, c.headline)
			}
			if c.headline != "" && report.Advice == "" {
				t.Error("no advice")
			}
			if report.ExitCode() != c.code {
				t.Errorf("code %d, want %d", report.ExitCode(), c.code)
			}
			for _, r := range report.Results {
				effect := r.Group() == "kyc" && r.ID != "kyc/no-pii-echo"
				if r.Verdict == conformance.Pass && (!c.passed || effect || r.ID == "auth/forged-signature") {
					t.Errorf("%s passes", r.ID)
				}
			}
		})
	}
}

// A report on a receiver that crashes during the run says so and names the check. Checks after the crash get no verdict.
func TestCrash(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var dead atomic.Bool
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var event struct{ Deep json.RawMessage }
		body := json.NewDecoder(r.Body)
		if body.Decode(&event) == nil && event.Deep != nil {
			dead.Store(true)
		}
		if dead.Load() {
			panic(http.ErrAbortHandler)
		}
		if r.Header.Get("Webhook-Signature") == "" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	defer func() { server.Close(); <-done }()
	target := Target{Provider: profileOf(t, "standard-webhooks", "1s"), URL: "http://" + listener.Addr().String(), Credentials: map[string]string{"signing_secret": secrets[0]}, Only: []string{"auth/*", "body/*"}, Seed: 1}
	report := run(t, target)
	if !strings.Contains(report.Headline, "stopped working") {
		t.Errorf("headline %q", report.Headline)
	}
	for _, r := range report.Results {
		if r.Group() == "body" && (r.Verdict == conformance.Pass || r.Verdict == conformance.Fail && r.ID != "body/deep-nesting") {
			t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
		}
	}
	if report.ExitCode() != 1 {
		t.Errorf("code %d", report.ExitCode())
	}
}

// The report on a canceled run has the results so far, also after one result.
func TestStopped(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	all, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	for _, after := range []int{1, 20} {
		ctx, stop := context.WithCancel(t.Context())
		target := Target{Provider: profileOf(t, "standard-webhooks", ""), URL: server.URL, Parallel: 1}
		results := 0
		report, err := Run(ctx, target, func(conformance.Result) {
			if results++; results == after {
				stop()
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if report.Complete || report.Untested || report.ExitCode() == 0 || len(report.Results) != len(all) {
			t.Errorf("after %d: complete %v, untested %v, code %d, %d of %d results", after, report.Complete, report.Untested, report.ExitCode(), len(report.Results), len(all))
		}
	}
}
