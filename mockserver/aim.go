package mockserver

import (
	"slices"

	"github.com/idmock/idmock/internal/glob"
	"github.com/idmock/idmock/mockserver/control"
)

// aim is what something that was set by hand is meant for. What is empty stands for any.
type aim struct {
	Provider string `json:"provider,omitempty"`
	Event    string `json:"event,omitempty"` // with wildcards
	Endpoint string `json:"endpoint,omitempty"`
}

// fits reports whether an event of a provider for an endpoint is meant; on a call, event is its operation.
func (a aim) fits(provider, event, endpoint string) bool {
	return (a.Provider == "" || a.Provider == provider) && (a.Event == "" || glob.Match(a.Event, event)) && (a.Endpoint == "" || a.Endpoint == endpoint)
}

// checkAim judges what somebody wants to set something for: where a provider is named, its events and operations are known.
func (e *Engine) checkAim(provider, event, operation string) error {
	if provider == "" {
		return nil
	}
	p := e.providers.of(provider)
	if p == nil {
		return control.Invalidf("no provider is called %q, want one of %v", provider, e.names)
	}
	known := vocabulary{p.Name: p.Provider}
	for _, name := range []struct {
		key, pattern string
		all          []string
	}{{"event", event, known.Events(p.Name)}, {"operation", operation, known.Operations(p.Name)}} {
		if name.pattern != "" && !slices.ContainsFunc(name.all, func(one string) bool { return glob.Match(name.pattern, one) }) {
			return control.Invalidf("%s: %s has no %s %q", name.key, p.Name, name.key, name.pattern)
		}
	}
	return nil
}
