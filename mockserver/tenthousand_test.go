package mockserver_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/testenv"
)

// tokens is a receiver that keeps the token of each delivery only.
type tokens struct {
	*httptest.Server
	mu  sync.Mutex
	got []string
}

func newTokens(t *testing.T) *tokens {
	r := &tokens{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		_, _ = io.Copy(io.Discard, request.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got = append(r.got, request.Header.Get("Token"))
	}))
	t.Cleanup(r.Close)
	return r
}

// With ten thousand pending verifications and an advance of an hour, each endpoint gets all webhooks once, in the order
// of the requests.
func TestTenThousandPending(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	for _, test := range []struct{ endpoints, checks int }{{1, 10_000}, {3, 500}} {
		t.Run(fmt.Sprint(test.endpoints), func(t *testing.T) {
			t.Parallel()
			s := begin(t)
			a := s.Account("many")
			var receivers []*tokens
			for range test.endpoints {
				receivers = append(receivers, newTokens(t))
				a.Webhook(provider, receivers[len(receivers)-1].URL)
			}
			var want []string
			template := a.Request(provider, bvn, nil)
			template.Header.Set("Content-Type", "application/json")
			for i := range test.checks {
				r := template.Clone(t.Context())
				r.Body = io.NopCloser(strings.NewReader(fmt.Sprintf(`{"number":"%011d"}`, 30_000_000_000+i)))
				r.Header.Set("X-Idmock-Scenario", "pending-then-confirmed")
				w := httptest.NewRecorder()
				s.Handler().ServeHTTP(w, r)
				_, rest, ok := strings.Cut(w.Body.String(), `"reference":"`)
				if !ok {
					t.Fatalf("call %d: %d %s", i, w.Code, w.Body)
				}
				reference, _, _ := strings.Cut(rest, `"`)
				want = append(want, reference)
			}
			if stats, err := s.Control().Journal.Stats(t.Context()); err != nil || stats.Jobs != test.checks {
				t.Fatalf("the store holds %+v (%v), want %d jobs", stats, err, test.checks)
			}
			if settled := a.Advance(time.Hour); settled != test.checks*(1+test.endpoints) {
				t.Errorf("settled %d, want a step and %d attempts for each of %d", settled, test.endpoints, test.checks)
			}
			for i, r := range receivers {
				if !slices.Equal(r.got, want) {
					t.Errorf("endpoint %d got %d deliveries, want all %d once and in order", i, len(r.got), len(want))
				}
			}
		})
	}
}
