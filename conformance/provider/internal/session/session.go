package session

import (
	"context"
	"net/netip"
	"strings"

	"github.com/idmock/idmock/conformance/provider/internal/exchange"
	"github.com/idmock/idmock/conformance/provider/internal/inbox"
	"github.com/idmock/idmock/openapi"
)

// Session is a run against a server.
type Session struct {
	*exchange.Client
	Key      string
	OtherKey string // of another account
	Seed     uint64

	Mock  bool // the server is an idmock, with a control API
	Local bool // the server calls local and private addresses

	Listener *inbox.Listener // nil: no webhooks can be received
	DNS      DNS             // nil: the server does not ask this machine for host names
}

// DNS resolves host names for the server under test.
type DNS interface {
	NewName() string
	Set(host string, addresses ...netip.Addr)
}

// Inconclusive is an error: the reason for which a check cannot reach a verdict.
type Inconclusive string

func (e Inconclusive) Error() string { return string(e) }

// Account returns the key of a check's own account.
func (s *Session) Account(check string) string {
	return s.Key + "-" + strings.ReplaceAll(check, "/", "-")
}

// Scheme returns the URL scheme that the provider registers.
func (s *Session) Scheme() string {
	if s.Provider.Webhooks().Registration().HTTPS {
		return "https"
	}
	return "http"
}

// RequireMock returns an [Inconclusive] error unless the server is an idmock.
func (s *Session) RequireMock() error {
	if !s.Mock {
		return Inconclusive("the server is not an idmock: its dashboard and clock cannot be controlled")
	}
	return nil
}

// Call sends a request and returns it with its response.
func (s *Session) Call(ctx context.Context, r *exchange.Request) (exchange.Call, error) {
	got := s.Send(ctx, r)
	return exchange.Call{Request: r, Got: got}, got.Err
}

// Dashboard returns the operations of the dashboard that have one of the verbs.
func (s *Session) Dashboard(verbs ...openapi.DashboardVerb) ([]*openapi.Operation, error) {
	operations, err := s.Provider.Operations()
	var found []*openapi.Operation
	for _, op := range operations {
		for _, verb := range verbs {
			if op.DashboardVerb() == verb {
				found = append(found, op)
			}
		}
	}
	return found, err
}
