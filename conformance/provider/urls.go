package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/openapi"
)

// public is the host of a URL that nothing speaks against. Nothing is ever sent there.
const public = "hooks.idmock-check.example"

// urlDeeds are those that need URLs.
var urlDeeds = map[string]bool{"uncalled": true, "unregistered": true, "unchanged": true, "error-shape": true, "insisting": true}

// place is where a URL of a check leads to.
type place struct {
	key, url, host string
}

// fill writes out what stands in braces: {scheme} is the one that the provider takes, {public} a host that nothing speaks
// against, {port} one on which this machine listens, {name} a name of the check's own, and {long} very long.
func (r *runner) fill(c *Check, i int, port string) (place, error) {
	name := ""
	if r.Names != nil {
		name = r.Names.name()
	}
	filled := strings.NewReplacer("{scheme}", r.scheme(), "{public}", public, "{port}", port, "{name}", name, "{long}", strings.Repeat("long/", 20_000)).Replace(c.URLs[i])
	made := place{key: fmt.Sprintf("%s-%d", r.account(c), i), url: filled}
	if len(c.Names.First) == 0 {
		return made, nil
	}
	u, err := url.Parse(filled)
	if err != nil {
		return made, err
	}
	made.host = u.Hostname()
	r.Names.server.Set(made.host, c.Names.First...)
	return made, nil
}

func (r *runner) scheme() string {
	if r.Provider.Registration().HTTPS {
		return "https"
	}
	return "http"
}

// ordinary registers a URL that nothing speaks against. Where that is refused, no refusal says anything; the reason is
// returned.
func (r *runner) ordinary(c *Check) (reason string, err error) {
	if !r.mock {
		return "the server is no mock: its dashboard cannot be driven from here", nil
	}
	_, err = r.register(r.account(c)+"-ordinary", r.scheme()+"://"+public+":40123/hooks")
	if errors.Is(err, errRefused) {
		return fmt.Sprintf("what nothing speaks against is refused, too, so that no refusal says anything: %v", err), nil
	}
	return "", err
}

// eachURL registers each URL of a check, and judges what came of it. A reason for which nothing can be said ends it.
func (r *runner) eachURL(c *Check, port string, look func(p place, s sent) (finding, error)) (finding, error) {
	if reason, err := r.ordinary(c); err != nil || reason != "" {
		if errors.Is(err, errNoDashboard) {
			return finding{lacks: c.Lacks}, nil
		}
		return finding{inconclusive: reason}, err
	}
	if len(c.Names.First) > 0 && r.Names == nil {
		return finding{inconclusive: "it takes a name that leads there: give --dns HOST:PORT, which the server asks for the names in URLs (a mock does with --resolver)"}, nil
	}
	for i := range c.URLs {
		p, err := r.fill(c, i, port)
		if err != nil {
			return finding{}, err
		}
		m, err := r.registering(p.key, p.url)
		if err != nil {
			return finding{}, err
		}
		s := sent{m, r.send(m)}
		if s.got.err != nil {
			return finding{}, s.got.err
		}
		found, err := look(p, s)
		if err != nil || !found.nothing() {
			return found, err
		}
	}
	return finding{}, nil
}

// rejected reports whether a call was refused as one's own mistake.
func (s sent) rejected() bool { return s.got.status >= 400 && s.got.status < 500 }

func (s sent) finding(wanted, is string) (finding, error) {
	shown := s.got.shown
	shown.Wanted = wanted
	return finding{wanted: wanted, got: is, exchanges: []conformance.Exchange{shown}}, nil
}

// unregistered: no such URL is registered.
func unregistered(r *runner, c *Check) (finding, error) {
	return r.eachURL(c, "40123", func(p place, s sent) (finding, error) {
		if s.rejected() {
			return finding{}, nil
		}
		return s.finding("that "+p.url+" is refused", status(s.got))
	})
}

// insisting: where https is insisted on, nothing else is registered.
func insisting(r *runner, c *Check) (finding, error) {
	if !r.Provider.Registration().HTTPS {
		return finding{lacks: c.Lacks}, nil
	}
	return unregistered(r, c)
}

