package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/idmock/idmock/scenarios"
)

func TestSends(t *testing.T) {
	for _, c := range []struct {
		then string
		want string // the events; empty: the timeline does something else
	}{
		{`{after: 1s, send: check.done}`, "[check.done]"},
		{`[{after: 1s, send: check.done}, {send: check.failed}]`, "[check.done check.failed]"},
		{`[{after: 1s, send: check.done}, {after: 1s, send: check.failed}]`, ""},
		{`{after: 1s, when: run.x == 1, send: check.done}`, ""},
		{`{after: 1s, set: {x: 1}}`, ""},
		{`{after: 1s, send: check.done, data: {n: 1}}`, ""},
		{`{after: 1s, send: check.done, expect: {status: 200}}`, ""},
		{`{after: 1s, send: check.done, fault: duplicate}`, ""},
		{`{after: 1s, send: check.done, else: {send: check.failed}}`, ""},
		{`[{after: 1s, send: check.done}, {expect: {call: getStatus, within: 1m}}]`, ""},
	} {
		m := machine(t, "  - on: verifyPerson\n    then: "+c.then+"\n", "")
		events, ok := m.Sends(scenarios.Timer{})
		if got := fmt.Sprint(events); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s: sends %s, %v, want %q", c.then, got, ok, c.want)
		}
		if ok && !m.IsFixed(scenarios.Timer{}) {
			t.Errorf("%s: sends only, and is not fixed", c.then)
		}
	}
	m := machine(t, "  - on: verifyPerson\n    then: {after: 1s, send: check.done}\n", "")
	for _, timer := range []scenarios.Timer{{Rule: 1}, {Step: 1}, {Rule: -1}, {Step: -1}} {
		if _, ok := m.Sends(timer); ok {
			t.Errorf("%+v sends", timer)
		}
	}
}
