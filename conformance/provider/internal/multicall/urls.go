package multicall

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/provider/internal/evaluate"
	"github.com/idmock/idmock/conformance/provider/internal/exchange"
	"github.com/idmock/idmock/conformance/provider/internal/inbox"
	"github.com/idmock/idmock/conformance/provider/internal/session"
	"github.com/idmock/idmock/openapi"
)

// publicHost is the host of ordinary URLs. No request is ever sent to it.
const publicHost = "hooks.idmock-check.example"

// unusedPort is the port of URLs that are registered and never called.
const unusedPort = "40123"

// target is a URL of a check, registered for an account of its own.
type target struct {
	account, url string
	host         string // the host name that the check's DNS serves; empty: none
}

// fill replaces the placeholders of the URL at an index: {scheme} is the scheme that the provider registers, {public} an
// ordinary host, {port} the given port, {name} a host name that the check's DNS serves, and {long} a path of 100,000 bytes.
func (c Case) fill(s *session.Session, index int, port string) (target, error) {
	name := ""
	if s.DNS != nil {
		name = s.DNS.NewName()
	}
	replacer := strings.NewReplacer("{scheme}", s.Scheme(), "{public}", publicHost, "{port}", port, "{name}", name, "{long}", strings.Repeat("long/", 20_000))
	t := target{account: fmt.Sprintf("%s-%d", s.Account(c.ID), index), url: replacer.Replace(c.URLs[index])}
	if len(c.DNS.First) == 0 {
		return t, nil
	}
	u, err := url.Parse(t.url)
	if err != nil {
		return t, err
	}
	t.host = u.Hostname()
	s.DNS.Set(t.host, c.DNS.First...)
	return t, nil
}

// acceptsOrdinary registers an ordinary URL. If the server refuses it, its other refusals prove nothing, and the error is
// [session.Inconclusive].
func acceptsOrdinary(ctx context.Context, s *session.Session, c Case) error {
	if err := s.RequireMock(); err != nil {
		return err
	}
	_, err := s.Register(ctx, s.Account(c.ID)+"-ordinary", s.Scheme()+"://"+publicHost+":"+unusedPort+"/hooks")
	if errors.Is(err, session.ErrRefused) {
		return session.Inconclusive(fmt.Sprintf("the server refuses an ordinary URL as well, so that a refusal proves nothing: %v", err))
	}
	return err
}

// eachURL registers each URL of a check and evaluates the response, until a finding is not met.
func eachURL(ctx context.Context, s *session.Session, c Case, port string, evaluate func(t target, call exchange.Call) (Finding, error)) (Finding, error) {
	if err := acceptsOrdinary(ctx, s, c); err != nil {
		return Finding{}, err
	}
	if len(c.DNS.First) > 0 && s.DNS == nil {
		return Finding{Inconclusive: "needs a host name that resolves to a forbidden address: give --dns HOST:PORT and let the server resolve host names there (idmock serve --resolver)"}, nil
	}
	for i := range c.URLs {
		t, err := c.fill(s, i, port)
		if err != nil {
			return Finding{}, err
		}
		r, err := s.Registration(t.account, t.url)
		if err != nil {
			return Finding{}, err
		}
		call, err := s.Call(ctx, r)
		if err != nil {
			return Finding{}, err
		}
		if found, err := evaluate(t, call); err != nil || !found.Met() {
			return found, err
		}
	}
	return Finding{}, nil
}

// rejected requires that the server refuses each URL.
func rejected(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	return eachURL(ctx, s, c, unusedPort, func(t target, call exchange.Call) (Finding, error) {
		if call.Got.Rejected() {
			return Finding{}, nil
		}
		return unexpected(call, "a refusal of "+t.url, call.Got.Summary())
	})
}

// httpsOnly requires that a provider that registers only https refuses other URLs.
func httpsOnly(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	if !s.Provider.Webhooks().Registration().HTTPS {
		return c.notApplicable()
	}
	return rejected(ctx, s, c)
}

