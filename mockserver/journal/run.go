package journal

import (
	"encoding/json"
	"slices"
	"time"
)

// Run records a new run or a change of its state.
type Run struct {
	Run       string          `json:"run"`
	Provider  string          `json:"provider"`
	Operation string          `json:"operation"` // operation that started the run
	Scenario  string          `json:"scenario"`
	Subject   string          `json:"subject"`
	Reference string          `json:"reference"`
	State     json.RawMessage `json:"state"`            // an object; nil is written as {}
	Before    json.RawMessage `json:"before,omitempty"` // previous state; nil for a new run
	Cause     string          `json:"cause"`            // a rule, start, or a trigger such as "simulate aml-hit"
	Rule      string          `json:"rule,omitempty"`   // rule run by a trigger
	Next      time.Time       `json:"next,omitzero"`    // account time of the next step; zero if none is planned
}

var _ Data = Run{}

// Kind is KindRun.
func (Run) Kind() string { return KindRun }

// Append appends the JSON object to dst. State and Before must be valid JSON.
func (r Run) Append(dst []byte) []byte {
	dst = slices.Grow(dst, 256+len(r.State)+len(r.Before))
	dst = text(dst, `{"run":`, r.Run)
	dst = text(dst, `,"provider":`, r.Provider)
	dst = text(dst, `,"operation":`, r.Operation)
	dst = text(dst, `,"scenario":`, r.Scenario)
	dst = text(dst, `,"subject":`, r.Subject)
	dst = text(dst, `,"reference":`, r.Reference)
	dst = append(dst, `,"state":`...)
	if len(r.State) == 0 {
		dst = append(dst, `{}`...)
	}
	dst = append(dst, r.State...)
	if len(r.Before) > 0 {
		dst = append(dst, `,"before":`...)
		dst = append(dst, r.Before...)
	}
	dst = text(dst, `,"cause":`, r.Cause)
	dst = optional(dst, `,"rule":`, r.Rule)
	if !r.Next.IsZero() {
		dst = appendTime(append(dst, `,"next":`...), r.Next)
	}
	return append(dst, '}')
}

// MarshalJSON is Append.
func (r Run) MarshalJSON() ([]byte, error) { return r.Append(nil), nil }
