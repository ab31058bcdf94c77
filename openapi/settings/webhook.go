package settings

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/openapi/signing"
)

// Webhook configures deliveries.
type Webhook struct {
	Method  string   `yaml:"method"`
	Timeout Duration `yaml:"timeout"`
	Accept  []string `yaml:"accept"`
	// Source is the address of this machine from which webhooks are sent; an endpoint or a flag can override it.
	Source string `yaml:"source"`
	// Exhausted yields the addresses to notify after the last failed attempt, or nil.
	Exhausted    Expression `yaml:"exhausted"`
	Retry        `yaml:",inline"`
	Registration Registration   `yaml:"registration"`
	Headers      [][2]string    `yaml:"headers"`
	Signature    signing.Config `yaml:"signature"`
	// Signatures are alternatives to Signature, by the values of the switch signature.
	Signatures map[string]signing.Config `yaml:"signatures"`
	// Redirects: followed sends an attempt on to the location of a redirect. Otherwise a redirect is a failure.
	Redirects string `yaml:"redirects"`
	// Policies are what a provider does for each event, by the values of the switch policy and then by event.
	Policies map[string]map[string]Policy `yaml:"policies"`
}

// Policy is how a provider sends one event, in place of the rules for all.
type Policy struct {
	Retry   `yaml:",inline"` // without the key retry, an event is sent once
	Accept  Texts            `yaml:"accept"`  // empty: as for all events
	Reports Texts            `yaml:"reports"` // outcomes that are sent at all; empty: those of the event
	// ReportsFor limits Reports to endpoints that have one of these values of a switch; empty: all endpoints.
	ReportsFor map[string]Texts `yaml:"reports_for"`
	Redirects  string           `yaml:"redirects"` // followed, or a failure
}

// FollowsRedirects reports whether an attempt is sent on to the location of a redirect.
func (p Policy) FollowsRedirects() bool { return p.Redirects == followed }

// Sends reports whether an event about an outcome is sent to an endpoint with these values (see [Switches.Endpoint]).
func (p Policy) Sends(outcome string, endpoint map[string]any) bool {
	if len(p.Reports) == 0 || slices.Contains(p.Reports, outcome) {
		return true
	}
	for name, values := range p.ReportsFor {
		if value, _ := endpoint[name].(string); slices.Contains(values, value) {
			return false
		}
	}
	return len(p.ReportsFor) > 0
}

// Misfit returns an error for a value in ReportsFor that the switch does not have.
func (p Policy) Misfit(s Switches) error {
	for name, values := range p.ReportsFor {
		for _, value := range values {
			if !slices.Contains(s[name], value) {
				return fmt.Errorf("the switch %s has no value %q%s", name, value, suggest.Meant(value, s[name]))
			}
		}
	}
	return nil
}

// followed is the value of redirects.
const followed = "followed"

// Policy returns the policy for an event under a value of the switch; ok is false if the rules for all events apply.
func (w *Webhook) Policy(value, event string) (p Policy, ok bool) {
	p, ok = w.Policies[value][event]
	return p, ok
}

// Registration is the provider's requirements for the URL of a webhook, beside its document and that the URL is public.
// The zero value requires nothing.
type Registration struct {
	// HTTPS refuses other URLs.
	HTTPS bool `yaml:"https"`
	// Duplicates: kept registers a URL a second time as a second webhook; both receive every event.
	Duplicates string `yaml:"duplicates"`
	// Secret is the place of the signing secret in the response that registers a webhook; no other response shows it.
	// Empty: a webhook has no secret of its own.
	Secret string `yaml:"secret"`
}

// accepted matches a status, a class of statuses or a range.
var accepted = regexp.MustCompile(`^[1-5](xx|[0-9]{2}(-[1-5][0-9]{2})?)$`)

// Check reports invalid values.
func (w *Webhook) Check(report Reporter) {
	report(w.Signature.Validate(), "webhook", "signature")
	w.check(report)
	for value, events := range w.Policies {
		for event, p := range events {
			at := func(err error, _ ...string) { report(err, "webhook", "policies", value, event) }
			p.check(at)
			checkWord(at, p.Redirects, followed, "redirects")
			checkAccept(at, p.Accept)
		}
	}
	checkWord(report, w.Redirects, followed, "redirects")
	checkWord(report, w.Registration.Duplicates, "kept", "registration", "duplicates")
	if s := w.Registration.Secret; s != "" && !strings.HasPrefix(s, "/") {
		report(fmt.Errorf("registration: invalid secret %q: use a JSON Pointer, which begins with a slash", s), "webhook", "registration", "secret")
	}
	for name, s := range w.Signatures {
		if err := s.Validate(); err != nil {
			report(fmt.Errorf("signatures %s: %w", name, err), "webhook", "signatures", name)
		}
	}
	checkAccept(report, w.Accept)
	if _, err := w.Address(); err != nil {
		report(err, "webhook", "source")
	}
	if word := w.Signature.Algorithm; word != "" && !slices.ContainsFunc(w.Headers, func(h [2]string) bool { return strings.Contains(h[1], word) }) {
		report(fmt.Errorf("signature algorithm: no header contains %q, so receivers cannot check it", word), "webhook", "signature", "algorithm")
	}
}

// checkAccept reports invalid statuses.
func checkAccept(report Reporter, accept []string) {
	for i, status := range accept {
		if !accepted.MatchString(status) {
			report(fmt.Errorf("invalid status %q: use 200, 2xx or 200-204", status), "webhook", "accept", strconv.Itoa(i))
		}
	}
}

// Address returns the parsed Source, the zero Addr if it is empty.
func (w *Webhook) Address() (netip.Addr, error) {
	if w.Source == "" {
		return netip.Addr{}, nil
	}
	source, err := netip.ParseAddr(w.Source)
	if err != nil || source.IsUnspecified() {
		return netip.Addr{}, fmt.Errorf("invalid source %q: use an IP address of this machine, such as 127.0.0.2", w.Source)
	}
	return source.Unmap(), nil
}

// checkWord reports a value at a key of webhook that is neither empty nor the only valid one.
func checkWord(report Reporter, value, valid string, keys ...string) {
	if value != "" && value != valid {
		report(fmt.Errorf("%s: invalid value %q: use %s, or omit the key", strings.Join(keys, " "), value, valid), append([]string{"webhook"}, keys...)...)
	}
}