// neverCalled requires that the server refuses each URL or never calls it. Both sides are observed: a tripwire listens at the
// addresses of this machine, and the server must report each of its attempts as blocked.
func neverCalled(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	tripwire, err := inbox.NewTripwire()
	if err != nil {
		return Finding{}, err
	}
	defer tripwire.Close()
	return eachURL(ctx, s, c, tripwire.Port, func(t target, call exchange.Call) (Finding, error) {
		if call.Got.Rejected() {
			return Finding{}, nil
		}
		expected := t.url + " to be refused, or never called"
		if call.Got.Status >= 300 {
			return unexpected(call, expected, call.Got.Summary())
		}
		if len(c.DNS.Then) > 0 {
			expected = fmt.Sprintf("no call to %s, which had the address %v when it was registered and has %v now", t.host, c.DNS.First, c.DNS.Then)
			s.DNS.Set(t.host, c.DNS.Then...)
		}
		attempts, err := sendTo(ctx, s, t.account)
		if err != nil {
			return Finding{}, err
		}
		if connections := tripwire.Connections(); len(connections) > 0 {
			return Finding{Expected: expected, Got: connections[0].Note, Exchanges: append([]conformance.Exchange{call.Got.Exchange}, connections...)}, nil
		}
		decided := false
		for _, a := range attempts {
			switch {
			case a.Class == session.ClassBlocked:
				decided = true
			case a.Remote == "": // it ended before there was an address, as when a name is resolved too slowly
			case c.mayCall(a.Remote):
				decided = true
			default:
				return unexpected(call, expected, fmt.Sprintf("an attempt to call it: %s, %s", a.Class, a.Error))
			}
		}
		if !decided {
			return Finding{Inconclusive: "the server reports no attempt that reached or blocked an address of " + t.url}, nil
		}
		return Finding{}, nil
	})
}

// mayCall reports whether a remote address (with a port) is a public one of the check's host name.
func (c Case) mayCall(remote string) bool {
	at, err := netip.ParseAddrPort(remote)
	return err == nil && slices.Contains(slices.Concat(c.DNS.First, c.DNS.Then), at.Addr()) && !at.Addr().IsLoopback()
}

// sendTo sends an event in an account with a frozen clock and returns the attempts that the server reports.
func sendTo(ctx context.Context, s *session.Session, account string) ([]session.Attempt, error) {
	if err := s.Freeze(ctx, account); err != nil {
		return nil, err
	}
	if _, err := s.SendEvent(ctx, account); err != nil {
		return nil, err
	}
	if err := s.Advance(ctx, account, instant); err != nil {
		return nil, err
	}
	return s.Attempts(ctx, account)
}

// unchanged requires that the server refuses each URL or registers exactly this URL.
func unchanged(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	return eachURL(ctx, s, c, unusedPort, func(t target, call exchange.Call) (Finding, error) {
		if call.Got.Rejected() {
			return Finding{}, nil
		}
		expected := exchange.Clip(t.url, 60) + " to be refused, or registered unchanged"
		if call.Got.Status >= 300 {
			return unexpected(call, expected, call.Got.Summary())
		}
		registered, err := registeredURL(ctx, s, t.account, call)
		if err != nil {
			return Finding{}, err
		}
		if registered == "" {
			return Finding{Inconclusive: "the dashboard does not show the registered URL"}, nil
		}
		// The dashboard may show an internationalized name in its ASCII form (RFC 5891).
		if registered != t.url && !strings.Contains(registered, "xn--") {
			return unexpected(call, expected, fmt.Sprintf("%s, of %d bytes instead of %d", exchange.Clip(registered, 60), len(registered), len(t.url)))
		}
		return Finding{}, nil
	})
}

// registeredURL returns the URL that the dashboard shows after a registration, or "" if it shows none.
func registeredURL(ctx context.Context, s *session.Session, account string, registration exchange.Call) (string, error) {
	if u := firstURL(registration.Got.Body); u != "" {
		return u, nil
	}
	operations, err := s.Dashboard(openapi.DashboardRead, openapi.DashboardList)
	if err != nil {
		return "", err
	}
	for _, op := range operations {
		call, ok, err := s.AskFor(ctx, op, account, registration)
		if err != nil {
			return "", err
		}
		if !ok {
			continue
		}
		if u := firstURL(call.Got.Body); u != "" {
			return u, nil
		}
	}
	return "", nil
}

// errorShape requires that refusals of URLs have the shape of the provider's other refusals, as documented.
func errorShape(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	contract := evaluate.Contract{Provider: s.Provider, Account: s.Key}
	refusals := 0
	found, err := eachURL(ctx, s, c, unusedPort, func(_ target, call exchange.Call) (Finding, error) {
		if !call.Got.Rejected() {
			return Finding{}, nil
		}
		refusals++
		call.Refused = &openapi.Error{Kind: openapi.Invalid, Message: "the URL", Field: "webhook_url"}
		if expected, got := contract.Evaluate("refused-in-shape", call.Request, call.Got); expected != "" {
			return unexpected(call, expected, got)
		}
		if err := call.Op.ValidateResponse(call.Got.Status, call.Got.Body); err != nil {
			return unexpected(call, "a documented response", err.Error())
		}
		return Finding{}, nil
	})
	if err == nil && found.Met() && refusals == 0 {
		found.NotApplicable = "the server refuses no URL"
	}
	return found, err
}
