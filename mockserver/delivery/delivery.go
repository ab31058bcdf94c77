package delivery

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/scenarios"
)

// IDPrefix begins the ID of every delivery.
const IDPrefix = "d"

// Delivery is one event for one endpoint, as it is stored. It carries its run as it was when the delivery was planned, so
// that every attempt sends the same even if the run moves on.
type Delivery struct {
	ID       string            `json:"id"`
	Provider string            `json:"provider"`
	Event    string            `json:"event"`
	Endpoint string            `json:"endpoint"`
	URL      string            `json:"url"` // when it was planned; an attempt goes to the endpoint's URL of its own time
	Rule     string            `json:"rule,omitempty"`
	Step     string            `json:"step,omitempty"` // the line that sends it and expects something of it
	Run      *run.Run          `json:"run"`
	Data     jsontext.Value    `json:"data,omitempty"` // laid over the event's template
	Expect   *scenarios.Expect `json:"expect,omitempty"`
	Due      time.Time         `json:"due"` // account time of the next attempt
	Attempts int               `json:"attempts,omitzero"`
	Manual   bool              `json:"manual,omitzero"`
	Else     *scenarios.Timer  `json:"else,omitempty"`     // steps for when it fails or misses its expectation
	ElseOf   string            `json:"else_of,omitempty"`  // the scenario that sent it, if not the run's own
	Override *Override         `json:"override,omitempty"` // nil: sent as rendered
	Awaited  bool              `json:"awaited,omitzero"`   // its end may trigger a rule of its run
	Faults   []scenarios.Fault `json:"faults,omitempty"`

	CopyOf     string `json:"copy_of,omitempty"`     // the original, whose ID it is sent under
	Copied     bool   `json:"copied,omitzero"`       // copies must be the same to the last byte
	Resigned   bool   `json:"resigned,omitzero"`     // a copy that is signed again
	Lane       string `json:"lane,omitempty"`        // its own; empty: the endpoint's
	Reordered  bool   `json:"reordered,omitzero"`    // it is in the endpoint's reorder buffer
	Hold       string `json:"hold,omitempty"`        // byHand, or the ID of a hold
	ExemptFrom string `json:"exempt_from,omitempty"` // the hold that its next attempt passes; byHand: all of them

	stored store.Doc // as it was read
}

// SentID is the ID under which it is sent.
func (d *Delivery) SentID() string { return cmp.Or(d.CopyOf, d.ID) }

func (d *Delivery) doc(account string) (store.Doc, error) {
	data, err := json.Marshal(d, json.Deterministic(true))
	return store.Doc{Key: tx.DeliveryKey(account, d.ID), Rev: d.stored.Rev, Data: data}, err
}

func (d *Delivery) put(t *tx.Tx) error {
	doc, err := d.doc(t.Account())
	if err == nil {
		t.Put(doc)
	}
	return err
}

// job is the next attempt. Deliveries to one endpoint keep their order, unless a fault gives one a lane of its own.
func (d *Delivery) job(account string) tx.Job {
	return tx.Job{ID: "send " + account + " " + d.ID, Lane: cmp.Or(d.Lane, d.Endpoint), Due: d.Due, Hold: d.Hold,
		Work: tx.Work{Attempt: &tx.Attempt{Delivery: d.ID}}}
}

func parse(doc store.Doc) (*Delivery, error) {
	d := &Delivery{stored: doc}
	if err := json.Unmarshal(doc.Data, d); err != nil {
		return nil, fmt.Errorf("delivery %s: %w", doc.Key, err)
	}
	return d, nil
}

func read(ctx context.Context, from run.Reader, account, id string) (*Delivery, error) {
	doc, err := from.Get(ctx, tx.DeliveryKey(account, id))
	if err != nil {
		return nil, fmt.Errorf("delivery %q: %w", id, err)
	}
	return parse(doc)
}

// End is how a delivery ended.
type End struct {
	Outcome  string // of the journal's
	Got      string // the receiver's response, for people
	Pass     bool   // the expectation was met, or there was none
	Status   int    // of the last response; 0 if there was none
	Failure  string // why the last attempt was not accepted; empty if it was
	Notified []string
}

// Values are the delivery in expressions of a rule that it triggers.
func (e End) Values(d *Delivery) map[string]any {
	v := map[string]any{"id": d.ID, "event": d.Event, "attempts": d.Attempts, "status": nil, "error": e.Failure}
	if e.Status != 0 {
		v["status"] = e.Status
	}
	return v
}

// Trigger is the trigger of rules for such an end; empty where there is none.
func (e End) Trigger(event string) string {
	switch e.Outcome {
	case journal.Delivered:
		return scenarios.Delivered(event)
	case journal.Exhausted:
		return scenarios.Exhausted(event)
	}
	return ""
}

// Failed reports whether the steps of else play: the expectation was not met or, where there is none, the event did not
// arrive.
func (e End) Failed(d *Delivery) bool {
	if d.Expect != nil {
		return !e.Pass
	}
	return e.Outcome != journal.Delivered
}
