package scenarios

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/idmock/idmock/internal/template"
)

// ErrNoRule says that nothing in the scenario, nor in its provider's default, is for this input.
var ErrNoRule = errors.New("no rule for this")

// State is what a run remembers. It is small and goes to JSON and back unchanged.
type State struct {
	Set   map[string]any `json:"set,omitempty"`   // what the rules set
	Calls map[int]int    `json:"calls,omitempty"` // how often a rule with several replies has played
}

// UnmarshalJSON keeps whole numbers whole: an identifier of eleven digits that became a float64 would be another text in
// an expression before and after the state was stored.
func (s *State) UnmarshalJSON(b []byte) error {
	var stored struct {
		Set   json.RawMessage `json:"set"`
		Calls map[int]int     `json:"calls"`
	}
	if err := json.Unmarshal(b, &stored); err != nil {
		return err
	}
	*s = State{Calls: stored.Calls}
	if stored.Set == nil {
		return nil
	}
	v, err := template.DecodeJSON(stored.Set)
	s.Set, _ = v.(map[string]any)
	return err
}

// Input is what came in: a call to an operation, [Start], a trigger such as [Delivered], or the time of a timeline's step.
type Input struct {
	On    string // an operation's id, Start or a trigger; empty for a timer
	Timer Timer
	Scope *template.Scope // with Run already filled from the state; Step fills in what it sets
}

// Timer names a step of a rule's timeline. Rules count from 0 over the machine's rules.
type Timer struct {
	Rule int `json:"rule"`
	Step int `json:"step"`
}

// Effect is something to be done: a [Reply], a [Send] or a [Schedule].
type Effect interface{ effect() }

// Reply answers the call.
type Reply struct {
	Rule    int
	Example string
	Status  int // 0: the example's
	Header  [][2]string
	Body    *template.Node // bound; nil: nothing is laid over
	Whole   bool           // Body is all there is: no example was named
	Delay   time.Duration
	Hang    bool
	Faults  []Fault
}

// Send plans an event for the account's endpoints.
type Send struct {
	Rule   int
	Event  string
	Data   *template.Node // bound
	Expect *Expect
	Faults []Fault
	Set    map[string]any // the run's state when it was sent: a later step of the same moment does not change what is told
}

// Schedule asks for a timer after so much account time.
type Schedule struct {
	Timer Timer
	After time.Duration
}

func (Reply) effect()    {}
func (Send) effect()     {}
func (Schedule) effect() {}

// Machine plays a scenario over the ordinary life of its provider. It is immutable and safe for concurrent use.
type Machine struct {
	Scenario *Scenario
	rules    []*Rule // the scenario's, then its base's
	own      int     // how many are the scenario's
	base     string  // the base's file
	vars     *template.Node
	listens  bool // some rule is for the end of a delivery
}

// NewMachine returns the machine of a scenario. What the scenario has no rule for, its base plays; base may be nil.
func NewMachine(s, base *Scenario) *Machine {
	m := &Machine{Scenario: s, rules: s.Rules, own: len(s.Rules), vars: s.Vars}
	if base != nil && base != s {
		m.rules, m.base = append(m.rules[:m.own:m.own], base.Rules...), base.File
		m.vars = base.Vars.Merge(s.Vars)
	}
	for _, r := range m.rules {
		for _, on := range r.On {
			kind, _ := cutTrigger(on)
			m.listens = m.listens || kind == delivered || kind == exhausted
		}
	}
	return m
}

// Has reports whether some rule of the scenario itself, not of its base, is for this trigger.
func (m *Machine) Has(on string) bool {
	for _, r := range m.rules[:m.own] {
		if r.Matches(on) {
			return true
		}
	}
	return false
}

// Rules counts the rules, the base's included.
func (m *Machine) Rules() int { return len(m.rules) }

// Rule returns a rule by its number.
func (m *Machine) Rule(i int) *Rule { return m.rules[i] }

// File returns the file in which a rule stands.
func (m *Machine) File(i int) string {
	if i < m.own {
		return m.Scenario.File
	}
	return m.base
}

// Choose returns the number of the rule that Step would play for an operation or trigger. The error is [ErrNoRule], or a
// condition that could not be evaluated.
func (m *Machine) Choose(in Input) (int, error) {
	if err := m.fill(in.Scope); err != nil {
		return -1, err
	}
	for i, r := range m.rules {
		if !r.Matches(in.On) {
			continue
		}
		if r.When != nil {
			ok, err := r.When.True(in.Scope)
			if err != nil {
				return -1, m.at(i, r.Line, err)
			}
			if !ok {
				continue
			}
		}
		return i, nil
	}
	return -1, ErrNoRule
}

