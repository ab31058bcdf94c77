package scenarios

import (
	"fmt"
	"maps"

	"github.com/idmock/idmock/internal/template"
)

// Step plays one input. It returns the run's next state and what to do; the given state is not changed. The error is
// [ErrNoRule], or an expression that could not be evaluated, with the rule's place.
func (m *Machine) Step(state State, in Input) (State, []Effect, error) {
	play := &play{machine: m, scope: in.Scope, state: State{Set: maps.Clone(state.Set), Calls: state.Calls}}
	if in.On == "" {
		if err := m.fill(in.Scope); err != nil {
			return state, nil, err
		}
		if i := in.Timer; i.Rule < 0 || i.Rule >= len(m.rules) || i.Step < 0 || i.Step >= len(m.rules[i.Rule].steps) {
			return state, nil, fmt.Errorf("timer %+v: %w: the scenario has changed", in.Timer, ErrNoRule)
		}
		if err := play.turn(in.Timer, in.Turn); err != nil {
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

// play is a step in progress.
type play struct {
	machine *Machine
	scope   *template.Scope
	state   State
	effects []Effect
}

func (p *play) rule(i int, on string) error {
	r := p.machine.rules[i]
	if err := p.move(r.Set, r.Outcome); err != nil {
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
		reply.BodyOnly = rule.Example == nil && rule.Body != nil
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
				v = "" // rather than <nil>
			}
			reply.Header = append(reply.Header, [2]string{h.Key, fmt.Sprint(v)})
		}
	}
	p.effects = append(p.effects, reply)
	return nil
}

// turn continues a timeline.
func (p *play) turn(t Timer, turn Turn) error {
	step := p.machine.rules[t.Rule].steps[t.Step]
	switch {
	case turn == Due || turn == Begin:
		return p.timeline(t.Rule, t.Step, turn == Due)
	case step.Call == nil:
		return p.machine.at(t.Rule, step.Line, fmt.Errorf("%w: the step expects no request: the scenario has changed", ErrNoRule))
	case turn == Met:
		return p.timeline(t.Rule, step.next, false)
	default:
		return p.timeline(t.Rule, step.other, false)
	}
}

// timeline plays the steps starting at from, up to the first that has to wait. due reports that from has already waited.
func (p *play) timeline(i, from int, due bool) error {
	steps := p.machine.rules[i].steps
	if len(steps) == 0 {
		return nil
	}
	for n := from; n != never; n = steps[n].next {
		step := steps[n]
		if step.After > 0 && !due {
			p.effects = append(p.effects, Schedule{Timer{i, n}, step.After})
			return nil
		}
		due = false
		if step.When != nil {
			holds, err := step.When.True(p.scope)
			if err != nil {
				return p.machine.at(i, step.Line, err)
			}
			if !holds {
				continue
			}
		}
		if step.Call != nil {
			p.effects = append(p.effects, Await{Timer{i, n}, step.Call.Operation, step.Call.Within})
			return nil
		}
		if err := p.move(step.Set, step.Outcome); err != nil {
			return p.machine.at(i, step.Line, err)
		}
		if err := p.send(i, step); err != nil {
			return p.machine.at(i, step.Line, err)
		}
	}
	return nil
}

// send plans the event of a step.
func (p *play) send(i int, step *TimelineStep) error {
	if step.Send == "" {
		return nil
	}
	data, err := step.Data.Bind(p.scope)
	if err != nil {
		return err
	}
	send := Send{Rule: i, Line: step.Line, Event: step.Send, OptIn: step.OptIn, Data: data, Invalid: step.Invalid, Expect: step.Expect, Faults: step.Faults, Set: maps.Clone(p.state.Set)}
	if step.As != nil {
		values, err := p.outcomeValues(step.As)
		if err != nil {
			return err
		}
		if send.Set == nil {
			send.Set = map[string]any{}
		}
		maps.Copy(send.Set, values)
	}
	if step.other != never {
		send.Else = &Timer{i, step.other}
	}
	p.effects = append(p.effects, send)
	return nil
}

// move sets variables and then the outcome of the run.
func (p *play) move(set, outcome *template.Node) error {
	if err := p.set(set, outcome != nil); err != nil {
		return err
	}
	return p.outcome(outcome)
}

// set sets variables. The outcome follows them, unless the rule or step decides it itself.
func (p *play) set(n *template.Node, decided bool) error {
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
	if decided {
		p.keep(values)
		return nil
	}
	p.keep(maps.Clone(values)) // settle changes the run
	return p.settle(values)
}

// keep stores values in the run. The caller must not use them afterwards.
func (p *play) keep(values map[string]any) {
	if p.state.Set == nil {
		p.state.Set = values
	} else {
		maps.Copy(p.state.Set, values)
	}
	if p.scope.Run != nil {
		maps.Copy(p.scope.Run, values)
	}
}
