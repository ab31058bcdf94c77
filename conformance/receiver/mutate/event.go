// Package mutate builds the requests of the checks: an event of the provider, changed as a check says, before it is
// signed, while it is signed, or after. The tables of words in this package are the vocabulary of the checks' YAML; the
// changes that faults make as well come from package webhook/mutate.
//
// Does not belong here: how bytes reach the receiver (package wire), signature schemes (package openapi/signing), and
// which response is right (package receiver).
package mutate

import (
	"maps"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/conformance/receiver/wire"
	table "github.com/idmock/idmock/mockserver/webhook/mutate"
	"github.com/idmock/idmock/openapi/signing"
)

// Event is an event as a check sends it. The zero value with a Role is the provider's own event.
type Event struct {
	Role        string        // of the provider's conformance.roles
	ID          string        // of the delivery
	Like        string        // the ID is like this one: an id that the provider derives is derived from this one, and ends with the last character of ID
	last        string        // replaces the last character of the id in the body
	Happened    time.Duration // when it happened, relative to Began
	Began       time.Time     // zero: now
	At          time.Time     // when it happened, if Happened is 0: the same for all attempts; zero: now
	Sent        time.Duration // when it claims to be sent, relative to now
	Body        string        // a word of [HasBody]
	Sign        string        // a word of [HasSign]
	PostSign    string        // a word of [HasPostSign]
	Headers     string        // a word of [HasHeaders]
	Method      string        // empty: the provider's
	ContentType string        // none leaves the header out
	Query       string        // appended to the URL
	Style       string        // of [wire.Request]
	Transport   string        // of [wire.Request]
}

// Builder builds requests for one receiver.
type Builder struct {
	Profile *profile.Profile
	Target  *wire.Target
	KeysURL string // where an attacker publishes keys
}

// Build returns the request of an event about a person.
func (b *Builder) Build(e Event, s *profile.Subject) (*wire.Request, error) {
	p, now := b.Profile, time.Now()
	happened := now
	switch {
	case e.Happened != 0 && !e.Began.IsZero():
		happened = e.Began
	case e.Happened == 0 && !e.At.IsZero():
		happened = e.At
	}
	scope := p.Scope(s, e.ID, p.Events.Roles[e.Role].Run, happened.Add(e.Happened))
	if e.Sign == legacy { // with the headers of that endpoint only
		scope.Endpoint = maps.Clone(p.Weaker)
	}
	sent := now.Add(e.Sent)
	d, err := p.Webhooks().Role(e.Role, scope, signing.Message{ID: e.ID, Sent: sent}, b.bodyEdit(e, s))
	if err != nil {
		return nil, err
	}
	if e.Like != "" && e.last == "" && derivesID(p.Events.ID, d.Body, e.ID) {
		e.last, e.ID = e.ID[len(e.ID)-1:], e.Like
		return b.Build(e, s)
	}
	signed := &signature{Profile: p, id: e.ID, sent: sent, body: d.Body}
	if signed.valid, err = p.Signing.Sign([]byte(p.Secret), signing.Message{ID: e.ID, Sent: sent, Body: d.Body}); err != nil {
		return nil, err
	}
	r := &wire.Request{Method: p.Webhooks().Method(), Target: b.Target.URL.RequestURI(), Body: d.Body, Style: e.Style, Transport: e.Transport, Timeout: p.SendTimeout()}
	if e.Method != "" {
		r.Method = e.Method
	}
	header := append(d.Header, p.Options.Headers...)
	r.Header = append([][2]string{{"Host", b.Target.URL.Host}, {"User-Agent", p.Agent()}}, signed.rewrite(header, e.Sign)...)
	switch e.ContentType {
	case "":
	case "none":
		r.Header = table.Set(r.Header, "Content-Type", "")
	default:
		r.Header = table.Set(r.Header, "Content-Type", e.ContentType)
	}
	if e.Query == QueryOfApproval {
		all, err := b.facts(d.Body, s, e)
		if err != nil {
			return nil, err
		}
		e.Query = queryOf(all)
	}
	if e.Query != "" {
		r.AddQuery(e.Query)
	}
	if change := postSign[e.PostSign]; change != nil {
		if err := change(b, signed, r); err != nil {
			return nil, err
		}
	}
	if change := headers[e.Headers]; change != nil {
		return r, change(r, carriers(header, signed.valid))
	}
	return r, nil
}

// bodyEdit returns the change of a body before it is signed: the members that its role lacks, and that of the word.
func (b *Builder) bodyEdit(e Event, s *profile.Subject) func([]byte) ([]byte, error) {
	return func(body []byte) ([]byte, error) {
		body, err := at(table.RemoveMember, body, "", b.Profile.Events.Roles[e.Role].Without...)
		if err != nil {
			return nil, err
		}
		if e.last != "" {
			if id, ok := profile.TextAt(body, b.Profile.Events.ID); ok && id != "" {
				if body, err = at(table.ReplaceMember, body, table.Quote(id[:len(id)-1]+e.last), b.Profile.Events.ID); err != nil {
					return nil, err
				}
			}
		}
		if e.Body == otherCase {
			all, err := b.facts(body, s, e)
			return withOtherCase(body, all), err
		}
		if edit := bodies[e.Body]; edit != nil {
			return edit(b.Profile.Events, body)
		}
		return body, nil
	}
}

// carriers returns which headers carry a signature, by name in any case.
func carriers(header [][2]string, signature string) func(name string) bool {
	carries := map[string]bool{}
	for _, h := range header {
		if signature != "" && strings.Contains(h[1], signature) {
			carries[strings.ToLower(h[0])] = true
		}
	}
	return func(name string) bool { return carries[strings.ToLower(name)] }
}

// Honest reports whether the event equals the provider's own event, so that its API reports the same.
func (e Event) Honest() bool {
	return validSigns[e.Sign] && e.PostSign == "" && e.Happened == 0 && !strings.HasPrefix(e.Body, "not-")
}

// validSigns are the words that sign validly.
var validSigns = map[string]bool{"": true, "good": true, "several-one-good": true, "first-good": true, "last-good": true, "next": true, "both": true, "both-turn": true}

// derivesID reports whether a provider's events have an id in the body that is not that of the delivery.
func derivesID(place string, body []byte, id string) bool {
	own, ok := profile.TextAt(body, place)
	return ok && strings.HasPrefix(place, "/") && own != id
}
