package control

import (
	"encoding/json"
	"net/http"
)

// SimulateRequest says what to make happen, and to which runs.
type SimulateRequest struct {
	Account  string          `json:"-"`                // from the query; "": every account
	Name     string          `json:"name"`             // one of the provider's simulations
	Provider string          `json:"provider"`         // empty: any that has such a simulation
	Run      string          `json:"run,omitzero"`     // its reference; empty: every run with a rule for it
	Subject  string          `json:"subject,omitzero"` // only runs of this subject; empty: any
	Data     json.RawMessage `json:"data,omitzero"`    // what the rule sees as body; nil: nothing
}

// Simulated is what came of it.
type Simulated struct {
	Runs   []SimulatedRun `json:"runs"` // in the order in which they were played
	Played int            `json:"played"`
}

// SimulatedRun is one run on which a rule was played.
type SimulatedRun struct {
	Account  string `json:"account"`
	Provider string `json:"provider"`
	Run      string `json:"run"`
	Scenario string `json:"scenario"`
	Rule     string `json:"rule"` // that was played
}

func (a *api) simulate(w http.ResponseWriter, r *http.Request) error {
	var s SimulateRequest
	if err := receive(w, r, &s); err != nil {
		return err
	}
	s.Account = account(r)
	if err := need("name", s.Name); err != nil {
		return err
	}
	patient(w)
	done, err := a.Runs.Simulate(r.Context(), s)
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, done)
}
