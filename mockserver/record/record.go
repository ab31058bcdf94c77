// Package record writes a scenario file from the journal of a run. It reads the journal and the deliveries, and
// changes nothing.
package record

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/mockserver/delivery"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/scenarios"
)

// Deliveries finds deliveries as they were planned.
type Deliveries interface {
	Planned(ctx context.Context, account, id string) (*delivery.Delivery, error)
}

// recording is the history of one run, in order, on its way to a scenario file.
type recording struct {
	deliveries          Deliveries
	provider, reference string
	outcomes            *outcome.Table
	operations          []string // that were requested, the first first
	replies             map[string][]journal.Call
	sets                map[string]jsontext.Value // by the first request of an operation
	start               time.Time                 // account time
	steps               []step
}

// step is a step of a timeline.
type step struct {
	at   time.Time
	set  map[string]jsontext.Value
	send string
	sent *delivery.Delivery // nil where it is no longer kept
}

// Run names the run to record, with the outcomes of its provider.
type Run struct {
	Provider, Reference string
	Outcomes            *outcome.Table
}

// Scenario returns a scenario file of a name that replays a run from its entries: the response to each request,
// its changes over time, and its events. Where the run's reference occurs in a response, the new run's occurs then. The
// error is store.ErrNotFound if the entries have nothing of the run.
func Scenario(ctx context.Context, entries []store.Entry, deliveries Deliveries, run Run, name string) ([]byte, error) {
	r := &recording{deliveries: deliveries, provider: run.Provider, reference: run.Reference, outcomes: run.Outcomes, replies: map[string][]journal.Call{}, sets: map[string]jsontext.Value{}}
	for _, entry := range entries {
		if err := r.add(ctx, entry); err != nil {
			return nil, err
		}
	}
	if r.start.IsZero() {
		return nil, fmt.Errorf("run %q: %w: unknown, or older than the journal", run.Reference, store.ErrNotFound)
	}
	return r.file(cmp.Or(name, "seen-"+short(run.Reference)))
}

// add adds an entry of the run.
func (r *recording) add(ctx context.Context, entry store.Entry) error {
	switch entry.Kind {
	case journal.KindCall:
		call, err := journal.As[journal.Call](entry)
		if err != nil || call.Run != r.reference || call.Provider != r.provider || call.Error != nil {
			return err
		}
		if r.start.IsZero() {
			r.start = entry.At
		}
		if len(r.replies[call.Operation]) == 0 {
			r.operations = append(r.operations, call.Operation)
		}
		r.replies[call.Operation] = append(r.replies[call.Operation], call)
	case journal.KindRun:
		change, err := journal.As[journal.Run](entry)
		if err != nil || change.Run != r.reference || change.Provider != r.provider {
			return err
		}
		set, err := difference(change.Before, change.State)
		if err != nil {
			return err
		}
		r.change(entry.At, change, set)
	case journal.KindEvent:
		return r.event(ctx, entry)
	}
	return nil
}

func (r *recording) event(ctx context.Context, entry store.Entry) error {
	event, err := journal.As[journal.Event](entry)
	if err != nil || event.Run != r.reference || event.Provider != r.provider || event.Manual || event.Of != "" { // a copy
		return err
	}
	sent, err := r.deliveries.Planned(ctx, entry.Account, event.Delivery)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	r.steps = append(r.steps, step{at: event.Due, send: event.Event, sent: sent})
	return nil
}

// change adds a change of the run: to the rule of the request that caused it, or as a step.
func (r *recording) change(at time.Time, change journal.Run, set map[string]jsontext.Value) {
	if r.start.IsZero() { // played by its start rule
		r.start, r.operations = at, []string{scenarios.Start}
	}
	for _, operation := range r.operations {
		calls := r.replies[operation]
		caused := operation == scenarios.Start && change.Before == nil || len(calls) > 0 && calls[len(calls)-1].Rule == change.Cause
		if _, known := r.sets[operation]; caused && !known {
			r.sets[operation], _ = json.Marshal(set, json.Deterministic(true)) // JSON made of JSON
			return
		}
	}
	if len(set) > 0 {
		r.steps = append(r.steps, step{at: at, set: set})
	}
}

// difference returns the changes from one state to the next. Removed values are left out: a scenario cannot unset.
func difference(before, after []byte) (map[string]jsontext.Value, error) {
	var was, is map[string]jsontext.Value
	if len(before) > 0 {
		if err := json.Unmarshal(before, &was); err != nil {
			return nil, err
		}
	}
	if err := json.Unmarshal(after, &is); err != nil {
		return nil, err
	}
	for name, value := range is {
		if bytes.Equal(was[name], value) {
			delete(is, name)
		}
	}
	return is, nil
}

// short is the beginning of a reference, without characters that a file name may not have.
func short(reference string) string {
	kept := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
			return c
		}
		return -1
	}, strings.ToLower(reference))
	return kept[:min(8, len(kept))]
}

// merged joins a change and its event at one time to one step.
func (r *recording) merged() []step {
	slices.SortStableFunc(r.steps, func(a, b step) int { return a.at.Compare(b.at) })
	var all []step
	for _, next := range r.steps {
		if last := len(all) - 1; last >= 0 && all[last].at.Equal(next.at) && all[last].send == "" && next.set == nil {
			all[last].send, all[last].sent = next.send, next.sent
			continue
		}
		all = append(all, next)
	}
	return all
}
