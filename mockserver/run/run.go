// Package run is a run as it is stored: one playing of a scenario for one subject, with its state, its waits and
// its values in expressions.
//
// It reads and writes runs and moves them by a scenario's machine. The choice of a scenario and the effects of a step
// belong to package engine.
package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/settings"
	"github.com/idmock/idmock/scenarios"
)

// Run is one playing of a scenario for one subject.
type Run struct {
	Reference string          `json:"reference"`
	Provider  string          `json:"provider"`
	Operation string          `json:"operation"` // that started it, or scenarios.Start
	Scenario  string          `json:"scenario"`
	Edition   int             `json:"edition,omitzero"` // of the library that Scenario is from
	Subject   string          `json:"subject,omitempty"`
	Started   time.Time       `json:"started"`        // account time
	Order     uint64          `json:"order,omitzero"` // among the runs of the account
	Request   jsontext.Value  `json:"request,omitempty"`
	State     scenarios.State `json:"state"`
	Open      int             `json:"open,omitzero"`    // still to come: expected requests, ends of deliveries. Jobs of steps keep the run by themselves
	Waits     []Wait          `json:"waits,omitempty"`  // for expected requests
	Instant   time.Time       `json:"instant,omitzero"` // account time of the last steps that deliveries caused
	Steps     int             `json:"steps,omitzero"`   // at that instant
	Removed   bool            `json:"removed,omitzero"` // by a request
	// Addresses are the URLs from the request to which events of the run are sent, by event.
	Addresses map[string]string `json:"addresses,omitempty"`

	rev   uint64
	body  any             // Request, decoded when first needed
	scope *template.Scope // shared by its deliveries; see Snapshot

	encoded []byte // of a snapshot
}

// Wait is a request that a run's scenario expects. Its job is due when the time for the request is over; the request ends
// the job.
type Wait struct {
	Timer     scenarios.Timer `json:"timer"`
	Operation string          `json:"operation"`          // with wildcards
	Scenario  string          `json:"scenario,omitempty"` // that expects it, if not the run's own
	Rule      string          `json:"rule"`
	Since     time.Time       `json:"since"` // account time
	Within    time.Duration   `json:"within,format:nano"`
	Job       string          `json:"job"`
}

// Deadline is the account time at which the wait is over.
func (w Wait) Deadline() time.Time { return w.Since.Add(w.Within) }

// Reader reads documents: a store or a unit of work.
type Reader interface {
	Get(ctx context.Context, key string) (store.Doc, error)
}

// Find returns a run, or nil if there is none.
func Find(ctx context.Context, from Reader, account, provider, reference string) (*Run, error) {
	doc, err := from.Get(ctx, tx.RunKey(account, provider, reference))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parse(doc)
}

func parse(doc store.Doc) (*Run, error) {
	r := &Run{rev: doc.Rev}
	if err := r.decode(doc.Data); err != nil {
		return nil, fmt.Errorf("run %s: %w", doc.Key, err)
	}
	return r, nil
}

