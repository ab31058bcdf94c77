package openapi

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/signing"
)

// Key is a signing key other than the account's own secret. The zero value is the account's own.
type Key struct {
	// Name is the name of the key in [Delivery.SignedBy]; empty: the account's own.
	Name string
	// Secret is in the form that the provider's scheme wants. An empty one with a Name signs with a key of no bytes.
	Secret string
}

// Seal signs a body as it is and renders the headers around it, for the scope's endpoint. at is the time that the
// signature tells, where it tells one. The scope is one that [Provider.Compose] has had.
func (p *Provider) Seal(event string, body []byte, s *template.Scope, at time.Time, key Key) (Delivery, error) {
	signature := p.Signature(s.Endpoint)
	s.Sent = at.Unix()
	d := Delivery{Body: body}
	secret, _ := s.Account[signature.Secret].(string)
	by := signature.Secret
	if key.Name != "" { // the headers may quote the secret, too
		secret, by = key.Secret, signature.Secret+" ("+key.Name+")"
		account := maps.Clone(s.Account)
		account[signature.Secret] = secret
		s.Account = account
	}
	id, _ := s.Delivery["id"].(string)
	var err error
	m := signing.Message{ID: id, Sent: at, Body: body}
	if secret == "" && key.Name != "" { // on purpose, by a fault
		s.Signature = signature.SignContent(nil, m.Content())
	} else if s.Signature, err = signature.Sign([]byte(secret), m); err != nil {
		return Delivery{}, fmt.Errorf("event %s: cannot be signed: %w", event, err)
	}
	for _, h := range p.headers {
		v, err := h.Value.Value(s)
		if err != nil {
			return Delivery{}, fmt.Errorf("event %s: header %s: %w", event, h.Key, err)
		}
		if v == nil {
			continue // nothing to say is said by leaving the header out: some are sent only when a switch says so
		}
		text := fmt.Sprint(v)
		if s.Signature != "" && strings.Contains(text, s.Signature) {
			d.SignedBy, d.Signature = by, s.Signature
		}
		d.Header = append(d.Header, [2]string{h.Key, text})
	}
	return d, nil
}
