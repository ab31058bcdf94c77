package openapi

import (
	"slices"

	"github.com/idmock/idmock/openapi/members"
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
		place := bodyMembers(p, op, at)
		names, open = append(names, place.Names...), open || place.Open
		if p.read().set.Parameters == settings.Anywhere && len(at) == 0 {
			names = append(names, op.Parameters("query")...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), open
}

func bodyMembers(p *Provider, op *Operation, at []string) *members.Place {
	d, err := p.load()
	if err != nil {
		return &members.Place{Open: true}
	}
	return d.members.Of(op.Operation, at)
}

// Values returns the types of values at a path in the body of requests to operations, such as text; nil: any. refusal says why
// requests with a value there are refused, and is empty if they are not.
func Values(p *Provider, of, at []string) (types []string, refusal func(value any) string) {
	var places []*members.Place
	for _, id := range of {
		op, err := p.Operation(id)
		if err != nil || op == nil {
			return nil, nil
		}
		place := bodyMembers(p, op, at)
		if place.Types == nil {
			if above := bodyMembers(p, op, at[:len(at)-1]); !above.Open && !slices.Contains(above.Names, at[len(at)-1]) {
				continue // requests to this operation have no such member
			}
			return nil, nil
		}
		types, places = append(types, place.Types...), append(places, place)
	}
	slices.Sort(types)
	return slices.Compact(types), func(value any) (why string) {
		for _, place := range places {
			if why = place.Refusal(value); why == "" {
				return ""
			}
		}
		return why
	}
}
