package mockserver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// keptText is how much of a string in a request a run remembers, in bytes. What webhooks quote of a request is short;
// what is longer is a picture.
const keptText = 256

// run is one playing of a scenario for one subject, as it is stored.
type run struct {
	Reference string          `json:"reference"`
	Provider  string          `json:"provider"`
	Operation string          `json:"operation"`
	Scenario  string          `json:"scenario"`
	Edition   int             `json:"edition,omitzero"` // of the library that Scenario is taken from
	Subject   string          `json:"subject,omitempty"`
	Started   time.Time       `json:"started"` // account time
	Request   jsontext.Value  `json:"request,omitempty"`
	State     scenarios.State `json:"state"`
	Timers    int             `json:"timers,omitzero"` // what is still to come: steps of timelines, calls that are expected, ends of deliveries
	Waits     []wait          `json:"waits,omitempty"` // for calls that are expected

	rev  uint64
	body any             // Request, decoded, once somebody needed it
	told *template.Scope // what expressions see of the run in its deliveries; made by tell, nil for a run read back
}

// tell makes what all deliveries of a run share, so that it is not made again for each of them.
func (r *run) tell(e *Engine, a *account, p *provider) (err error) {
	r.told, err = e.scopeOf(a, p, r, r.Started)
	return err
}

// keyEnd ends an account's name in a key. No credential has this character (see [openapi.Provider.Match]), so no account
// can be named so that its documents look like another's.
const keyEnd = "\x1f"

func runKey(account, provider, reference string) string {
	key := "run/" + account + keyEnd
	if provider == "" { // what all keys of the account begin with
		return key
	}
	return key + provider + "/" + reference
}

// findRun returns nil where there is no such run.
func (e *Engine) findRun(ctx context.Context, key string) (*run, error) {
	doc, err := e.store.Get(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := &run{rev: doc.Rev}
	if err := json.Unmarshal(doc.Data, r); err != nil {
		return nil, fmt.Errorf("run %s: %w", key, err)
	}
	return r, nil
}

// step plays one input, by a machine that need not be that of the run's own scenario, and moves the run on. How often a
// rule has replied is counted for the run's own scenario alone.
func (r *run) step(m *scenarios.Machine, in scenarios.Input) ([]scenarios.Effect, error) {
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

// doc returns the document to store. A run whose timelines are over is finished: retention may drop it.
func (r *run) doc(account string) (store.Doc, error) {
	data, err := json.Marshal(r, json.Deterministic(true))
	return store.Doc{Key: runKey(account, r.Provider, r.Reference), Rev: r.rev, Data: data, Done: r.Timers == 0}, err
}

// values is what expressions see as run.
func (r *run) values() map[string]any {
	m := make(map[string]any, len(r.State.Set)+8)
	for k, v := range r.State.Set {
		m[k] = v
	}
	m["id"], m["reference"], m["scenario"] = r.Reference, r.Reference, r.Scenario
	if r.Operation != scenarios.Start { // no call started it
		m["operation"] = r.Operation
	}
	m["subject"], m["started"] = r.Subject, r.Started
	return m
}

// scope returns what expressions see of a call.
func (e *Engine) scope(a *account, p *provider, c *openapi.Call, now time.Time) (*template.Scope, error) {
	credentials, err := a.credentialsFor(p)
	if err != nil {
		return nil, err
	}
	s := c.Scope()
	s.Account, s.Now, s.Base = credentials, now, e.base(a, p)
	s.Fake = fake.New(fake.Seed(a.seed, "subject", c.Subject))
	return s, nil
}

// scopeOf returns what expressions see of a run when there is no call: in a timeline, in a webhook.
func (e *Engine) scopeOf(a *account, p *provider, r *run, now time.Time) (*template.Scope, error) {
	if r.told != nil {
		s := *r.told
		s.Now = now
		return &s, nil
	}
	call := &openapi.Call{Subject: r.Subject}
	if r.body == nil && len(r.Request) > 0 {
		body, err := template.DecodeJSON(r.Request)
		if err != nil {
			return nil, fmt.Errorf("request of run %s: %w", r.Reference, err)
		}
		r.body = body
	}
	call.Body = r.body
	s, err := e.scope(a, p, call, now)
	if err != nil {
		return nil, err
	}
	s.Run = r.values()
	return s, nil
}

// remember keeps a call's body with the run: whole, but for long texts.
func (r *run) remember(body any) (err error) {
	if body != nil {
		r.body = shorten(body)
		r.Request, err = json.Marshal(r.body, json.Deterministic(true))
	}
	return err
}

func shorten(v any) any {
	switch v := v.(type) {
	case string:
		if len(v) > keptText {
			return v[:16] + "…" + v[len(v)-keptText+16:] // the end is what a subject may be made of
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
