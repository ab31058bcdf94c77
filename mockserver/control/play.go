package control

import (
	"context"
	"encoding/json"
	"net/http"
)

// Runs plays scenarios.
type Runs interface {
	// Play plays a scenario now: its start rule, or else a call to its first operation, made from the documented
	// example.
	Play(ctx context.Context, p PlayRequest) (PlayResult, error)
	// Record writes a scenario file that plays again what the journal has seen of a run. The error is store.ErrNotFound
	// when it has seen nothing.
	Record(ctx context.Context, account, provider, run, name string) ([]byte, error)
	// Arm makes calls to come play a scenario.
	Arm(ctx context.Context, a ArmRequest) error
	// Defaults returns the scenarios that were set to play where nothing else is chosen, by provider.
	Defaults(ctx context.Context, account string) (map[string]string, error)
	// SetDefault sets one of them.
	SetDefault(ctx context.Context, d DefaultRequest) error
	// Simulate plays the rule for something on one run, or on every run that has one, the oldest first.
	Simulate(ctx context.Context, s SimulateRequest) (Simulated, error)
}

// PlayRequest says what to play.
type PlayRequest struct {
	Account  string            `json:"-"` // from the query
	Provider string            `json:"provider"`
	Scenario string            `json:"scenario"`
	Subject  string            `json:"subject,omitzero"` // in place of the example's
	Body     json.RawMessage   `json:"body,omitzero"`    // of the call, in place of the documented example; nil: the example
	Headers  map[string]string `json:"headers,omitzero"` // of the call, beside those it needs
}

// PlayResult is what came of it.
type PlayResult struct {
	Run       string // empty if there is none
	Reference string // the provider's name for the run, if it has one
	Status    int    // of the provider's answer to the call; 0 if no call was made
	Body      []byte // of the provider's answer, as it is
}

// ArmRequest says which calls to come play a scenario instead of what they would play.
type ArmRequest struct {
	Account  string `json:"-"` // from the query; "": every account that has nothing armed of its own
	Provider string `json:"provider"`
	Scenario string `json:"scenario"`
	Calls    int    `json:"calls"`   // for how many calls; 0: until a reset
	Subject  string `json:"subject"` // only calls for this subject; empty: any
}

// DefaultRequest says what plays where nothing else was chosen.
type DefaultRequest struct {
	Account  string `json:"-"` // from the query; "": every account that has no default of its own
	Provider string `json:"provider"`
	Scenario string `json:"scenario"` // empty: as if none had been set
}

func (a *api) play(w http.ResponseWriter, r *http.Request) error {
	var p PlayRequest
	if err := receive(w, r, &p); err != nil {
		return err
	}
	p.Account = account(r)
	if err := need("provider", p.Provider, "scenario", p.Scenario); err != nil {
		return err
	}
	patient(w)
	result, err := a.Runs.Play(r.Context(), p)
	if err != nil {
		return err
	}
	return sendPlayed(w, result)
}

// sendPlayed tells what a provider answered.
func sendPlayed(w http.ResponseWriter, result PlayResult) (err error) {
	answer := struct {
		Run       string          `json:"run,omitempty"`
		Reference string          `json:"reference,omitempty"`
		Status    int             `json:"status,omitzero"`
		Body      json.RawMessage `json:"body,omitzero"`
	}{result.Run, result.Reference, result.Status, nil}
	switch {
	case len(result.Body) == 0:
	case json.Valid(result.Body):
		answer.Body = result.Body
	default: // a page of HTML, say, which a broken gateway is played with
		if answer.Body, err = json.Marshal(string(result.Body)); err != nil {
			return err
		}
	}
	return send(w, http.StatusOK, answer)
}

func (a *api) arm(w http.ResponseWriter, r *http.Request) error {
	var arm ArmRequest
	if err := receive(w, r, &arm); err != nil {
		return err
	}
	arm.Account = account(r)
	if err := need("provider", arm.Provider, "scenario", arm.Scenario); err != nil {
		return err
	}
	if arm.Calls < 0 {
		return Invalidf("calls is %d: give the number of calls to arm, or leave it out to arm all until a reset", arm.Calls)
	}
	if err := a.Runs.Arm(r.Context(), arm); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *api) record(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if err := need("provider", q.Get("provider")); err != nil {
		return err
	}
	file, err := a.Runs.Record(r.Context(), account(r), q.Get("provider"), r.PathValue("run"), q.Get("name"))
	if err != nil {
		return err
	}
	write(w, http.StatusOK, "application/yaml", file)
	return nil
}
