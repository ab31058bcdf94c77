package openapitest

import (
	"path"
	"time"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

func (n names) operation(id string) *openapi.Operation {
	for _, op := range n.operations {
		if op.ID == id {
			return op
		}
	}
	return nil
}

func (n names) Outcomes(string) *outcome.Table { return n.p.Outcomes() }

func (n names) OutcomeExample(_, operation, name string) string {
	if op := n.operation(operation); op != nil {
		return op.OutcomeExample(n.p.Outcomes().Find(name), nil)
	}
	return ""
}

func (n names) Reports(_, event string) []string {
	if e := n.p.Event(event); e != nil {
		return e.Reports
	}
	return nil
}

func (n names) Contradiction(_, event string, data *template.Node, name string) (at, other string) {
	if at, o := n.p.Webhooks().Contradiction(event, data, name); o != nil {
		return at, o.Name
	}
	return "", ""
}

func (n names) OptIn(_, event string) bool {
	return n.p.Event(event) != nil && n.p.Event(event).OnRequest
}

func (n names) Runs(_, operation string) (starts, finds bool) {
	op := n.operation(operation)
	if op == nil {
		return false, false
	}
	_, finds = op.Finds()
	return op.Starts(), finds
}

func (n names) Base(string) *scenarios.Base {
	return scenarios.BaseIn(n.p.Folder(), path.Join("scenarios", scenarios.Default+".yaml"))
}

func (n names) Deliveries(_, event string) (attempts int, accepted func(status int) (ever, always bool)) {
	attempts, accept := n.p.Webhooks().Limits(event)
	return attempts, func(status int) (ever, always bool) { return webhook.Agreement(accept, status) }
}

func (n names) ReplyContradiction(_, operation string, body *template.Node, name string) (at, other string) {
	if op := n.operation(operation); op != nil {
		if at, o := openapi.ReplyContradiction(n.p, op, body, name); o != nil {
			return at, o.Name
		}
	}
	return "", ""
}

func (n names) Members(_, root string, of, at []string) (names []string, open bool) {
	return n.p.Members(root, of, at)
}

func (n names) Values(_ string, operations, path []string) (types []string, refusal func(value any) string) {
	return openapi.Values(n.p, operations, path)
}

func (n names) Timeout(string) time.Duration { return n.p.Webhooks().Timeout() }
