package openapi

import (
	"slices"

	"github.com/idmock/idmock/openapi/settings"
)

// OperationIDs lists the operations of a provider in the document's order; none if it cannot be read. Do not modify the list.
func OperationIDs(p *Provider) []string {
	d, err := p.load()
	if err != nil {
		return nil
	}
	return d.ids
}

// Members lists what exists at a path of body, path or query in requests to operations, of account, or of data for an event.
// open reports that there may be others. An unknown root is open.
func (p *Provider) Members(root string, of, at []string) (names []string, open bool) {
	switch root {
	case "account":
		return append(p.CredentialNames(), "name", "seed"), false
	case "data":
		return p.Webhooks().DataMembers(of[0], at)
	case "body", "path", "query":
	default:
		return nil, true
	}
	for _, id := range of {
		op, err := p.Operation(id)
		if err != nil || op == nil {
			return nil, true
		}
		if root != "body" {
			names = append(names, op.Parameters(root)...)
			continue
		}
		more, unknown := op.RequestMembers(at)
		names, open = append(names, more...), open || unknown
		if p.read().set.Parameters == settings.Anywhere && len(at) == 0 {
			names = append(names, op.Parameters("query")...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), open
}
