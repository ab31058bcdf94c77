package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/idmock/idmock/openapi"
)

var (
	errNoDashboard = errors.New("no operation of the dashboard registers a webhook")
	errRefused     = errors.New("the webhook is refused")
)

// registering is the call with which people register a webhook in the dashboard. The error is errNoDashboard where there is
// none.
func (r *runner) registering(key, hook string) (*message, error) {
	operations, err := r.Provider.Operations()
	if err != nil {
		return nil, err
	}
	for _, op := range operations {
		if verb := op.DashboardVerb(); verb != openapi.DashboardCreate && verb != openapi.DashboardUpdate {
			continue
		}
		m, err := r.documented(op, key)
		if err != nil {
			return nil, err
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
			m.body, err = json.Marshal(changed)
			return m, err
		}
	}
	return nil, errNoDashboard
}

// register registers a webhook, and returns the call that did it. The error is errRefused where it was not taken.
func (r *runner) register(key, hook string) (sent, error) {
	m, err := r.registering(key, hook)
	if err != nil {
		return sent{}, err
	}
	got := r.send(m)
	if err = got.err; err == nil && got.status >= 300 {
		err = fmt.Errorf("%w: %s with %s: %s", errRefused, m.op.ID, clip(hook, 80), status(got))
	}
	return sent{m, got}, err
}

// about asks an operation of the dashboard about a webhook that was registered: where the operation names one in its path,
// by whatever in the answer to its registration is its name. ok is false where nothing is.
func (r *runner) about(op *openapi.Operation, key string, made sent) (asked sent, ok bool, err error) {
	m, err := r.documented(op, key)
	if err != nil || !strings.Contains(op.Path, "{") {
		if err == nil {
			asked = sent{m, r.send(m)}
			err = asked.got.err
		}
		return asked, err == nil, err
	}
	var answer map[string]any
	if json.Unmarshal(made.got.body, &answer) != nil {
		return asked, false, nil
	}
	for _, value := range answer {
		text, is := value.(string)
		if !is || text == "" || strings.ContainsAny(text, "/ ") {
			continue
		}
		named := m.in(op, text)
		if asked = (sent{named, r.send(named)}); asked.got.err != nil {
			return asked, false, asked.got.err
		}
		if asked.got.status != http.StatusNotFound {
			return asked, true, nil
		}
	}
	return asked, false, nil
}

// in is the message with a value in the place of the parameters of its operation's path.
func (m *message) in(op *openapi.Operation, value string) *message {
	made := m.clone()
	made.path = op.Path
	for strings.Contains(made.path, "{") {
		_, after, _ := strings.Cut(made.path, "{")
		name, _, _ := strings.Cut(after, "}")
		made.put("path", name, value)
	}
	return made
}

// screens are the operations of the dashboard that do one of these.
func (r *runner) screens(verbs ...openapi.DashboardVerb) ([]*openapi.Operation, error) {
	operations, err := r.Provider.Operations()
	var all []*openapi.Operation
	for _, op := range operations {
		for _, verb := range verbs {
			if op.DashboardVerb() == verb {
				all = append(all, op)
			}
		}
	}
	return all, err
}
