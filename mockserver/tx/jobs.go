package tx

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/idmock/idmock/mockserver/store"
)

// Job is work of an account that falls due.
type Job struct {
	ID    string
	Lane  string    // see [store.Job]
	Due   time.Time // account time
	Hold  string    // see [store.Job]
	Keeps string    // see [store.Job]
	Work  Work
}

// Work is the work of a job. Exactly one field is set.
type Work struct {
	// Attempt sends a webhook.
	Attempt *Attempt `json:"attempt,omitempty"`
	// Step continues a timeline of a run.
	Step *Step `json:"step,omitempty"`
	// Timeout ends the wait of a run for a request.
	Timeout *Step `json:"timeout,omitempty"`
}

// Attempt is the next attempt of a delivery.
type Attempt struct {
	Delivery string `json:"delivery"`
	// After is the ID of a request: the attempt begins once its response is out.
	After string `json:"after,omitempty"`
	// Before is the ID of a request: its response waits for the attempt.
	Before string `json:"before,omitempty"`
}

// Step is a place in a timeline of a run.
type Step struct {
	Provider string `json:"provider"`
	Run      string `json:"run"` // reference
	// Scenario is the one that the timeline belongs to, where that is not the run's own.
	Scenario string `json:"scenario,omitempty"`
	// Own is the run's own scenario, in its edition, where the timeline belongs to that.
	Own     string `json:"own,omitempty"`
	Edition int    `json:"edition,omitzero"`
	Rule    int    `json:"rule"`
	Step    int    `json:"step"`
}

// Encode implements [store.Value].
func (w Work) Encode() ([]byte, error) { return json.Marshal(w, json.Deterministic(true)) }

// stored returns the job as it is stored.
func (j Job) stored(account string) store.Job {
	return store.Job{ID: j.ID, Account: account, Lane: j.Lane, Due: j.Due, Hold: j.Hold, Keeps: j.Keeps, Value: j.Work}
}

// Decode reads the work of a job. Do not modify it: it may be the stored one.
func Decode(job store.Job) (Work, error) {
	if w, ok := job.Value.(Work); ok {
		return w, nil
	}
	var w Work
	if err := json.Unmarshal(job.Payload, &w); err != nil {
		return w, fmt.Errorf("job %s: %w", job.ID, err)
	}
	if w == (Work{}) {
		return w, fmt.Errorf("job %s: payload %q names no work", job.ID, job.Payload)
	}
	return w, nil
}
