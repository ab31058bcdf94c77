package openapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/signing"
)

// A provider's switches are what its facts leave open, or what has changed over the years: which signature, which shape
// of a body, whether a header is sent. Each endpoint has its own; provider.yaml lists the values of each switch, the
// default first. One with an empty list takes any text. Expressions see them as endpoint.NAME.

// CheckSwitches refuses switches that the provider has not, and values that they cannot have.
func (p *Provider) CheckSwitches(given map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		values, ok := p.set.Switches[name]
		switch {
		case !ok && len(p.set.Switches) == 0:
			return fmt.Errorf("%s has no switches", p.Name)
		case !ok:
			return fmt.Errorf("%s has no switch %q, it has %s", p.Name, name, strings.Join(slices.Sorted(maps.Keys(p.set.Switches)), ", "))
		case len(values) > 0 && !slices.Contains(values, given[name]):
			return fmt.Errorf("switch %s cannot be %q: want %s", name, given[name], strings.Join(values, " or "))
		}
	}
	return nil
}

// EndpointValues returns the variables of an endpoint in expressions: its id and url, and every switch with its value or default.
func (p *Provider) EndpointValues(id, url string, switches map[string]string) map[string]any {
	m := map[string]any{"id": id, "url": url}
	p.defaultSwitches(m)
	for name, value := range switches {
		m[name] = value
	}
	return m
}

func (p *Provider) defaultSwitches(endpoint map[string]any) {
	for name, values := range p.set.Switches {
		if _, set := endpoint[name]; !set && len(values) > 0 {
			endpoint[name] = values[0]
		}
	}
}

// switched returns the scope's endpoint with the default of every switch that it does not set.
func (p *Provider) switched(s *template.Scope) map[string]any {
	if len(p.set.Switches) == 0 {
		return s.Endpoint
	}
	m := make(map[string]any, len(s.Endpoint)+len(p.set.Switches))
	maps.Copy(m, s.Endpoint)
	p.defaultSwitches(m)
	return m
}

// Switches lists the values of each switch, the default first, by the switch's name.
func (p *Provider) Switches() map[string][]string { return p.set.Switches }

// Signature is how deliveries to an endpoint of these values are signed (see [Provider.EndpointValues]). nil stands for
// an endpoint whose switches are at their defaults.
func (p *Provider) Signature(endpoint map[string]any) signing.Config {
	name, _ := endpoint["signature"].(string)
	if s, ok := p.set.Webhook.Signatures[name]; ok {
		return s
	}
	return p.set.Webhook.Signature
}

// Signatures are those that the switch called signature may choose instead of the usual one, by its value.
func (p *Provider) Signatures() map[string]signing.Config { return p.set.Webhook.Signatures }

// body is the template of the event in the shape that the endpoint at hand asks for.
func (e *Event) body(endpoint map[string]any) *template.Node {
	shape, _ := endpoint["shape"].(string)
	if n := e.shapes[shape]; n != nil {
		return n
	}
	return e.template
}
