package delivery

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/faults"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// renderFaulty renders and signs an attempt of a delivery that has faults.
func (s *Service) renderFaulty(ctx context.Context, a *account.Account, m *Prepared, scope *template.Scope, over *template.Node) error {
	d := m.delivery
	apply := faultsOf(d)
	m.faults = faults.Names(apply)
	// The same for every attempt and every copy: the same bytes stay broken.
	random := rand.New(rand.NewPCG(fake.Seed(a.Seed(), "fault", a.Name(), d.SentID()), 0))
	draft := fault.Draft{Event: d.Event, Breaks: func(body []byte) string { return m.provider.Webhooks().Keyword(d.Event, body) }}
	fault.Signing(apply, &draft)
	at := time.Now().Add(-draft.Age)
	scope.Now = scope.Now.Add(-draft.Age)
	release, err := s.room(ctx, apply)
	if err != nil {
		return err
	}
	defer release()
	if draft.Body, err = m.provider.Webhooks().Compose(d.Event, over, scope, at); err != nil {
		return err
	}
	m.skipped(fault.Composed(apply, &draft, random))
	scheme := m.provider.Webhooks().SignatureOf(d.Event, scope.Endpoint)
	key, err := s.key(a, m.provider.Provider, draft.Secret, scheme.Secret)
	if err != nil {
		return err
	}
	signed, err := m.provider.Webhooks().Sign(d.Event, draft.Body, scope, at, key)
	if err != nil {
		return err
	}
	own := s.Endpoints.headersOf(m.endpoint)
	m.message.Header, m.message.Body, m.signedBy = signed.Header, signed.Body, signed.SignedBy
	m.message.Header = append(m.message.Header, endpointHeaders(own, draft.Secret, a.Seed())...)
	if draft.Secret != fault.Own && scheme.Scheme == "" && len(own) == 0 {
		m.skipped(fault.Unsigned(apply))
	}
	if draft.Secret == fault.Missing && signed.Signature != "" {
		m.signedBy = ""
		m.message.Header = slices.DeleteFunc(m.message.Header, func(h webhook.Header) bool { return strings.Contains(h[1], signed.Signature) })
	}
	m.skipped(fault.Sealed(apply, &m.message, random))
	m.message.Compact()
	if first := d.Attempts == 0 && !d.Resigned; first && (d.Copied || d.CopyOf != "") { // a retry is signed as any retry is
		return s.share(ctx, a, m)
	}
	return nil
}

// faultsOf returns the faults of a delivery that apply to its next attempt.
func faultsOf(d *Delivery) []scenarios.Fault {
	return slices.DeleteFunc(slices.Clone(d.Faults), func(f scenarios.Fault) bool {
		limit := fault.LimitsOf(f, scenarios.InDelivery).Attempts
		return limit > 0 && d.Attempts >= limit
	})
}

// room waits until a body that faults enlarge may be built: they are in memory as a whole only while they are signed.
func (s *Service) room(ctx context.Context, apply []scenarios.Fault) (release func(), err error) {
	return s.building.Acquire(ctx, int64(fault.Size(apply)))
}

// skipped notes the faults that had nothing to apply to.
func (m *Prepared) skipped(err error) {
	var which fault.Unplayed
	if !errors.As(err, &which) {
		return
	}
	m.hints = append(m.hints, which.Error())
	m.faults = slices.DeleteFunc(m.faults, func(name string) bool { _, not := which[name]; return not })
}

// shared is the part of a message that all copies of a delivery have in common, to the last byte.
type shared struct {
	Header   [][2]string      `json:"header"`
	Body     []byte           `json:"body"`
	Padding  *webhook.Padding `json:"padding,omitempty"`
	SignedBy string           `json:"signed_by,omitempty"`
}