// fill puts the scenario's own values into a scope.
func (m *Machine) fill(s *template.Scope) error {
	if m.vars == nil {
		return nil
	}
	vars, err := m.vars.Value(s)
	if err != nil {
		return fmt.Errorf("%s: vars: %w", m.Scenario.File, err)
	}
	s.Vars, _ = vars.(map[string]any)
	return nil
}

// Step plays one input. It returns the run's next state and what to do; the given state is not changed. The error is
// [ErrNoRule], or an expression that could not be evaluated, with the rule's place.
func (m *Machine) Step(state State, in Input) (State, []Effect, error) {
	play := &play{machine: m, scope: in.Scope, state: State{Set: maps.Clone(state.Set), Calls: state.Calls}}
	if in.On == "" {
		if err := m.fill(in.Scope); err != nil {
			return state, nil, err
		}
		if i := in.Timer; i.Rule < 0 || i.Rule >= len(m.rules) || i.Step < 0 || i.Step >= len(m.rules[i.Rule].Then) {
			return state, nil, fmt.Errorf("timer %+v: %w: the scenario has changed", in.Timer, ErrNoRule)
		}
		if err := play.timeline(in.Timer.Rule, in.Timer.Step, true); err != nil {
			return state, nil, err
		}
		return play.state, play.effects, nil
	}
	i, err := m.Choose(in)
	if err != nil {
		return state, nil, err
	}
	if err := play.rule(i, in.On); err != nil {
		return state, nil, err
	}
	return play.state, play.effects, nil
}

func (m *Machine) at(rule, line int, err error) error {
	return fmt.Errorf("%s:%d: %w", m.File(rule), line, err)
}

// play is one step under way.
type play struct {
	machine *Machine
	scope   *template.Scope
	state   State
	effects []Effect
}

func (p *play) rule(i int, on string) error {
	r := p.machine.rules[i]
	if err := p.set(r.Set); err != nil {
		return p.machine.at(i, r.Line, err)
	}
	if isCall(on) {
		if err := p.reply(i); err != nil {
			return p.machine.at(i, r.Line, err)
		}
	}
	return p.timeline(i, 0, false)
}

func (p *play) reply(i int) error {
	r := p.machine.rules[i]
	reply := Reply{Rule: i}
	if len(r.Reply) > 0 {
		n := p.state.Calls[i]
		if len(r.Reply) > 1 {
			p.state.Calls = maps.Clone(p.state.Calls)
			if p.state.Calls == nil {
				p.state.Calls = map[int]int{}
			}
			p.state.Calls[i] = n + 1
		}
		rule := r.Reply[min(n, len(r.Reply)-1)]
		reply.Status, reply.Delay, reply.Hang, reply.Faults = rule.Status, rule.Delay, rule.Hang, rule.Faults
		reply.Whole = rule.Example == nil && rule.Body != nil
		var err error
		if reply.Body, err = rule.Body.Bind(p.scope); err != nil {
			return err
		}
		if rule.Example != nil {
			name, err := rule.Example.Value(p.scope)
			if err != nil {
				return err
			}
			reply.Example = fmt.Sprint(name)
		}
		for _, h := range rule.Header {
			v, err := h.Value.Value(p.scope)
			if err != nil {
				return err
			}
			if v == nil {
				v = "" // a value that is unknown is sent empty rather than as <nil>
			}
			reply.Header = append(reply.Header, [2]string{h.Key, fmt.Sprint(v)})
		}
	}
	p.effects = append(p.effects, reply)
	return nil
}

// timeline plays the steps from one on, up to the first that has to wait. due says that the first has waited already.
func (p *play) timeline(i, from int, due bool) error {
	r := p.machine.rules[i]
	for n := from; n < len(r.Then); n++ {
		step := r.Then[n]
		if step.After > 0 && !due {
			p.effects = append(p.effects, Schedule{Timer{i, n}, step.After})
			return nil
		}
		due = false
		if err := p.set(step.Set); err != nil {
			return p.machine.at(i, step.Line, err)
		}
		if step.Send == "" {
			continue
		}
		data, err := step.Data.Bind(p.scope)
		if err != nil {
			return p.machine.at(i, step.Line, err)
		}
		p.effects = append(p.effects, Send{Rule: i, Event: step.Send, Data: data, Expect: step.Expect, Faults: step.Faults, Set: maps.Clone(p.state.Set)})
	}
	return nil
}

func (p *play) set(n *template.Node) error {
	if n == nil {
		return nil
	}
	v, err := n.Value(p.scope)
	if err != nil {
		return err
	}
	values, _ := v.(map[string]any)
	for key, value := range values {
		if values[key], err = template.Settle(value); err != nil {
			return fmt.Errorf("set %s: %w", key, err)
		}
	}
	if p.state.Set == nil {
		p.state.Set = make(map[string]any, len(values))
	}
	maps.Copy(p.state.Set, values)
	if p.scope.Run != nil {
		maps.Copy(p.scope.Run, values)
	}
	return nil
}
