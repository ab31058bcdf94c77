package mutate

import (
	"strconv"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance/receiver/wire"
	table "github.com/idmock/idmock/mockserver/webhook/mutate"
)

// postSign are the words for a change after signing.
var postSign = map[string]func(b *Builder, s *signature, r *wire.Request) error{
	"value": func(b *Builder, _ *signature, r *wire.Request) error {
		events := b.Profile.Events
		err := changeBody(r, table.AlterValue, table.Args{Paths: []string{dotted(events.Text), dotted(events.Happened), dotted(events.Required)}})
		if err != nil { // nothing to alter
			return changeBody(r, table.AddMember, table.Args{Name: "note", Value: `"added"`})
		}
		return nil
	},
	"whitespace": func(_ *Builder, _ *signature, r *wire.Request) error {
		return changeBody(r, table.SpaceFirst, table.Args{})
	},
	// The header with the event's id.
	"id": func(_ *Builder, s *signature, r *wire.Request) error {
		for i, h := range r.Header {
			if h[1] == s.id {
				r.Header[i][1] = s.id + "x"
			}
		}
		return nil
	},
	// A fresh time under an old signature.
	"timestamp": func(_ *Builder, s *signature, r *wire.Request) error {
		now := strconv.FormatInt(time.Now().Unix(), 10)
		for i, h := range r.Header {
			if h[1] == s.stamp() {
				r.Header[i][1] = now
			} else if s.valid != "" {
				r.Header[i][1] = strings.Replace(h[1], s.valid, s.Signing.Stamp(s.valid, now), 1)
			}
		}
		return nil
	},
	// The sender's own key, in each of the headers from which a receiver might take it.
	"offered-key": func(b *Builder, _ *signature, r *wire.Request) error {
		text, _ := attackerKey(b.Profile)
		return setHeader(r, "Webhook-Public-Key", text)
	},
	"offered-jwk": func(b *Builder, _ *signature, r *wire.Request) error {
		_, jwk := attackerKey(b.Profile)
		return setHeader(r, "Jwk", jwk)
	},
	"offered-jku": func(b *Builder, _ *signature, r *wire.Request) error {
		_ = setHeader(r, "Jku", b.KeysURL)
		return setHeader(r, "Kid", attackerKeyID)
	},
}

// HasPostSign reports whether an event can be changed after signing by this word.
func HasPostSign(word string) bool { return postSign[word] != nil }

// changeBody mutates the body of a request that is already signed.
func changeBody(r *wire.Request, m table.Mutation, a table.Args) error {
	body, err := m.Apply(r.Body, a)
	if err == nil {
		r.Body = body
	}
	return err
}

// setHeader sets a header. It returns nil, so that changes can end with it.
func setHeader(r *wire.Request, name, value string) error {
	r.Header = table.Set(r.Header, name, value)
	return nil
}
