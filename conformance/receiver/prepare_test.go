package receiver

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/internal/testenv"
)

// The prepare hook runs for every subject before the first event about it, except for the unknown subject.
func TestPrepare(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	var mu sync.Mutex
	var prepared []string
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		prepared = append(prepared, strings.TrimPrefix(r.URL.Path, "/"))
	}))
	defer app.Close()
	target := serve(t, profileOf(t, "", ""), reference.Config{}, false)
	target.Prepare, target.Only = Hook{URL: app.URL + "/{subject}"}, []string{"order/unknown-subject", "ack/backlog-storm"}
	report := run(t, target)
	isPrepared := func(body string) bool {
		return slices.ContainsFunc(prepared, func(name string) bool { return strings.Contains(body, `"subject":"`+name+`"`) })
	}
	for _, r := range report.Results {
		if r.Verdict != conformance.Pass {
			t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
		}
		for _, e := range r.Exchanges {
			if isPrepared(e.Request) != (r.ID != "order/unknown-subject") {
				t.Errorf("%s: subject prepared: %v\n%s", r.ID, isPrepared(e.Request), e.Request)
			}
		}
	}
}
