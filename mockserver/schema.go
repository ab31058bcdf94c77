package mockserver

import (
	"context"

	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// Schema returns the JSON Schema of scenario files of these providers, for editors.
func Schema(providers []*openapi.Provider) ([]byte, error) {
	v, names := vocabulary{}, make([]string, len(providers))
	for i, p := range providers {
		v[p.Name], names[i] = p, p.Name
	}
	return scenarios.Schema(v, names)
}

// Schema returns the JSON Schema of scenario files of the providers that are served.
func (e *Engine) Schema(context.Context) ([]byte, error) {
	all := make([]*openapi.Provider, len(e.names))
	for i, name := range e.names {
		all[i] = e.providers.of(name).Provider
	}
	return Schema(all)
}
