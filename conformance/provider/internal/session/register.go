package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/idmock/idmock/conformance/provider/internal/exchange"
	"github.com/idmock/idmock/openapi"
)

// ErrNoDashboard means that no operation of the dashboard registers a webhook.
var ErrNoDashboard = errors.New("no operation of the dashboard registers a webhook")

// ErrRefused means that the server refused to register a webhook.
var ErrRefused = errors.New("the webhook is refused")

// Registration returns the request that registers a webhook in the dashboard. The error is [ErrNoDashboard] if there is
// none.
func (s *Session) Registration(key, hook string) (*exchange.Request, error) {
	operations, err := s.Dashboard(openapi.DashboardCreate, openapi.DashboardUpdate)
	if err != nil {
		return nil, err
	}
	for _, op := range operations {
		r, err := s.Documented(op, key)
		if err != nil {
			return nil, err
		}
		body, err := s.withURL(r, hook)
		if body != nil || err != nil {
			r.Body = body
			return r, err
		}
	}
	return nil, ErrNoDashboard
}

// withURL returns the body of a registration with another URL: it tries each text member until the document understands the
// URL as the webhook's. It returns nil without such a member.
func (s *Session) withURL(r *exchange.Request, hook string) ([]byte, error) {
	call, refused := r.Match(s.Provider)
	if refused != nil {
		return nil, nil
	}
	members, _ := call.Body.(map[string]any)
	for name := range members {
		if _, text := members[name].(string); !text {
			continue
		}
		changed := maps.Clone(members)
		changed[name] = hook
		scope := call.Scope()
		scope.Body = changed
		if webhook, err := r.Op.Webhook(scope); err == nil && webhook.URL == hook {
			return json.Marshal(changed)
		}
	}
	return nil, nil
}

// Register registers a webhook and returns the call. The error is [ErrRefused] if the server refused it.
func (s *Session) Register(ctx context.Context, key, hook string) (exchange.Call, error) {
	r, err := s.Registration(key, hook)
	if err != nil {
		return exchange.Call{}, err
	}
	call, err := s.Call(ctx, r)
	if err == nil && call.Got.Status >= 300 {
		err = fmt.Errorf("%w: %s with %s: %s", ErrRefused, r.Op.ID, exchange.Clip(hook, 80), call.Got.Summary())
	}
	return call, err
}

// AskFor calls an operation of the dashboard for a registered webhook. If the path has a parameter, it tries each text of the
// response to the registration as the webhook's ID. ok is false if the server knows none of them.
func (s *Session) AskFor(ctx context.Context, op *openapi.Operation, key string, registration exchange.Call) (call exchange.Call, ok bool, err error) {
	r, err := s.Documented(op, key)
	if err != nil {
		return call, false, err
	}
	if !strings.Contains(op.Path, "{") {
		call, err = s.Call(ctx, r)
		return call, err == nil, err
	}
	var members map[string]any
	if json.Unmarshal(registration.Got.Body, &members) != nil {
		return call, false, nil
	}
	for _, value := range members {
		id, text := value.(string)
		if !text || id == "" || strings.ContainsAny(id, "/ ") {
			continue
		}
		if call, err = s.Call(ctx, r.AtPath(op, id)); err != nil {
			return call, false, err
		}
		if call.Got.Status != http.StatusNotFound {
			return call, true, nil
		}
	}
	return call, false, nil
}
