package mockserver

import (
	"context"
	"fmt"
	"strings"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
)

// Fidelity tells how far the mock goes in being like a provider, as its folder says.
func (e *Engine) Fidelity(_ context.Context, name string) (control.Fidelity, error) {
	p := e.providers.of(name)
	if p == nil {
		return control.Fidelity{}, fmt.Errorf("no provider is called %q, there are %s: %w", name, strings.Join(e.names, ", "), store.ErrNotFound)
	}
	told := control.Fidelity{Provider: name, Operations: []control.OperationFidelity{}, Events: []control.EventFidelity{}, Guesses: append([]string{}, p.Guesses()...)}
	operations, err := p.Operations()
	if err != nil {
		return control.Fidelity{}, err
	}
	for _, op := range operations {
		told.Operations = append(told.Operations, control.OperationFidelity{ID: op.ID, Method: op.Method, Path: op.Path,
			Fidelity: string(op.Fidelity()), Own: op.Dashboard || op.Mock})
	}
	for _, event := range p.Events() {
		how, err := p.EventFidelity(event)
		if err != nil {
			return control.Fidelity{}, err
		}
		told.Events = append(told.Events, control.EventFidelity{Name: event.Name, Fidelity: string(how)})
	}
	return told, nil
}
