// Package multicall has the checks that need several requests: runs and accounts, registered URLs, the dashboard, and the
// webhooks that the provider sends. Checks select them by name.
//
// Checks of single responses do not belong here (package evaluate), and neither does the control of the server (package
// session).
package multicall

import (
	"context"
	"errors"
	"net/netip"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/provider/internal/exchange"
	"github.com/idmock/idmock/conformance/provider/internal/session"
)

// Case is a check as its table describes it.
type Case struct {
	ID            string
	NotApplicable string   // the reason if the provider lacks the feature
	URLs          []string // templates of the URLs to register: see [Case.fill]
	DNS           Addresses
}

// Addresses are the addresses of the host name in a check's URLs.
type Addresses struct {
	First []netip.Addr `yaml:"first"`
	Then  []netip.Addr `yaml:"then"` // after the registration; empty: unchanged
}

// Finding is the outcome of a check. The zero value means that the requirement is met.
type Finding struct {
	Expected, Got string // Expected is empty if the requirement is met
	NotApplicable string // the reason, if the provider lacks the feature
	Inconclusive  string // the reason, if evidence is missing
	Exchanges     []conformance.Exchange
}

// Met reports whether the requirement is met.
func (f Finding) Met() bool {
	return f.Expected == "" && f.NotApplicable == "" && f.Inconclusive == ""
}

// check runs a check. [session.Inconclusive] and [session.ErrNoDashboard] are errors that become findings.
type check func(ctx context.Context, s *session.Session, c Case) (Finding, error)

// Known reports whether [Run] knows a name.
func Known(name string) bool { return checks()[name] != nil }

// NeedsURLs reports whether the check of a name registers the URLs of its case.
func NeedsURLs(name string) bool {
	switch name {
	case "never-called", "rejected", "https-only", "unchanged", "error-shape":
		return true
	}
	return false
}

// Run runs the check of a name.
func Run(ctx context.Context, name string, s *session.Session, c Case) (Finding, error) {
	found, err := checks()[name](ctx, s, c)
	var inconclusive session.Inconclusive
	switch {
	case errors.As(err, &inconclusive):
		return Finding{Inconclusive: string(inconclusive)}, nil
	case errors.Is(err, session.ErrNoDashboard):
		return c.notApplicable()
	}
	return found, err
}

func (c Case) notApplicable() (Finding, error) {
	return Finding{NotApplicable: c.NotApplicable}, nil
}

// unexpected returns the finding that the response to a call is not as expected.
func unexpected(call exchange.Call, expected, got string) (Finding, error) {
	shown := call.Got.Exchange
	shown.Expected = expected
	return Finding{Expected: expected, Got: got, Exchanges: []conformance.Exchange{shown}}, nil
}