// share makes an attempt the same as that of the first copy that was prepared, or keeps it for the others: copies may be
// prepared at once.
func (s *Service) share(ctx context.Context, a *account.Account, m *Prepared) error {
	key := tx.MessageKey(a.Name(), m.delivery.SentID())
	own := shared{m.message.Header, m.message.Body, m.message.Padding, m.signedBy}
	return tx.Retry(func() error {
		t := a.Begin(a.Now())
		doc, err := t.Find(ctx, key)
		if err != nil {
			return err
		}
		if len(doc.Data) > 0 {
			var first shared
			if err := json.Unmarshal(doc.Data, &first); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			m.message.Header, m.message.Body, m.message.Padding, m.signedBy = first.Header, first.Body, first.Padding, first.SignedBy
			return nil
		}
		data, err := json.Marshal(own)
		if err != nil {
			return err
		}
		t.Put(store.Doc{Key: key, Data: data, Done: true})
		return t.Commit(ctx)
	}, a.NotGone)
}

// otherTenant is the account of the secret for faults that sign as another tenant.
const otherTenant = "other-tenant"

// key returns the key that a fault signs with. A secret is derived as the account's own is, so that it has the form of
// the provider's.
func (s *Service) key(a *account.Account, p *openapi.Provider, whose fault.Secret, secret string) (openapi.Key, error) {
	if whose == fault.Own || whose == fault.Missing || secret == "" {
		return openapi.Key{}, nil
	}
	if whose == fault.Empty {
		return openapi.Key{Name: string(whose)}, nil
	}
	own, err := a.Credentials(p)
	if err != nil {
		return openapi.Key{}, err
	}
	seed, names := fake.Seed(a.Seed(), "secret", string(whose)), []string{a.Name(), "idmock-" + string(whose)}
	if whose == fault.OtherTenant { // the credentials that an account of this name has as it is opened
		seed, names = s.Accounts.SeedFor(otherTenant), []string{otherTenant}
	}
	for _, name := range names { // some secrets are made of the account's name alone
		derived, err := p.Credentials(name, seed)
		if err != nil {
			return openapi.Key{}, err
		}
		if text, ok := derived[secret].(string); ok && text != own[secret] {
			return openapi.Key{Name: string(whose), Secret: text}, nil
		}
	}
	return openapi.Key{Name: string(whose), Secret: fake.UUID(seed)}, nil
}

// Rotation returns an account's previous and next webhook secret, as faults sign with them; nil where nothing is signed.
func (s *Service) Rotation(a *account.Account, p *openapi.Provider) (map[string]string, error) {
	secret := p.Webhooks().Signature(nil).Secret
	if secret == "" {
		return nil, nil
	}
	rotation := map[string]string{}
	for _, whose := range []fault.Secret{fault.Previous, fault.Next} {
		key, err := s.key(a, p, whose, secret)
		if err != nil {
			return nil, err
		}
		rotation[string(whose)] = key.Secret
	}
	return rotation, nil
}

// endpointHeaders returns the headers that an endpoint was registered with. With a secret other than its own, the
// credential in them is wrong: the scheme before it, such as Bearer, and the user name of a pair stay.
func endpointHeaders(lines []webhook.Header, whose fault.Secret, seed uint64) []webhook.Header {
	if whose == fault.Own {
		return lines
	}
	if whose == fault.Missing {
		return nil
	}
	wrong := slices.Clone(lines)
	for i, line := range wrong {
		secret := ""
		if whose != fault.Empty {
			secret = fake.UUID(seed, "secret", string(whose), line[0])
		}
		scheme, rest, two := strings.Cut(line[1], " ")
		text, err := base64.StdEncoding.DecodeString(rest)
		switch user, _, pair := strings.Cut(string(text), ":"); {
		case two && err == nil && pair:
			secret = scheme + " " + base64.StdEncoding.EncodeToString([]byte(user+":"+secret))
		case two:
			secret = scheme + " " + secret
		}
		wrong[i][1] = secret
	}
	return wrong
}
