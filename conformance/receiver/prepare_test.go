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

// The application is told of everybody before events about them, but of the one whom it must not know.
func TestPrepared(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	var mu sync.Mutex
	var told []string
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, strings.TrimPrefix(r.URL.Path, "/"))
	}))
	defer app.Close()
	target := serve(t, profileOf(t, "", ""), reference.Config{}, false)
	target.Prepare, target.Only = Hook{URL: app.URL + "/{subject}"}, []string{"order/unknown-subject", "ack/backlog-storm"}
	report := run(t, target)
	knows := func(body string) bool {
		return slices.ContainsFunc(told, func(name string) bool { return strings.Contains(body, `"subject":"`+name+`"`) })
	}
	for _, r := range report.Results {
		if r.Verdict != conformance.Pass {
			t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
		}
		for _, e := range r.Exchanges {
			if knows(e.Request) != (r.ID != "order/unknown-subject") {
				t.Errorf("%s: told of the subject: %v\n%s", r.ID, knows(e.Request), e.Request)
			}
		}
	}
}
