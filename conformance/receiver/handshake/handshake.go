// Package handshake holds the requests by which providers prove an address before they send events there, and the
// responses that a receiver owes: CloudEvents' OPTIONS, WebSub's challenge, an echoed token.
//
// Does not belong here: TLS handshakes (package wire).
package handshake

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/idmock/idmock/conformance/receiver/outcome"
	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/conformance/receiver/wire"
)

// handshake is one request and the evaluation of its response. token is new in each run.
type handshake struct {
	ask      func(p *profile.Profile, r *wire.Request, token string)
	evaluate func(p *profile.Profile, got wire.Response, token string) outcome.Outcome
}

// An origin and a topic that receivers do not know.
const (
	unknownOrigin = "stranger.example"
	unknownTopic  = "/of-another-subscriber"
)

var handshakes = map[string]handshake{
	"origin": {
		func(p *profile.Profile, r *wire.Request, _ string) { askPermission(r, p.Events.Handshake.Origin) },
		permitsOrigin,
	},
	"stranger": {
		func(_ *profile.Profile, r *wire.Request, _ string) { askPermission(r, unknownOrigin) },
		deniesOrigin,
	},
	"topic": {
		func(p *profile.Profile, r *wire.Request, token string) {
			verifySubscription(r, p.Events.Handshake.Topic, token)
		},
		func(_ *profile.Profile, got wire.Response, token string) outcome.Outcome {
			if got.Status/100 != 2 || string(got.Body) != token {
				return outcome.Wrong("2xx and a body that is the challenge", "%s", got)
			}
			return outcome.Fine
		},
	},
	"other-topic": {
		func(p *profile.Profile, r *wire.Request, token string) {
			verifySubscription(r, p.Events.Handshake.Topic+unknownTopic, token)
		},
		func(_ *profile.Profile, got wire.Response, _ string) outcome.Outcome {
			if got.Status != 404 {
				return outcome.Wrong("404 for a topic without a subscription", "%s", got)
			}
			return outcome.Fine
		},
	},
	"token": {
		func(p *profile.Profile, r *wire.Request, token string) {
			r.Method, r.Body = p.Webhooks().Method(), []byte("{}")
			r.Header = append(r.Header, [2]string{"Content-Type", "application/json"}, [2]string{p.Events.Handshake.Header, token})
		},
		func(p *profile.Profile, got wire.Response, token string) outcome.Outcome {
			if !p.Accepted.Has(got.Status) || !strings.Contains(string(got.Body), token) {
				return outcome.Wrong("acceptance, and the token of "+p.Events.Handshake.Header+" in the body", "%s", got)
			}
			return outcome.Fine
		},
	},
}

// Has reports whether a handshake of this name exists.
func Has(name string) bool {
	_, ok := handshakes[name]
	return ok
}

// Request returns the request of a handshake.
func Request(name string, p *profile.Profile, t *wire.Target, token string) *wire.Request {
	r := &wire.Request{Target: t.URL.RequestURI(), Header: [][2]string{{"Host", t.URL.Host}, {"User-Agent", p.Agent()}}, Timeout: p.SendTimeout()}
	handshakes[name].ask(p, r, token)
	return r
}

// Evaluate compares the response with the one that the receiver owes.
func Evaluate(name string, p *profile.Profile, got wire.Response, token string) outcome.Outcome {
	if got.Err != nil {
		return outcome.Wrong("a response", "%s", got)
	}
	return handshakes[name].evaluate(p, got, token)
}

// askPermission follows CloudEvents HTTP Web Hooks 1.0, section 4.1.
func askPermission(r *wire.Request, origin string) {
	r.Method = "OPTIONS"
	r.Header = append(r.Header, [2]string{"WebHook-Request-Origin", origin}, [2]string{"WebHook-Request-Rate", "120"})
}

// permitsOrigin follows CloudEvents HTTP Web Hooks 1.0, section 4.2.
func permitsOrigin(p *profile.Profile, got wire.Response, _ string) outcome.Outcome {
	const want = "permission: 2xx, WebHook-Allowed-Origin with the requested origin or *, and WebHook-Allowed-Rate with a number or *"
	allowed, rate := got.Header.Get("WebHook-Allowed-Origin"), got.Header.Get("WebHook-Allowed-Rate")
	n, err := strconv.Atoi(rate)
	switch {
	case got.Status/100 != 2:
		return outcome.Wrong(want, "%s", got)
	case allowed != "*" && !strings.EqualFold(allowed, p.Events.Handshake.Origin):
		return outcome.Wrong(want, "status %d and WebHook-Allowed-Origin %q", got.Status, allowed)
	case rate != "*" && (err != nil || n <= 0):
		return outcome.Wrong(want, "status %d and WebHook-Allowed-Rate %q", got.Status, rate)
	}
	return outcome.Fine
}

func deniesOrigin(_ *profile.Profile, got wire.Response, _ string) outcome.Outcome {
	const want = "no WebHook-Allowed-Origin for an unknown origin"
	switch allowed := got.Header.Get("WebHook-Allowed-Origin"); {
	case got.Status/100 == 5:
		return outcome.Wrong(want, "%s", got)
	case strings.EqualFold(allowed, unknownOrigin):
		return outcome.Wrong(want, "status %d and WebHook-Allowed-Origin %q", got.Status, allowed)
	case allowed == "*":
		return outcome.Untestable("it permits every origin (*), which the specification allows, so it may be unable to deny one")
	}
	return outcome.Fine // permission for another origin is none for this one
}

// verifySubscription follows W3C WebSub, section 5.3.
func verifySubscription(r *wire.Request, topic, challenge string) {
	r.Method = "GET"
	r.AddQuery(url.Values{"hub.mode": {"subscribe"}, "hub.topic": {topic}, "hub.challenge": {challenge}, "hub.lease_seconds": {"864000"}}.Encode())
}