// FindFor returns the run that a request is about, by its reference or else by its alias; nil if there is none.
func FindFor(ctx context.Context, from Reader, account string, p *openapi.Provider, c *openapi.Call) (*Run, error) {
	reference := c.Reference
	if reference == "" && c.Alias != "" {
		doc, err := from.Get(ctx, tx.AliasKey(account, p.Name, c.Alias))
		if errors.Is(err, store.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		reference = string(doc.Data)
	}
	return Find(ctx, from, account, p.Name, reference)
}

// All returns the runs of an account that are still kept, the oldest first.
func All(ctx context.Context, s store.Store, account string) ([]*Run, error) {
	const page = 1 << 16 // each page looks at the whole partition
	var all []*Run
	for after := ""; ; {
		docs, err := s.List(ctx, tx.RunsPrefix(account), after, page)
		if err != nil {
			return nil, err
		}
		for _, doc := range docs {
			r, err := parse(doc)
			if err != nil {
				return nil, err
			}
			all, after = append(all, r), doc.Key
		}
		if len(docs) < page {
			slices.SortFunc(all, func(a, b *Run) int { return int(a.Order) - int(b.Order) })
			return all, nil
		}
	}
}

// Put stores a run. One with nothing to come is finished: retention may drop it.
func (r *Run) Put(t *tx.Tx) error {
	data, err := r.encode()
	if err == nil {
		t.Put(store.Doc{Key: tx.RunKey(t.Account(), r.Provider, r.Reference), Rev: r.rev, Data: data, Done: r.Open == 0})
	}
	return err
}

// PutAlias gives a run a second name, which is taken from the run that had it.
func (r *Run) PutAlias(ctx context.Context, t *tx.Tx, alias string) error {
	if alias == "" {
		return nil
	}
	doc, err := t.Find(ctx, tx.AliasKey(t.Account(), r.Provider, alias))
	if err != nil {
		return err
	}
	doc.Data, doc.Done = []byte(r.Reference), true
	t.Put(doc)
	return nil
}

// IsNew reports whether the run was never stored.
func (r *Run) IsNew() bool { return r.rev == 0 }

// Step plays one input by a machine, which need not be that of the run's own scenario, and moves the run on. How often a
// rule has replied is counted for the run's own scenario only.
func (r *Run) Step(m *scenarios.Machine, in scenarios.Input) ([]scenarios.Effect, error) {
	if err := r.count(in); err != nil {
		return nil, err
	}
	state := r.State
	if m.Scenario.Name != r.Scenario {
		state.Calls = nil
	}
	next, effects, err := m.Step(state, in)
	if err != nil {
		return nil, err
	}
	if m.Scenario.Name != r.Scenario {
		next.Calls = r.State.Calls
	}
	r.State = next
	return effects, nil
}

// maxSteps bounds the rules that deliveries of a run play at one instant of account time.
const maxSteps = 100

// ErrBusy reports a run whose rules play each other without letting time pass.
var ErrBusy = errors.New("more than 100 steps at one instant: add after to a step")

// count counts a step that the end of a delivery causes. A request or a simulation comes from outside, and time has passed
// before a timer, so that they end a chain of steps.
func (r *Run) count(in scenarios.Input) error {
	if in.External() {
		r.Instant, r.Steps = time.Time{}, 0
		return nil
	}
	if in.On == "" && in.Turn != scenarios.Begin {
		return nil
	}
	if !r.Instant.Equal(in.Scope.Now) {
		r.Instant, r.Steps = in.Scope.Now, 0
	}
	if r.Steps++; r.Steps > maxSteps {
		return ErrBusy
	}
	return nil
}

// Undo returns a run to an earlier state, as a request was refused after all. The rules' counts stay, or a rule with
// several replies would never come to its second.
func (r *Run) Undo(was scenarios.State) {
	calls := r.State.Calls
	r.State = was
	r.State.Calls = calls
}

// StateJSON are the variables that the run's scenario has set, as JSON.
func (r *Run) StateJSON() (jsontext.Value, error) {
	return appendValue(make([]byte, 0, 48), r.State.Set)
}

// AddWait has the run wait for a request.
func (r *Run) AddWait(w Wait) {
	r.Open++
	r.Waits = append(slices.Clip(r.Waits), w)
}

// EndWait ends a wait by its job; not ok if the run does not wait so.
func (r *Run) EndWait(job string) (w Wait, ok bool) {
	i := slices.IndexFunc(r.Waits, func(w Wait) bool { return w.Job == job })
	if i < 0 {
		return Wait{}, false
	}
	w = r.Waits[i]
	r.Open--
	r.Waits = slices.Concat(r.Waits[:i], r.Waits[i+1:])
	return w, true
}

// Change applies what a request does to what the run was started with, and returns that.
func (r *Run) Change(how string, body any) (map[string]any, error) {
	if err := r.remembered(); err != nil {
		return nil, err
	}
	kept, _ := r.body.(map[string]any)
	members, isObject := body.(map[string]any)
	switch {
	case how == settings.Remove:
		r.Removed = true
		return kept, nil
	case how == "" || !isObject:
		return kept, nil
	case how == settings.Replace:
		kept = members
	default:
		kept = merged(kept, members)
	}
	if err := r.Remember(kept); err != nil {
		return nil, err
	}
	return kept, nil
}

// merged merges members (RFC 7396), and leaves both as they are.
func merged(into, members map[string]any) map[string]any {
	result := maps.Clone(into)
	if result == nil {
		result = map[string]any{}
	}
	for name, value := range members {
		inner, isObject := value.(map[string]any)
		switch {
		case value == nil:
			delete(result, name)
		case isObject:
			have, _ := result[name].(map[string]any)
			result[name] = merged(have, inner)
		default:
			result[name] = value
		}
	}
	return result
}

// remembered decodes the request that the run was started with.
func (r *Run) remembered() error {
	if r.body != nil || len(r.Request) == 0 {
		return nil
	}
	body, err := template.DecodeJSON(r.Request)
	if err != nil {
		return fmt.Errorf("request of run %s: %w", r.Reference, err)
	}
	r.body = body
	return nil
}

// keptText is how much of a text in a request a run keeps, in bytes. Webhooks quote short texts of a request; longer
// ones are images.
const keptText = 256

// maxRemembered is the size of the largest request that a run keeps, in bytes of JSON.
const maxRemembered = 256 << 10

// Remember keeps a request's body with the run, long texts shortened, unless it is larger than any request that is documented.
func (r *Run) Remember(body any) (err error) {
	if body != nil {
		if r.body = body; isLong(body) {
			r.body = shorten(body)
		}
		r.Request, err = appendValue(make([]byte, 0, 64), r.body)
		if len(r.Request) > maxRemembered {
			r.body, r.Request = nil, nil
		}
	}
	return err
}

// isLong reports whether a text in a value has to be shortened.
func isLong(v any) bool {
	switch v := v.(type) {
	case string:
		return len(v) > keptText
	case map[string]any:
		for _, item := range v {
			if isLong(item) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, isLong)
	}
	return false
}

func shorten(v any) any {
	switch v := v.(type) {
	case string:
		if len(v) > keptText {
			return v[:16] + "…" + v[len(v)-keptText+16:] // a subject may be made of the end
		}
	case map[string]any:
		short := make(map[string]any, len(v))
		for k, item := range v {
			short[k] = shorten(item)
		}
		return short
	case []any:
		short := make([]any, len(v))
		for i, item := range v {
			short[i] = shorten(item)
		}
		return short
	}
	return v
}
