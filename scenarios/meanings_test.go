package scenarios_test

import (
	"path"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/scenarios"
)

func (v vocabulary) Outcomes(provider string) *outcome.Table {
	if p := v[provider]; p != nil {
		return p.Outcomes()
	}
	return nil
}

func (v vocabulary) OutcomeExample(provider, operation, name string) string {
	p := v[provider]
	if p == nil {
		return ""
	}
	op, err := p.Operation(operation)
	if err != nil || op == nil {
		return ""
	}
	return op.OutcomeExample(p.Outcomes().Find(name), nil)
}

func (v vocabulary) Reports(provider, event string) []string {
	if p := v[provider]; p != nil && p.Event(event) != nil {
		return p.Event(event).Reports
	}
	return nil
}

func (v vocabulary) Contradiction(provider, event string, data *template.Node, name string) (at, other string) {
	if p := v[provider]; p != nil {
		if at, o := p.Webhooks().Contradiction(event, data, name); o != nil {
			return at, o.Name
		}
	}
	return "", ""
}

func (v vocabulary) OptIn(provider, event string) bool {
	p := v[provider]
	return p != nil && p.Event(event) != nil && p.Event(event).OnRequest
}

func (v vocabulary) Runs(provider, operation string) (starts, finds bool) {
	p := v[provider]
	if p == nil {
		return false, false
	}
	op, err := p.Operation(operation)
	if err != nil || op == nil {
		return false, false
	}
	_, finds = op.Finds()
	return op.Starts(), finds
}

func (v vocabulary) Vars(provider string) []string {
	if p := v[provider]; p != nil {
		return scenarios.VarNames(p.Folder(), path.Join("scenarios", scenarios.Default+".yaml"))
	}
	return nil
}

func (v vocabulary) Members(provider, root string, of, at []string) (names []string, open bool) {
	if p := v[provider]; p != nil {
		return p.Members(root, of, at)
	}
	return nil, true
}
