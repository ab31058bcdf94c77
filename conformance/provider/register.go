package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/idmock/idmock/openapi"
)

// register registers a webhook as people do in the dashboard, and returns the call that did it.
func (r *runner) register(key, hook string) (sent, error) {
	operations, err := r.Provider.Operations()
	if err != nil {
		return sent{}, err
	}
	for _, op := range operations {
		if verb := op.DashboardVerb(); verb != openapi.DashboardCreate && verb != openapi.DashboardUpdate {
			continue
		}
		m, err := r.documented(op, key)
		if err != nil {
			return sent{}, err
		}
		call, refused := m.understood(r.Provider)
		if refused != nil {
			continue
		}
		fields, _ := call.Body.(map[string]any)
		for name := range fields {
			if _, text := fields[name].(string); !text {
				continue
			}
			changed := maps.Clone(fields)
			changed[name] = hook
			scope := call.Scope()
			scope.Body = changed
			if made, err := op.Webhook(scope); err != nil || made.URL != hook {
				continue
			}
			if m.body, err = json.Marshal(changed); err != nil {
				return sent{}, err
			}
			got := r.send(m)
			if got.err == nil && got.status >= 300 {
				got.err = fmt.Errorf("%s refuses the webhook: %s", op.ID, status(got))
			}
			return sent{m, got}, got.err
		}
	}
	return sent{}, errors.New("no operation of the dashboard registers a webhook")
}
