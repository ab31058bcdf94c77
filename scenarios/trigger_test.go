package scenarios_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/idmock/idmock/scenarios"
)

// A trigger plays the first rule that matches it and has no reply. Wildcards for operations do not match triggers.
func TestTriggers(t *testing.T) {
	base, err := scenarios.Parse("default.yaml", source("default", `
  - on: "*"
    set: {by: call}
  - on: {delivered: "*"}
    set: {by: base}
  - on: [start, {simulate: manual-review}]
    set: {by: manual}
`), acme{})
	if err != nil {
		t.Fatal(err)
	}
	own, err := scenarios.Parse("own.yaml", source("own", `
  - on: [{delivered: "check.*"}, {exhausted: check.done}]
    when: delivery.attempts < 3
    set: {by: own, tries: "${delivery.attempts}"}
    then: {send: check.failed}
`), acme{})
	if err != nil {
		t.Fatal(err)
	}
	m := scenarios.NewMachine(own, base)
	for on, want := range map[string]string{
		"verifyPerson": "call", "start": "manual", scenarios.Delivered("check.done"): "own", scenarios.Exhausted("check.done"): "own",
		scenarios.Exhausted("check.failed"): "", scenarios.Simulate("manual-review"): "manual", scenarios.Simulate("aml-hit"): "",
	} {
		s := scope(nil, nil)
		s.Delivery = map[string]any{"attempts": 2}
		state, effects, err := m.Step(scenarios.State{}, scenarios.Input{On: on, Scope: s})
		if want == "" {
			if !errors.Is(err, scenarios.ErrNoRule) {
				t.Errorf("%s: %v, want no rule", on, err)
			}
			continue
		}
		if err != nil || state.Set["by"] != want {
			t.Errorf("%s: set %v (%v), want by %s", on, state.Set, err, want)
			continue
		}
		if _, isReply := append(effects, nil)[0].(scenarios.Reply); isReply != (want == "call") {
			t.Errorf("%s: effects %v", on, effects)
		}
	}
	s := scope(nil, nil)
	s.Delivery = map[string]any{"attempts": 3}
	if i, err := m.Choose(scenarios.Input{On: scenarios.Delivered("check.done"), Scope: s}); err != nil || m.File(i) != "default.yaml" {
		t.Errorf("third attempt: rule %d (%v), want the base's", i, err)
	}
	if got := m.Simulations([]string{"aml-hit", "manual-review"}); !slices.Equal(got, []string{"manual-review"}) {
		t.Errorf("simulations %v", got)
	}
	if !m.Listens("check.done") || scenarios.NewMachine(&scenarios.Scenario{Rules: base.Rules[:1]}, nil).Listens("check.done") {
		t.Error("wrong result of Listens")
	}
	if got := base.Rules[2].Calls(); !slices.Equal(got, []string{"start"}) {
		t.Errorf("calls %v", got)
	}
}
