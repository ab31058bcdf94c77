package scenarios_test

import (
	"fmt"
	"strconv"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/scenarios"
)

// acme is the vocabulary of a provider.
type acme struct{}

var _ scenarios.Vocabulary = acme{}

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
