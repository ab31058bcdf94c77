package scenarios_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/scenarios"
)

func machine(t testing.TB, rules, base string) *scenarios.Machine {
	t.Helper()
	parse := func(name, rules string) *scenarios.Scenario {
		s, err := scenarios.Parse(name+".yaml", source(name, rules), acme{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if base == "" {
		return scenarios.NewMachine(parse("own", rules), nil)
	}
	return scenarios.NewMachine(parse("own", rules), parse(scenarios.Default, base))
}

// play steps a machine through inputs, fires timers at once, and returns the effects and the final state as text.
func play(t testing.TB, m *scenarios.Machine, body map[string]any, inputs ...string) []string {
	t.Helper()
	var state scenarios.State
	var played []string
	for _, on := range inputs {
		waiting := []scenarios.Input{{On: on}}
		for len(waiting) > 0 {
			in := waiting[0]
			waiting = waiting[1:]
			in.Scope = scope(body, run(state))
			next, effects, err := m.Step(state, in)
			if err != nil {
				return append(played, err.Error())
			}
			state = stored(t, next)
			for _, effect := range effects {
				played = append(played, describe(t, effect))
				if s, ok := effect.(scenarios.Schedule); ok {
					waiting = append(waiting, scenarios.Input{Timer: s.Timer})
				}
			}
		}
	}
	return append(played, text(t, state.Set))
}

// stored returns the state after a round trip through the store.
func stored(t testing.TB, s scenarios.State) scenarios.State {
	t.Helper()
	var loaded scenarios.State
	if err := json.Unmarshal([]byte(text(t, s)), &loaded); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text(t, s), text(t, loaded)); diff != "" {
		t.Errorf("the store changed the state:\n%s", diff)
	}
	return loaded
}

func run(s scenarios.State) map[string]any {
	values := map[string]any{}
	for k, v := range s.Set {
		values[k] = v
	}
	return values
}

func describe(t testing.TB, effect scenarios.Effect) string {
	switch e := effect.(type) {
	case scenarios.Reply:
		s := fmt.Sprintf("reply %d", e.Rule)
		for _, more := range []struct {
			word  string
			value any
			set   bool
		}{{"example", e.Example, e.Example != ""}, {"status", e.Status, e.Status != 0}, {"header", e.Header, e.Header != nil}, {"after", e.Delay, e.Delay != 0}, {"hang", e.Hang, e.Hang}} {
			if more.set {
				s += fmt.Sprintf(" %s %v", more.word, more.value)
			}
		}
		if e.Body != nil {
			s += fmt.Sprintf(" body %s only %v", text(t, e.Body), e.BodyOnly)
		}
		return s
	case scenarios.Send:
		s := fmt.Sprintf("send %s", e.Event)
		if e.Data != nil {
			s += " " + text(t, e.Data)
		}
		if e.Expect != nil {
			s += " expect " + e.Expect.String()
		}
		return s
	case scenarios.Schedule:
		return fmt.Sprintf("wait %v for %d/%d", e.After, e.Timer.Rule, e.Timer.Step)
	}
	return fmt.Sprintf("%T", effect)
}

// text returns the JSON of a value or template.
func text(t testing.TB, v any) string {
	t.Helper()
	if n, ok := v.(interface {
		Append([]byte, *scopeType) ([]byte, error)
	}); ok {
		b, err := n.Append(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestStep(t *testing.T) {
	for _, c := range []struct {
		name, rules, base string
		body              map[string]any
		inputs            []string
		want              []string
	}{
		{name: "default reply is the first success", rules: `
  - on: verifyPerson`, inputs: []string{"verifyPerson"}, want: []string{"reply 0", "null"}},
		{name: "set precedes reply and timeline", rules: `
  - on: verifyPerson
    set: {status: NEW, n: "${body.n}"}
    reply: {body: {status: "${run.status}", n: "${run.n}"}}
    then: {send: check.done, data: {status: "${run.status}"}}`, body: map[string]any{"n": 7}, inputs: []string{"verifyPerson"},
			want: []string{`reply 0 body {"status":"NEW","n":7} only true`, `send check.done {"status":"NEW"}`, `{"n":7,"status":"NEW"}`}},
		{name: "body is merged into the example", rules: `
  - on: verifyPerson
    reply: {example: "${body.which}", status: 202, headers: {X-Rate: 3, X-None: null}, body: {a: 1}}`, body: map[string]any{"which": "pending"}, inputs: []string{"verifyPerson"},
			want: []string{`reply 0 example pending status 202 header [[X-Rate 3] [X-None ]] body {"a":1} only false`, "null"}},
		{name: "first matching rule plays", rules: `
  - on: verifyFace
    reply: {status: 201}
  - on: verifyPerson
    when: body.n > 5
    reply: {status: 202}
  - on: verify*
    when: body.n == 3
    reply: {status: 203}
  - on: verify*
    reply: {status: 204}`, body: map[string]any{"n": 3}, inputs: []string{"verifyPerson", "verifyFace"},
			want: []string{"reply 2 status 203", "reply 0 status 201", "null"}},
		{name: "condition on a missing member is false", rules: `
  - on: verifyPerson
    when: body.a.b.c == "x"
    reply: {status: 202}
  - on: verifyPerson
    reply: {status: 203}`, inputs: []string{"verifyPerson"}, want: []string{"reply 1 status 203", "null"}},
		{name: "brackets in a name are literal", rules: `
  - on: "accounts/[id]"
  - on: "accounts*"`, inputs: []string{"accounts/[id]", "accounts/list"}, want: []string{"reply 0", "reply 1", "null"}},
		{name: "last reply repeats", rules: `
  - on: verifyPerson
    reply: [{status: 201}, {hang: true}, {status: 203, delay: 2s}]`, inputs: []string{"verifyPerson", "verifyPerson", "verifyPerson", "verifyPerson"},
			want: []string{"reply 0 status 201", "reply 0 hang true", "reply 0 status 203 after 2s", "reply 0 status 203 after 2s", "null"}},
		{name: "each rule counts its replies", rules: `
  - on: verifyPerson
    reply: [{status: 201}, {status: 202}]
  - on: verifyFace
    reply: [{status: 203}, {status: 204}]`, inputs: []string{"verifyPerson", "verifyFace", "verifyPerson", "verifyFace"},
			want: []string{"reply 0 status 201", "reply 1 status 203", "reply 0 status 202", "reply 1 status 204", "null"}},
		{name: "after counts from the previous step", rules: `
  - on: verifyPerson
    set: {status: PENDING}
    then:
      - send: check.done
        data: {status: "${run.status}"}
      - after: 30s
        set: {status: VERIFIED}
      - after: 0s
        send: check.done
        data: {status: "${run.status}"}
        expect: {status: 2xx, within: 6s}
      - after: 2d
        set: {status: "${run.status + '!'}"}
        send: check.failed`, inputs: []string{"verifyPerson"},
			want: []string{"reply 0", `send check.done {"status":"PENDING"}`, "wait 30s for 0/1", `send check.done {"status":"VERIFIED"} expect status 2xx, within 6s`,
				"wait 48h0m0s for 0/3", "send check.failed", `{"status":"VERIFIED!"}`}},
		{name: "due step with a false condition is skipped", rules: `
  - on: verifyPerson
    set: {status: PENDING}
    then:
      - after: 30s
        when: run.status == "PENDING"
        set: {status: VERIFIED}
        send: check.done
      - after: 30s
        when: run.status == "PENDING"
        send: check.failed
      - when: run.status == "VERIFIED"
        set: {late: true}`, inputs: []string{"verifyPerson"},
			want: []string{"reply 0", "wait 30s for 0/0", "send check.done", "wait 30s for 0/1", `{"late":true,"status":"VERIFIED"}`}},
		{name: "start has no reply", rules: `
  - on: "*"
    reply: {status: 201}
  - on: start
    then: {after: 1s, send: check.done}`, inputs: []string{"start"}, want: []string{"wait 1s for 1/0", "send check.done", "null"}},
		{name: "default plays the rest", base: `
  - on: verify*
    reply: {status: 201}
  - on: getStatus
    reply: {body: {status: "${run.status}"}}
    then: {after: 1s, set: {asked: true}}`, rules: `
  - on: verifyPerson
    set: {status: PENDING}
    reply: {status: 202}`, inputs: []string{"verifyPerson", "verifyFace", "getStatus"},
			want: []string{"reply 0 status 202", "reply 1 status 201", `reply 2 body {"status":"PENDING"} only true`, "wait 1s for 2/0", `{"asked":true,"status":"PENDING"}`}},
		{name: "no matching rule", rules: `
  - on: verifyPerson
    when: body.n == 99`, inputs: []string{"verifyPerson"}, want: []string{scenarios.ErrNoRule.Error()}},
		{name: "expression error", rules: `
  - on: getStatus
  - on: verifyPerson
    set: {n: "${body.n + 1}"}`, body: map[string]any{"n": "x"}, inputs: []string{"verifyPerson"},
			want: []string{`own.yaml:5: n: evaluate "body.n + 1": invalid operation: string + int (1:8)`}},
		{name: "expression error in the default", rules: `
  - on: getStatus`, base: `
  - on: verifyPerson
    when: body.n + 1 > 2`, body: map[string]any{"n": "x"}, inputs: []string{"verifyPerson"},
			want: []string{`default.yaml:4: evaluate "body.n + 1 > 2": invalid operation: string + int (1:8)`}},
		{name: "set values survive the store", rules: `
  - on: verifyPerson
    set: {at: "${now}", big: "${body.n}", text: "${'n' + string(body.n)}", list: "${[body.n, 2.5]}"}
  - on: getStatus
    reply: {body: {same: "${run.text == 'n' + string(run.big)}", list: "${run.list}", at: "${run.at}"}}`, body: map[string]any{"n": 22222222222}, inputs: []string{"verifyPerson", "getStatus"},
			want: []string{"reply 0", `reply 1 body {"same":true,"list":[22222222222,2.5],"at":"0001-01-01T00:00:00Z"} only true`,
				`{"at":"0001-01-01T00:00:00Z","big":22222222222,"list":[22222222222,2.5],"text":"n22222222222"}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, play(t, machine(t, strings.TrimPrefix(c.rules, "\n")+"\n", strings.TrimPrefix(c.base, "\n")), c.body, c.inputs...)); diff != "" {
				t.Errorf("effects (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVarsExtendTheDefault(t *testing.T) {
	parse := func(src string) *scenarios.Scenario {
		s, err := scenarios.Parse("f.yaml", []byte(src), acme{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	base := parse("scenario: default\nprovider: acme\nvars: {a: {x: 1, y: 1}, who: \"${subject}\"}\nrules: [{on: getStatus}]")
	own := parse("scenario: own\nprovider: acme\nvars: {a: {y: 2}}\nrules: [{on: verifyPerson, reply: {body: \"${vars}\"}}]")
	_, effects, err := scenarios.NewMachine(own, base).Step(scenarios.State{}, scenarios.Input{On: "verifyPerson", Scope: scope(nil, nil)})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := describe(t, effects[0]), `reply 0 body {"a":{"x":1,"y":2},"who":"s-1"} only true`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Step has no side effects: the engine calls it again after a conflicting commit.
func TestStepIsPure(t *testing.T) {
	m := machine(t, `  - on: verifyPerson
    set: {n: "${(run.n ?? 0) + 1}", deep: {list: "${body.list}"}}
    reply: [{status: 201}, {status: 202}]
    then: {send: check.done, data: {n: "${run.n}", list: "${run.deep.list}"}}
  - on: getStatus
    set: {n: "${1 + body.list}"}
`, "")
	body := map[string]any{"list": []any{1, 2}}
	state := scenarios.State{Set: map[string]any{"n": 1, "deep": map[string]any{"list": []any{9}}}, Calls: map[int]int{0: 1}}
	before := text(t, state)
	step := func(on string) (string, string, error) {
		next, effects, err := m.Step(state, scenarios.Input{On: on, Scope: scope(body, run(state))})
		var played []string
		for _, e := range effects {
			played = append(played, describe(t, e))
		}
		if len(effects) > 0 { // changes of the results do not affect the inputs
			next.Set["n"] = "changed"
			if deep, ok := next.Set["deep"].(map[string]any); ok {
				deep["list"].([]any)[0] = "changed"
			}
			next.Calls[0] = 99
		}
		return text(t, next), strings.Join(played, "\n"), err
	}
	state1, effects1, err := step("verifyPerson")
	if err != nil {
		t.Fatal(err)
	}
	state2, effects2, _ := step("verifyPerson")
	if state1 != state2 || effects1 != effects2 {
		t.Errorf("the same inputs gave %s\n%s\nand %s\n%s", state1, effects1, state2, effects2)
	}
	if want := "reply 0 status 202\nsend check.done {\"n\":2,\"list\":[1,2]}"; effects1 != want {
		t.Errorf("effects %s, want %s", effects1, want)
	}
	if text(t, state) != before || text(t, body) != `{"list":[1,2]}` {
		t.Errorf("Step changed its inputs: state %s, body %s", text(t, state), text(t, body))
	}
	if after, effects, err := step("getStatus"); err == nil || effects != "" || after != before {
		t.Errorf("a failed step returned state %s, effects %q, error %v", after, effects, err)
	}
}

func TestTimersOfRemovedRules(t *testing.T) {
	m := machine(t, "  - on: verifyPerson\n    then: {after: 1s, send: check.done}\n", "")
	for _, timer := range []scenarios.Timer{{Rule: 1}, {Rule: 0, Step: 1}, {Rule: -1}, {Step: -1}} {
		if _, effects, err := m.Step(scenarios.State{}, scenarios.Input{Timer: timer, Scope: scope(nil, nil)}); !errors.Is(err, scenarios.ErrNoRule) || effects != nil {
			t.Errorf("timer %+v: effects %v, error %v", timer, effects, err)
		}
	}
	if m.Rule(0).Then[0].After != time.Second || m.File(0) != "own.yaml" || !m.Has("verifyPerson") || m.Has("getStatus") {
		t.Error("wrong rules")
	}
}
