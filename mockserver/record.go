package mockserver

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/scenarios"
)

// recording is what was seen of one run, in the order in which it happened, on its way to becoming a scenario file.
type recording struct {
	provider, reference string
	operations          []string // that were called, the first call first
	replies             map[string][]journal.Call
	sets                map[string]jsontext.Value // what the first call of an operation set
	start               time.Time                 // account time of what began it
	steps               []recorded
}

// recorded is a step of a timeline.
type recorded struct {
	at   time.Time
	set  map[string]jsontext.Value
	send string
	sent *delivery // nil where nothing is kept of it
}

// Record writes a scenario file that plays again what the journal has seen of a run: what was answered to each call, what
// changed when, and what was sent. Where the run's reference stands in an answer, the new run's stands then.
func (e *Engine) Record(ctx context.Context, account, provider, reference, name string) ([]byte, error) {
	entries, err := e.Read(ctx, account, 0, math.MaxInt)
	if err != nil {
		return nil, err
	}
	r := &recording{provider: provider, reference: reference, replies: map[string][]journal.Call{}, sets: map[string]jsontext.Value{}}
	for _, entry := range entries {
		if err := e.see(ctx, r, entry); err != nil {
			return nil, err
		}
	}
	if r.start.IsZero() {
		return nil, fmt.Errorf("run %q: %w; the journal keeps only so much", reference, store.ErrNotFound)
	}
	return r.file(cmp.Or(name, "seen-"+short(reference)))
}

// see adds what an entry tells of the run.
func (e *Engine) see(ctx context.Context, r *recording, entry store.Entry) error {
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
		event, err := journal.As[journal.Event](entry)
		if err != nil || event.Run != r.reference || event.Provider != r.provider || event.Manual {
			return err
		}
		step := recorded{at: event.Due, send: event.Event}
		if doc, err := e.store.Get(ctx, deliveryKey(entry.Account, event.Delivery)); err == nil {
			step.sent = &delivery{}
			if err := json.Unmarshal(doc.Data, step.sent); err != nil {
				return err
			}
			if step.sent.Of != "" {
				return nil // a copy: what it is a copy of is in here already
			}
		}
		r.steps = append(r.steps, step)
	}
	return nil
}

// change adds a change of the run: to the rule of the call that caused it, or as a step.
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
		r.steps = append(r.steps, recorded{at: at, set: set})
	}
}

// difference is what changed from one state to the next. What is gone is left out: a scenario cannot unset.
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

// short is the beginning of a name, as far as it can stand in the name of a file.
func short(reference string) string {
	kept := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
			return c
		}
		return -1
	}, strings.ToLower(reference))
	return kept[:min(8, len(kept))]
}

// merged joins what happened at one moment: a change and what it sent are one step.
func (r *recording) merged() []recorded {
	slices.SortStableFunc(r.steps, func(a, b recorded) int { return a.at.Compare(b.at) })
	var all []recorded
	for _, step := range r.steps {
		if last := len(all) - 1; last >= 0 && all[last].at.Equal(step.at) && all[last].send == "" && step.set == nil {
			all[last].send, all[last].sent = step.send, step.sent
			continue
		}
		all = append(all, step)
	}
	return all
}
