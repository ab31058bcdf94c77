package openapitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// at is the wall time of all deliveries here.
var at = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// events: each satisfies its webhook's schema, for every operation that starts a run, every status of the run and every
// shape of the endpoint.
func (s *suite) events(t *testing.T) {
	shapes := s.p.Switches()["shape"]
	if len(shapes) == 0 {
		shapes = []string{""}
	}
	statuses := s.statuses(t)
	for i, shape := range shapes {
		for n, op := range s.starting() {
			if i == 0 {
				s.tell(t, op, map[string]string{"shape": shape}, statuses...)
			} else { // one status an operation, turn by turn: all of them would take as long again for each shape
				s.tell(t, op, map[string]string{"shape": shape}, statuses[n%len(statuses)])
			}
		}
	}
}

// tell checks the contents of every event for runs of an operation with these statuses.
func (s *suite) tell(t *testing.T, op *openapi.Operation, switches map[string]string, statuses ...string) {
	for _, event := range s.p.Events() {
		if event.Description == "" {
			t.Errorf("event %s has no description", event.Name)
		}
		for _, status := range statuses {
			state := map[string]any{}
			if status != "" {
				state["status"] = status
			}
			scope := asked(t, s.scope(t, 1, op, "00000000001", state), op)
			scope.Endpoint = s.p.Switches().Endpoint("e1", "https://app.example.com/hook", switches)
			d, err := s.p.Webhooks().Deliver(event.Name, nil, scope, at)
			if err == nil {
				err = s.p.Webhooks().Validate(event.Name, d.Body)
			}
			if err != nil {
				t.Errorf("%s, status %q, %v: %v\n%s", op.ID, status, switches, err, d.Body)
			}
		}
	}
}

// statuses lists the statuses that the built-in scenarios give a run, and the empty one.
func (s *suite) statuses(t *testing.T) []string {
	all := map[string]bool{"": true}
	for _, m := range s.machines(t) {
		for _, rule := range m.Scenario.Rules {
			all[str(rule.Set.Lookup("status"))] = true
			for _, step := range rule.Steps() {
				all[str(step.Set.Lookup("status"))] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// machines are those of the scenarios in the provider's directory.
func (s *suite) machines(t *testing.T) []*scenarios.Machine {
	t.Helper()
	all, err := scenarios.ParseDir(s.p.Folder(), "scenarios", names{s})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		return nil
	}
	library, err := scenarios.NewLibrary(all)
	if err != nil {
		t.Fatal(err)
	}
	var machines []*scenarios.Machine
	for _, one := range library.All() {
		m, err := library.Machine(one.Name)
		if err != nil {
			t.Fatal(err)
		}
		machines = append(machines, m)
	}
	return machines
}

// names is the vocabulary of the one folder.
type names struct{ *suite }

func (n names) Providers() []string { return []string{n.p.Name} }

func (n names) Operations(provider string) []string {
	if provider != n.p.Name {
		return nil
	}
	ids := make([]string, len(n.operations))
	for i, op := range n.operations {
		ids[i] = op.ID
	}
	return ids
}

func (n names) Events(string) []string {
	var all []string
	for _, e := range n.p.Events() {
		all = append(all, e.Name)
	}
	return all
}

func (n names) Simulations(string) []string {
	var all []string
	for _, one := range n.p.Simulations() {
		all = append(all, one.Name)
	}
	return all
}

func (names) Faults(where string) []scenarios.FaultKind { return fault.Kinds(where) }

func (n names) SchemaIssues(_, event string, run map[string]any, data *template.Node) []scenarios.SchemaIssue {
	var all []scenarios.SchemaIssue
	for _, one := range n.p.Webhooks().Issues(event, run, data) {
		all = append(all, scenarios.SchemaIssue(one))
	}
	return all
}

func (n names) Examples(_, id string) []string {
	for _, op := range n.operations {
		if op.ID == id {
			return op.Examples()
		}
	}
	return nil
}

// scenarios: each that ships, called with each operation that starts a run, in and out of the sandbox, comes to an end,
// and its responses and webhooks satisfy the document.
func (s *suite) scenarios(t *testing.T) {
	for _, m := range s.machines(t) {
		for _, op := range s.starting() {
			for _, sandbox := range append(s.p.Outcomes().SandboxNames(), "") {
				if err := s.play(t, m, op, sandbox); err != nil {
					t.Errorf("%s: %s: %v", m.Scenario.File, op.ID, err)
				}
			}
		}
	}
}

// play plays a scenario from a call to its end, every timer in its turn.
func (s *suite) play(t *testing.T, m *scenarios.Machine, op *openapi.Operation, sandbox string) error {
	t.Helper()
	var state scenarios.State
	waiting := []scenarios.Input{{On: op.ID}}
	for steps := 0; len(waiting) > 0; steps++ {
		if steps > 1000 {
			return fmt.Errorf("does not end: more than %d steps", steps)
		}
		in := waiting[0]
		waiting = waiting[1:]
		in.Scope = asked(t, s.scope(t, 1, op, "00000000001", state.Set), op)
		if in.On != "" { // a timer knows only the part of the call that the run kept
			in.Scope.Sandbox = sandbox
		}
		next, effects, err := m.Step(state, in)
		if err != nil {
			return err
		}
		kept, err := json.Marshal(next)
		if err != nil {
			return err
		}
		state = scenarios.State{}
		if err := json.Unmarshal(kept, &state); err != nil {
			return err
		}
		for _, effect := range effects {
			switch effect := effect.(type) {
			case scenarios.Schedule:
				waiting = append(waiting, scenarios.Input{Timer: effect.Timer})
			case scenarios.Reply:
				err = s.checkReply(t, op, effect, state)
			case scenarios.Await: // not called
				waiting = append(waiting, scenarios.Input{Timer: effect.Timer, Turn: scenarios.Missed})
			case scenarios.Send:
				if !effect.Invalid {
					err = s.checkSend(t, op, effect)
				}
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *suite) checkReply(t *testing.T, op *openapi.Operation, said scenarios.Reply, state scenarios.State) error {
	if said.Hang || said.BodyOnly { // nothing is said, or something that no document knows
		return nil
	}
	reply, err := s.p.Reply(op, said.Example, said.Body, asked(t, s.scope(t, 1, op, "00000000001", state.Set), op))
	if err != nil || said.Status != 0 {
		return err
	}
	return op.ValidateResponse(reply.Status, reply.Body)
}

func (s *suite) checkSend(t *testing.T, op *openapi.Operation, send scenarios.Send) error {
	d, err := s.p.Webhooks().Deliver(send.Event, send.Data, asked(t, s.scope(t, 1, op, "00000000001", send.Set), op), at)
	if err != nil {
		return err
	}
	return s.p.Webhooks().Validate(send.Event, d.Body)
}
