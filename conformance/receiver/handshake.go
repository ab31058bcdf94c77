package receiver

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver/webhook"
)

// handshake is something that a provider asks at an address before it sends events there.
type handshake struct {
	// ask makes the request, which has the receiver's address and no body yet. token is a text that nobody has seen before.
	ask   func(p *Profile, r *request, token string)
	judge func(p *Profile, got reply, token string) outcome
}

// The origin and the topic of which no receiver has heard.
const (
	strangeOrigin = "stranger.example"
	strangeTopic  = "/of-somebody-else"
)

var handshakes = map[string]handshake{
	"origin": {
		func(p *Profile, r *request, _ string) { askLeave(r, p.conf.Handshake.Origin) },
		func(p *Profile, got reply, _ string) outcome {
			const wanted = "leave to send: 2xx, WebHook-Allowed-Origin with the name that asks or *, and WebHook-Allowed-Rate with a number or *"
			allowed, rate := got.header.Get("WebHook-Allowed-Origin"), got.header.Get("WebHook-Allowed-Rate")
			n, err := strconv.Atoi(rate)
			switch {
			case got.status/100 != 2:
				return wrong(wanted, "%s", describe(got))
			case allowed != "*" && !strings.EqualFold(allowed, p.conf.Handshake.Origin):
				return wrong(wanted, "status %d and WebHook-Allowed-Origin %q", got.status, allowed)
			case rate != "*" && (err != nil || n <= 0):
				return wrong(wanted, "status %d and WebHook-Allowed-Rate %q", got.status, rate)
			}
			return fine
		}},
	"stranger": {
		func(_ *Profile, r *request, _ string) { askLeave(r, strangeOrigin) },
		func(_ *Profile, got reply, _ string) outcome {
			const wanted = "no WebHook-Allowed-Origin for an origin that it does not know"
			switch allowed := got.header.Get("WebHook-Allowed-Origin"); {
			case got.status/100 == 5:
				return wrong(wanted, "%s", describe(got))
			case strings.EqualFold(allowed, strangeOrigin):
				return wrong(wanted, "status %d and WebHook-Allowed-Origin %q", got.status, allowed)
			case allowed == "*":
				return outcome{missing: "it gives leave to every origin (*), as the specification permits, so whether it could refuse one is not to be seen"}
			}
			return fine // another's name gives no leave to this one
		}},
	"topic": {
		func(p *Profile, r *request, token string) { confirm(r, p.conf.Handshake.Topic, token) },
		func(_ *Profile, got reply, token string) outcome {
			if got.status/100 != 2 || string(got.body) != token {
				return wrong("2xx and the challenge as the whole body", "%s", describe(got))
			}
			return fine
		}},
	"other-topic": {
		func(p *Profile, r *request, token string) { confirm(r, p.conf.Handshake.Topic+strangeTopic, token) },
		func(_ *Profile, got reply, _ string) outcome {
			if got.status != 404 {
				return wrong("404 for a topic that it has not subscribed to", "%s", describe(got))
			}
			return fine
		}},
	"token": {
		func(p *Profile, r *request, token string) {
			r.method, r.body = p.WebhookMethod(), []byte("{}")
			r.header = append(r.header, [2]string{"Content-Type", "application/json"}, [2]string{p.conf.Handshake.Header, token})
		},
		func(p *Profile, got reply, token string) outcome {
			if !p.accept.Has(got.status) || !strings.Contains(string(got.body), token) {
				return wrong("acceptance, and the token of "+p.conf.Handshake.Header+" in the body", "%s", describe(got))
			}
			return fine
		}},
}

// askLeave asks as CloudEvents HTTP Web Hooks 1.0, section 4.1, has it.
func askLeave(r *request, origin string) {
	r.method = "OPTIONS"
	r.header = append(r.header, [2]string{"WebHook-Request-Origin", origin}, [2]string{"WebHook-Request-Rate", "120"})
}

// confirm asks as W3C WebSub, section 5.3, has it.
func confirm(r *request, topic, challenge string) {
	r.method = "GET"
	r.query(url.Values{"hub.mode": {"subscribe"}, "hub.topic": {topic}, "hub.challenge": {challenge}, "hub.lease_seconds": {"864000"}}.Encode())
}

// query adds to the query of the address.
func (r *request) query(more string) {
	joint := "?"
	if strings.Contains(r.target, "?") {
		joint = "&"
	}
	r.target += joint + more
}

// handshake asks what the provider asks before it sends anything.
func (p *play) handshake(how string) outcome {
	h, ok := handshakes[how]
	if !ok {
		return outcome{err: fmt.Errorf("%s makes the handshake %q, which is not known", p.check.ID, how)}
	}
	token := fake.UUID(p.Profile.seed, p.nonce, p.check.ID, how)
	r := &request{target: p.wire.url.RequestURI(), header: [][2]string{{"Host", p.wire.url.Host}, {"User-Agent", p.agent}}, timeout: p.Timeout()}
	if r.timeout <= 0 {
		r.timeout = webhook.DefaultTimeout
	}
	h.ask(p.Profile, r, token)
	got := p.exchange(r, &variant{Shot: &Shot{}, note: how})
	if got.err != nil {
		return wrong("an answer", "%s", describe(got))
	}
	return h.judge(p.Profile, got, token)
}
