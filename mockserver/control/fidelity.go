package control

import (
	"context"
	"net/http"
)

// Fidelities says how far the mock goes.
type Fidelities interface {
	// Fidelity tells it of a provider.
	Fidelity(ctx context.Context, provider string) (Fidelity, error)
}

// Fidelity is how far the mock goes in being like a provider: modelled has a life of its own, validated takes and says
// what the schemas allow, stubbed answers what nothing is known about, and guess is what nobody has published.
type Fidelity struct {
	Provider   string              `json:"provider"`
	Operations []OperationFidelity `json:"operations"`
	Events     []EventFidelity     `json:"events"`
	Guesses    []string            `json:"guesses"` // which facts are guesses, in sentences
}

// OperationFidelity is how far the mock goes with an operation.
type OperationFidelity struct {
	ID       string `json:"id"`
	Method   string `json:"method"`
	Path     string `json:"path"` // below the provider's base
	Fidelity string `json:"fidelity"`
	Own      bool   `json:"own"` // the mock's, and not part of the provider's API: a screen, what stands in for a browser SDK
}

// EventFidelity is how far the mock goes with an event.
type EventFidelity struct {
	Name     string `json:"name"`
	Fidelity string `json:"fidelity"`
}

func (a *api) fidelity(w http.ResponseWriter, r *http.Request) error {
	told, err := a.Fidelities.Fidelity(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, told)
}
