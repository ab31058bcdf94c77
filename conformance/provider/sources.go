package provider

import (
	"fmt"
	"net/http"

	"github.com/idmock/idmock/openapi"
)

// sources are the messages that a check may name.
var sources = map[string]func(r *runner) ([]*message, error){
	"documented": documented,
	"examples":   examples,

	"cut":          spoilt(openapi.BadJSON, one(cut)),
	"no-body":      spoilt(openapi.Invalid, one(noBody)),
	"array":        spoilt(openapi.Invalid, one(array)),
	"without":      spoilt(openapi.Invalid, without),
	"wrong-type":   spoilt(openapi.Invalid, wrongType),
	"media-type":   spoilt(openapi.MediaType, one(otherMedia)),
	"unknown-path": first(spoilt(openapi.UnknownPath, one(unknownPath)), 3),
	"method":       spoilt(openapi.Method, otherMethod),
	"too-large":    large,

	"no-key":        spoilt(openapi.MissingCredential, one(noKey)),
	"bad-key":       otherKey(openapi.BadCredential, func(r *runner) string { return r.BadKey }, nobodysKey, true),
	"malformed-key": spoilt(openapi.MalformedCredential, malformedKey),
	"forbidden-key": otherKey(openapi.Forbidden, func(r *runner) string { return r.Forbidden }, "forbidden_key", false),
}

// nobodysKey is one that nobody has, and that the folders of the providers that ship know to be bad.
const nobodysKey = "invalid_key_of_nobody"

// documented are the requests that the document shows. What only stands in for a screen or a script is asked of a mock
// alone; each of those has a key of its own, because it may change the account.
//
// They are understood once; each caller gets copies.
func documented(r *runner) ([]*message, error) {
	if r.requests == nil {
		made, err := r.understand()
		if err != nil {
			return nil, err
		}
		r.requests = made
	}
	all := make([]*message, len(r.requests))
	for i, m := range r.requests {
		all[i] = m.clone()
	}
	return all, nil
}

func (r *runner) understand() ([]*message, error) {
	operations, err := r.Provider.Operations()
	if err != nil {
		return nil, err
	}
	var all []*message
	for _, op := range operations {
		key := r.Key
		if op.Dashboard || op.Mock || op.DashboardVerb() != "" {
			if !r.mock || op.DashboardVerb() == openapi.DashboardTest { // which needs a webhook
				continue
			}
			key += "-" + op.ID
		}
		m, err := r.documented(op, key)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", op.ID, err)
		}
		if m.refused == nil {
			all = append(all, m)
		}
	}
	return all, nil
}

// examples ask for each documented answer by its name, which a mock can be.
func examples(r *runner) ([]*message, error) {
	if !r.mock {
		return nil, nil
	}
	requests, err := documented(r)
	if err != nil {
		return nil, err
	}
	var all []*message
	for _, m := range requests {
		seen := map[string]bool{}
		for _, name := range m.op.Examples() {
			if seen[name] || m.op.Dashboard || m.op.DashboardVerb() != "" {
				continue // a screen shows what is registered
			}
			seen[name] = true
			asking := m.clone()
			asking.example, asking.status = name, m.op.ExampleStatus(name)
			asking.header.Set("Prefer", "example="+name)
			all = append(all, asking)
		}
	}
	return all, nil
}

// spoilt makes every documented request wrong. What the document refuses for another reason, or not at all, is left out.
func spoilt(kind openapi.Kind, spoil func(r *runner, m *message) []*message) func(*runner) ([]*message, error) {
	return func(r *runner) ([]*message, error) {
		requests, err := documented(r)
		if err != nil {
			return nil, err
		}
		var all []*message
		for _, m := range requests {
			for _, bad := range spoil(r, m) {
				if _, refused := bad.understood(r.Provider); refused != nil && refused.Kind == kind {
					bad.refused = refused
					all = append(all, bad)
				}
			}
		}
		return all, nil
	}
}

// one is for what can be spoilt in one way.
func one(spoil func(r *runner, m *message)) func(r *runner, m *message) []*message {
	return func(r *runner, m *message) []*message {
		bad := m.clone()
		spoil(r, bad)
		return []*message{bad}
	}
}

// large is one message alone: it takes its time.
func large(r *runner) ([]*message, error) {
	requests, err := documented(r)
	for _, m := range requests {
		if len(m.body) > 0 && m.op.Method == http.MethodPost {
			bad := m.clone()
			tooLarge(r, bad)
			if _, bad.refused = bad.understood(r.Provider); bad.refused != nil && bad.refused.Kind == openapi.TooLarge {
				return []*message{bad}, nil
			}
		}
	}
	return nil, err
}

// first is for what is the same with every operation.
func first(from func(*runner) ([]*message, error), n int) func(*runner) ([]*message, error) {
	return func(r *runner) ([]*message, error) {
		all, err := from(r)
		return all[:min(n, len(all))], err
	}
}
