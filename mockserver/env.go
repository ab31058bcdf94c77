package mockserver

import (
	"fmt"
	"net/http"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
)

// Environment returns the variables that point an application at the server in an account's name.
func (e *Engine) Environment(r *http.Request, name, provider string) (control.Environment, error) {
	p := e.providers.of(provider)
	if p == nil {
		return control.Environment{}, fmt.Errorf("no provider is called %q: %w: there are %v", provider, store.ErrNotFound, e.names)
	}
	a, err := e.account(r.Context(), e.somebody(name, provider))
	if err != nil {
		return control.Environment{}, err
	}
	credentials, err := a.credentialsFor(p)
	if err != nil {
		return control.Environment{}, err
	}
	all, err := p.Env(&template.Scope{Account: credentials, Base: e.baseOf(a, p, rootOf(r))})
	told := control.Environment{Provider: provider, Account: a.name, Variables: []control.Variable{}}
	for _, one := range all {
		told.Variables = append(told.Variables, control.Variable{Name: one[0], Value: one[1]})
	}
	return told, err
}
