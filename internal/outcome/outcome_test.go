package outcome_test

import (
	"testing"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
)

func state(t *testing.T, pairs ...string) *template.Node {
	t.Helper()
	var members []template.Member
	for i := 0; i < len(pairs); i += 2 {
		value, err := template.String(pairs[i+1])
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, template.Member{Key: pairs[i], Value: value})
	}
	return template.Object(members)
}

func table(t *testing.T) *outcome.Table {
	return outcome.New([]*outcome.Outcome{
		{Name: "complete", State: state(t, "status", "FINISHED", "decision", "Complete", "note", "n")},
		{Name: "pending", State: state(t, "status", "OPEN")},
		{Name: "referred", State: state(t, "status", "FINISHED", "decision", "Refer", "at", "${now}")},
		{Name: "listed", On: []string{"screen*"}, State: state(t, "status", "LISTED")},
	}, []outcome.Variable{
		{Name: "status", Values: []string{"OPEN", "FINISHED", "LISTED"}}, {Name: "decision", Values: []string{"Complete", "Refer"}}, {Name: "note", Type: "text"},
	})
}

// Of finds the outcome that a run names, or whose state it has.
func TestOf(t *testing.T) {
	for _, c := range []struct {
		run  map[string]any
		want string
	}{
		{nil, ""},
		{map[string]any{"status": "OPEN"}, "pending"},
		{map[string]any{"status": "FINISHED"}, "complete"},
		{map[string]any{"status": "FINISHED", "decision": "Refer"}, "referred"},
		{map[string]any{"status": "FINISHED", "decision": "Refer", "note": "other"}, "referred"},
		{map[string]any{"status": "OPEN", "outcome": "referred"}, "referred"},
		{map[string]any{"status": "OPEN", "outcome": "gone"}, "pending"},
		{map[string]any{"status": "OTHER"}, ""},
		{map[string]any{"status": "LISTED", "operation": "verify"}, ""},
		{map[string]any{"status": "LISTED", "operation": "screenAML"}, "listed"},
	} {
		got := ""
		if o := table(t).Of(c.run); o != nil {
			got = o.Name
		}
		if got != c.want {
			t.Errorf("%v is %q, want %q", c.run, got, c.want)
		}
	}
	if (*outcome.Table)(nil).Of(map[string]any{"status": "OPEN"}) != nil {
		t.Error("an empty table has an outcome")
	}
}

func TestContradicts(t *testing.T) {
	o := table(t).Find("complete")
	if o.Contradicts(map[string]any{"status": "FINISHED", "decision": "Complete", "note": "mine"}) {
		t.Error("a free variable contradicts the outcome")
	}
	if !o.Contradicts(map[string]any{"status": "OPEN", "decision": "Complete"}) {
		t.Error("another status does not contradict the outcome")
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		v     outcome.Variable
		value any
		want  string
	}{
		{outcome.Variable{Name: "a", Type: "number"}, 1, ""},
		{outcome.Variable{Name: "a", Type: "number"}, 1.5, ""},
		{outcome.Variable{Name: "a", Type: "number"}, "1", "a must be number, not text"},
		{outcome.Variable{Name: "a", Type: "list"}, []any{1}, ""},
		{outcome.Variable{Name: "a", Type: "object"}, []any{1}, "a must be object, not list"},
		{outcome.Variable{Name: "a", Type: "boolean"}, nil, ""},
		{outcome.Variable{Name: "a", Type: "any"}, map[string]any{}, ""},
		{outcome.Variable{Name: "a", Values: []string{"x", "y"}}, "x", ""},
		{outcome.Variable{Name: "a", Values: []string{"x", "y"}}, "z", `a cannot be "z": use x, y`},
	} {
		got := ""
		if err := c.v.Check(c.value); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%+v, %v: %q, want %q", c.v, c.value, got, c.want)
		}
	}
}

func TestChoices(t *testing.T) {
	text := func(s string) *template.Node { return state(t, "x", s).Lookup("x") }
	choices := outcome.Choices{
		{On: "async*", Examples: []*template.Node{text("success")}},
		{On: "*", Examples: []*template.Node{text("${subject}"), text("not-found")}},
	}
	scope := &template.Scope{Subject: "special"}
	for _, c := range []struct {
		operation  string
		documented []string
		scope      *template.Scope
		want       string
	}{
		{"asyncCheck", []string{"success", "not-found"}, nil, "success"},
		{"asyncCheck", []string{"not-found"}, nil, ""},
		{"check", []string{"not-found"}, nil, "not-found"},
		{"check", []string{"not-found", "special"}, scope, "special"},
		{"check", []string{"success"}, scope, ""},
	} {
		if got := choices.For(c.operation, c.documented, c.scope); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
