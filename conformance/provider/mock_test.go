package provider

import (
	"sync"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/openapi/catalog"
)

// The mock passes whatever applies, as every provider that ships.
func TestMock(t *testing.T) {
	t.Parallel()
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	s := mockservertest.Start(t, mockserver.Config{})
	reports := make([]*conformance.Report, len(providers))
	failed := make([]error, len(providers))
	var side sync.WaitGroup // rather than parallel tests, of which there are no more than processors: most of it is waiting
	for i, p := range providers {
		side.Go(func() {
			reports[i], failed[i] = Run(t.Context(), Target{URL: s.URL() + p.Prefix, Provider: p, Seed: 1, Strict: true, Listen: "127.0.0.1:0"}, nil)
		})
	}
	side.Wait()
	for i, p := range providers {
		t.Run(p.Name, func(t *testing.T) {
			if failed[i] != nil {
				t.Fatal(failed[i])
			}
			for _, r := range reports[i].Results {
				switch r.Verdict {
				case conformance.Pass:
				case conformance.NotApplicable:
					t.Logf("%s: %s", r.ID, r.Reason)
				default:
					t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
				}
			}
			if reports[i].Code() != 0 {
				t.Errorf("code %d", reports[i].Code())
			}
			t.Logf("%v, %q", reports[i].Took, reports[i].Evidence)
		})
	}
}
