package openapi

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/idmock/idmock/internal/template"
)

// failures are the kinds of error of the provider's own failures, by status.
var failures = map[int]Kind{
	http.StatusTooManyRequests: TooManyRequests, http.StatusInternalServerError: Internal, http.StatusServiceUnavailable: Unavailable,
}

// Fail answers a call to an operation with a failure that is not the caller's: 429 or a 5xx. It is what the document shows
// for that status or, where it shows nothing, the folder's error of that kind, or else the one for 503 with its numbers
// changed to the status.
func (p *Provider) Fail(op *Operation, status int, s *template.Scope) (Reply, error) {
	d, err := op.details()
	if err != nil {
		return Reply{}, err
	}
	if i := slices.IndexFunc(d.examples, func(e *example) bool { return e.status == status }); i >= 0 {
		return p.Reply(op, d.examples[i].name, nil, s)
	}
	message := http.StatusText(status) + ": try again later"
	kind := failures[status]
	shape, ok := p.errors[kind]
	if ok && shape.status == status {
		return p.Refuse(&Error{Kind: kind, Message: message}, s)
	}
	shape = p.errors[Unavailable]
	s.Error = map[string]any{"kind": string(Unavailable), "message": message, "field": ""}
	body, err := renumber(shape.body, shape.status, status).Append(nil, s)
	if err != nil {
		return Reply{}, fmt.Errorf("provider %s: error %d: %w", p.Name, status, err)
	}
	return Reply{Status: status, Header: [][2]string{{"Content-Type", "application/json"}}, Body: body}, nil
}

// renumber returns a body with one status in the place of another, where it is a number or as the digits of
// a text.
func renumber(n *template.Node, from, to int) *template.Node {
	switch {
	case n.IsObject():
		members := slices.Clone(n.Members())
		for i := range members {
			members[i].Value = renumber(members[i].Value, from, to)
		}
		return template.Object(members)
	case len(n.Items()) > 0:
		items := slices.Clone(n.Items())
		for i := range items {
			items[i] = renumber(items[i], from, to)
		}
		return template.Array(items)
	}
	text, err := n.Append(nil, &template.Scope{})
	if err != nil { // an expression, which says something else
		return n
	}
	for _, quote := range []string{"", `"`} {
		if string(text) != quote+strconv.Itoa(from)+quote {
			continue
		}
		if made, err := template.ParseJSON([]byte(quote + strconv.Itoa(to) + quote)); err == nil {
			return made
		}
	}
	return n
}
