package mockserver_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/openapi/catalog"
)

// Every built-in provider states the fidelity of each operation and event, and its guesses.
func TestFidelity(t *testing.T) {
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	s := new(mockservertest.Network).Start(t, mockserver.Config{Providers: providers})
	known := []string{"modelled", "validated", "stubbed", "guess"}
	for _, p := range providers {
		fidelity, err := s.Control().Fidelities.Fidelity(t.Context(), p.Name)
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		operations, err := p.Operations()
		if err != nil {
			t.Fatal(err)
		}
		if fidelity.Provider != p.Name || len(fidelity.Operations) != len(operations) || len(fidelity.Events) != len(p.Events()) || len(fidelity.Guesses) == 0 {
			t.Errorf("%s: %d operations of %d, %d events of %d, %d guesses", p.Name, len(fidelity.Operations), len(operations), len(fidelity.Events), len(p.Events()), len(fidelity.Guesses))
		}
		for i, op := range fidelity.Operations {
			if !slices.Contains(known, op.Fidelity) || op.ID != operations[i].ID || op.Own != (operations[i].Dashboard || operations[i].Mock) {
				t.Errorf("%s: %+v", p.Name, op)
			}
		}
	}
	if _, err := s.Control().Fidelities.Fidelity(t.Context(), "unknown"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of a provider that is not there: %v", err)
	}
}
