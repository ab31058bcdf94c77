package mockserver

import (
	"context"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/widget"
)

var _ widget.Samples = (*Engine)(nil)

// Samples lists the providers that have a page on which their script can be tried.
func (e *Engine) Samples() [][2]string {
	var all [][2]string
	for _, name := range e.names {
		if p := e.providers.of(name); p.HasSample() {
			all = append(all, [2]string{name, p.Title})
		}
	}
	return all
}

// Sample is a provider's page, filled in with an account's keys.
func (e *Engine) Sample(ctx context.Context, provider, account, address string) (string, error) {
	p := e.providers.of(provider)
	if p == nil || !p.HasSample() {
		return "", nil
	}
	a, err := e.account(ctx, account)
	if err != nil {
		return "", err
	}
	credentials, err := a.credentialsFor(p)
	if err != nil {
		return "", err
	}
	return p.Sample(&template.Scope{Account: credentials, Vars: map[string]any{"base": address + p.Prefix}})
}
