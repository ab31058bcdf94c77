package settings

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Switches lists the values of each switch of an endpoint, the default first. A switch covers a fact that is unknown or has
// changed over the years: the signature, the shape of a body, an optional header. An empty list allows any text.
type Switches map[string][]string

// Check reports unknown switches and invalid values.
func (s Switches) Check(values map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		allowed, ok := s[name]
		switch {
		case !ok && len(s) == 0:
			return errors.New("the provider has no switches")
		case !ok:
			return fmt.Errorf("unknown switch %q: use %s", name, strings.Join(slices.Sorted(maps.Keys(s)), ", "))
		case len(allowed) > 0 && !slices.Contains(allowed, values[name]):
			return fmt.Errorf("invalid value %q of switch %s: use %s", values[name], name, strings.Join(allowed, " or "))
		}
	}
	return nil
}

// Endpoint returns the variable endpoint of expressions: id, url, and every switch with its value or default.
func (s Switches) Endpoint(id, url string, values map[string]string) map[string]any {
	m := map[string]any{"id": id, "url": url}
	for name, value := range values {
		m[name] = value
	}
	s.addDefaults(m)
	return m
}

// Complete returns an endpoint with the defaults of the switches that it does not set.
func (s Switches) Complete(endpoint map[string]any) map[string]any {
	if len(s) == 0 {
		return endpoint
	}
	m := make(map[string]any, len(endpoint)+len(s))
	maps.Copy(m, endpoint)
	s.addDefaults(m)
	return m
}

func (s Switches) addDefaults(endpoint map[string]any) {
	for name, values := range s {
		if _, set := endpoint[name]; !set && len(values) > 0 {
			endpoint[name] = values[0]
		}
	}
}
