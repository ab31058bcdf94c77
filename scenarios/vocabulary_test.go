package scenarios_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/scenarios"
)

// acme is the vocabulary of a provider.
type acme struct{}

var _ scenarios.Vocabulary = acme{}

func (acme) Providers() []string { return []string{"acme"} }

func (acme) Operations(provider string) []string {
	if provider != "acme" {
		return nil
	}
	return []string{"verifyPerson", "verifyFace", "getStatus", "accounts/list", "accounts/[id]"}
}

func (acme) Events(string) []string { return []string{"check.done", "check.failed"} }

func (acme) Simulations(string) []string { return []string{"aml-hit", "manual-review"} }

func (acme) Examples(_, operation string) []string {
	if operation == "getStatus" {
		return []string{"verified", "pending"}
	}
	return []string{"success", "pending", "not-found"}
}

// Outcomes has three outcomes. No variable is declared, so that rules set what they want.
func (acme) Outcomes(provider string) *outcome.Table {
	if provider != "acme" {
		return nil
	}
	state := func(status string) *template.Node {
		value, _ := template.Literal(status)
		return template.Object([]template.Member{{Key: "status", Value: value}})
	}
	return outcome.New([]*outcome.Outcome{
		{Name: "verified", Verdict: outcome.Granted, State: state("VERIFIED")},
		{Name: "pending", Verdict: outcome.Pending, State: state("PENDING")},
		{Name: "rejected", Verdict: outcome.NotGranted, State: state("NOT-VERIFIED")},
	}, nil)
}

func (acme) OptIn(_, event string) bool { return event == "check.opted" }

func (acme) OutcomeExample(_, operation, name string) string {
	if operation == "getStatus" {
		return map[string]string{"verified": "verified", "pending": "pending"}[name]
	}
	return map[string]string{"verified": "success", "pending": "pending", "rejected": "not-found"}[name]
}

func (acme) Reports(string, string) []string { return nil }

func (acme) Contradiction(string, string, *template.Node, string) (path, other string) { return "", "" }

func (acme) Runs(_, operation string) (starts, finds bool) {
	starts = strings.HasPrefix(operation, "verify")
	return starts, starts || operation == "getStatus" // a request about a run that exists is repeated
}

func (acme) Base(string) *scenarios.Base {
	return &scenarios.Base{Vars: []string{"name", "deep"}, Sends: []string{"check.done", "check.failed"}}
}

func (acme) Deliveries(string, string) (attempts int, accepted func(int) (ever, always bool)) {
	return 4, func(status int) (ever, always bool) { return status == 200, status == 200 }
}

func (acme) ReplyContradiction(string, string, *template.Node, string) (path, other string) {
	return "", ""
}

func (acme) Values(string, []string, []string) ([]string, func(any) string) { return nil, nil }

func (acme) Timeout(string) time.Duration { return 0 }

func (acme) Members(string, string, []string, []string) (names []string, open bool) { return nil, true }

// SchemaIssues requires string codes, and rejects the member forbidden.
func (acme) SchemaIssues(_, _ string, run map[string]any, data *template.Node) []scenarios.SchemaIssue {
	var issues []scenarios.SchemaIssue
	fixed, _ := data.Known()
	if code := fixed.Lookup("result", "code"); code != nil {
		if v, _ := code.Value(nil); v != nil && run["status"] != "ANY" {
			if _, isText := v.(string); !isText {
				issues = append(issues, scenarios.SchemaIssue{Path: []string{"result", "code"}, Message: "result.code: value must be a string"})
			}
		}
	}
	if fixed.Lookup("forbidden") != nil {
		issues = append(issues, scenarios.SchemaIssue{Message: "unknown member forbidden"})
	}
	return issues
}

func (acme) Faults(where string) []scenarios.FaultKind {
	times := scenarios.FaultArg{Name: "times", Check: func(value string) error {
		if _, err := strconv.Atoi(value); err != nil {
			return fmt.Errorf("invalid number %q", value)
		}
		return nil
	}}
	if where == scenarios.InReply {
		return []scenarios.FaultKind{{Name: "reset"}, {Name: "latency", Args: []scenarios.FaultArg{times}}}
	}
	return []scenarios.FaultKind{{Name: "reset"}, {Name: "duplicate", Args: []scenarios.FaultArg{times}}}
}

// source returns a scenario of acme with these rules.
func source(name, rules string) []byte {
	return []byte("scenario: " + name + "\nprovider: acme\nrules:\n" + rules)
}

// scope returns a scope as the engine passes it to a step.
func scope(body map[string]any, run map[string]any) *template.Scope {
	if run == nil {
		run = map[string]any{}
	}
	return &template.Scope{Body: body, Run: run, Subject: "s-1"}
}

type scopeType = template.Scope
