package provider

import (
	"context"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

// The mock passes whatever applies, as every provider that ships.
func TestMock(t *testing.T) {
	for _, folder := range catalog.Folders() {
		t.Run(folder.Name, func(t *testing.T) {
			p, err := openapi.Open(folder.Name, folder.FS)
			if err != nil {
				t.Fatal(err)
			}
			s := mockservertest.Start(t, mockserver.Config{Providers: []*openapi.Provider{p}})
			report, err := Run(context.Background(), Target{URL: s.URL() + p.Prefix, Provider: p, Seed: 1, Strict: true}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				switch r.Verdict {
				case conformance.Pass:
				case conformance.NotApplicable:
					t.Logf("%s: %s", r.ID, r.Reason)
				default:
					t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
				}
			}
			t.Logf("%v, %q", report.Took, report.Evidence)
			if report.Code() != 0 {
				t.Errorf("code %d", report.Code())
			}
		})
	}
}
