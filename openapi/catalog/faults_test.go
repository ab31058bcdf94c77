package catalog_test

import (
	"testing"

	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

// Every operation of the shipped documents is served: a reference without a target would cost one silently.
func TestShippedDocumentsHaveNoFaults(t *testing.T) {
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range providers {
		faults, err := openapi.Faults(p)
		if err != nil || len(faults) > 0 {
			t.Errorf("%s: %v %v", p.Name, err, faults)
		}
	}
}