// uncalled: such a URL is refused, or else it is never called. That it is not is seen from both sides: nobody comes to where
// it leads, and the server says of each of its attempts that it was not allowed to make it.
func uncalled(r *runner, c *Check) (finding, error) {
	t, err := setTrap()
	if err != nil {
		return finding{}, err
	}
	defer t.close()
	return r.eachURL(c, t.port, func(p place, s sent) (finding, error) {
		if s.rejected() {
			return finding{}, nil
		}
		wanted := "that " + p.url + " is refused, or never called"
		if s.got.status >= 300 {
			return s.finding(wanted, status(s.got))
		}
		if len(c.Names.Then) > 0 {
			wanted = fmt.Sprintf("that %s, which was %v when it was registered and is %v now, is never called", p.host, c.Names.First, c.Names.Then)
			r.Names.server.Set(p.host, c.Names.Then...)
		}
		attempts, err := r.played(p.key)
		if err != nil {
			return finding{}, err
		}
		if caught := t.got(); len(caught) > 0 {
			return finding{wanted: wanted, got: caught[0].Note, exchanges: append([]conformance.Exchange{s.got.shown}, caught...)}, nil
		}
		for _, a := range attempts {
			if a.Class != notCalled && !c.mayCall(a.Remote) {
				return s.finding(wanted, fmt.Sprintf("an attempt to call it: %s, %s", a.Class, a.Error))
			}
		}
		if len(attempts) == 0 {
			return finding{inconclusive: "the server says of no attempt that it made one to " + p.url}, nil
		}
		return finding{}, nil
	})
}

// mayCall reports whether an address, with a port, is one of the name's that is public: of several, that one may be called.
func (c *Check) mayCall(remote string) bool {
	at, err := netip.ParseAddrPort(remote)
	return err == nil && slices.Contains(slices.Concat(c.Names.First, c.Names.Then), at.Addr()) && !at.Addr().IsLoopback()
}

// played lets an event be sent in an account whose clock stands still, and returns the attempts that the server tells of.
func (r *runner) played(key string) ([]attempted, error) {
	if err := r.freeze(key); err != nil {
		return nil, err
	}
	if _, err := r.sendEvent(key); err != nil {
		return nil, err
	}
	if err := r.control(key, http.MethodPost, "/clock/advance", map[string]any{"by": time.Millisecond.String()}, nil); err != nil {
		return nil, err
	}
	return r.attempts(key)
}

// unchanged: such a URL is refused, or else it is the one that is registered, and not another.
func unchanged(r *runner, c *Check) (finding, error) {
	return r.eachURL(c, "40123", func(p place, s sent) (finding, error) {
		if s.rejected() {
			return finding{}, nil
		}
		wanted := "that " + clip(p.url, 60) + " is refused, or registered as it is"
		if s.got.status >= 300 {
			return s.finding(wanted, status(s.got))
		}
		shown, ok, err := r.registered(p.key, s)
		if err != nil || !ok {
			return finding{inconclusive: "the dashboard does not show what is registered"}, err
		}
		// A name may be shown as the DNS knows it (RFC 5891).
		if shown != p.url && !strings.Contains(shown, "xn--") {
			return s.finding(wanted, fmt.Sprintf("%s, of %d bytes in place of %d", clip(shown, 60), len(shown), len(p.url)))
		}
		return finding{}, nil
	})
}

// registered is the URL that the dashboard shows once a webhook is registered.
func (r *runner) registered(key string, made sent) (shown string, ok bool, err error) {
	if u := anyURL(made.got.body); u != "" {
		return u, true, nil
	}
	reading, err := r.screens(openapi.DashboardRead, openapi.DashboardList)
	for _, op := range reading {
		asked, there, err := r.about(op, key, made)
		if err != nil {
			return "", false, err
		}
		if u := anyURL(asked.got.body); there && u != "" {
			return u, true, nil
		}
	}
	return "", false, err
}

// anyURL is the first text in a body that looks like a URL; empty where there is none.
func anyURL(body []byte) string {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return ""
	}
	var find func(v any) string
	find = func(v any) string {
		switch v := v.(type) {
		case string:
			if strings.Contains(v, "://") {
				return v
			}
		case map[string]any:
			for _, value := range v {
				if u := find(value); u != "" {
					return u
				}
			}
		case []any:
			for _, value := range v {
				if u := find(value); u != "" {
					return u
				}
			}
		}
		return ""
	}
	return find(v)
}

// errorShape: a URL is refused as any bad request is, and as the document says.
func errorShape(r *runner, c *Check) (finding, error) {
	all := 0
	found, err := r.eachURL(c, "40123", func(p place, s sent) (finding, error) {
		if !s.rejected() {
			return finding{}, nil
		}
		all++
		s.message.refused = &openapi.Error{Kind: openapi.Invalid, Message: "the URL", Field: "webhook_url"}
		if wanted, is := refusedSo(r, s.message, s.got); wanted != "" {
			return s.finding(wanted, is)
		}
		if err := r.Provider.CheckReply(s.op, s.got.status, s.got.body); err != nil {
			return s.finding("an answer that the document knows", err.Error())
		}
		return finding{}, nil
	})
	if err == nil && found.nothing() && all == 0 {
		found.lacks = "no URL is refused"
	}
	return found, err
}
