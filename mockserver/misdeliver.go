package mockserver

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// misdeliver is message for a delivery that has faults.
func (e *Engine) misdeliver(a *account, m *prepared, scope *template.Scope, over *template.Node) error {
	d := m.delivery
	original := deliveryKey(a.name, cmp.Or(d.Of, d.ID))
	first := d.Attempts == 0 && !d.Anew // a retry is signed as any retry is, and may differ
	if have := e.copied.find(original); first && d.Of != "" && have != nil {
		m.copy(have)
		return nil
	}
	faults := slices.DeleteFunc(slices.Clone(d.Faults), func(f scenarios.Fault) bool {
		limit := fault.LimitsOf(f, scenarios.InDelivery).Attempts
		return limit > 0 && d.Attempts >= limit
	})
	m.faults = faultNames(faults)
	// The same on every attempt and for every copy: what is broken stays broken in one way.
	random := rand.New(rand.NewPCG(fake.Seed(a.seed, "fault", original), 0))
	draft := fault.Draft{Event: d.Event, Breaks: func(body []byte) string { return m.provider.Breaks(d.Event, body) }}
	fault.Signing(faults, &draft)
	at := time.Now().Add(-draft.Age)
	scope.Now = scope.Now.Add(-draft.Age)
	var err error
	if draft.Body, err = m.provider.Compose(d.Event, over, scope, at); err != nil {
		return err
	}
	m.unplayed(fault.Composed(faults, &draft, random))
	key, err := e.key(a, m.provider, draft.Secret, m.provider.Signature(scope.Endpoint).Secret)
	if err != nil {
		return err
	}
	sealed, err := m.provider.Seal(d.Event, draft.Body, scope, at, key)
	if err != nil {
		return err
	}
	m.message.Header, m.message.Body, m.signedBy = sealed.Header, sealed.Body, sealed.SignedBy
	m.message.Header = append(m.message.Header, proof(e.headersOf(m.endpoint), draft.Secret, a.seed)...)
	if draft.Secret != fault.Own && m.provider.Signature(scope.Endpoint).Scheme == "" && len(e.headersOf(m.endpoint)) == 0 {
		m.unplayed(fault.Unsigned(faults))
	}
	if draft.Secret == fault.Missing && sealed.Signature != "" {
		m.signedBy = ""
		m.message.Header = slices.DeleteFunc(m.message.Header, func(h webhook.Header) bool { return strings.Contains(h[1], sealed.Signature) })
	}
	m.unplayed(fault.Sealed(faults, &m.message, random))
	if first && (d.Copied || d.Of != "") {
		m.copy(e.copied.keep(original, m))
	}
	return nil
}

// unplayed notes the faults that had nothing to play on.
func (m *prepared) unplayed(err error) {
	var which fault.Unplayed
	if !errors.As(err, &which) {
		return
	}
	m.hints = append(m.hints, which.Error())
	m.faults = slices.DeleteFunc(m.faults, func(name string) bool { _, not := which[name]; return not })
}

// copy makes an attempt the same as one that was prepared before, but for where it goes.
func (m *prepared) copy(of *prepared) {
	url, id := m.message.URL, m.message.ID
	m.message, m.signedBy, m.faults, m.hints = of.message, of.signedBy, of.faults, of.hints
	m.message.URL, m.message.ID = url, id
}

// otherTenant is the account whose secret signs where another tenant's is asked for.
const otherTenant = "other-tenant"

// key returns the key that stands for somebody's secret. A secret is derived as the account's own is, so that it has the
// form that the provider's have.
func (e *Engine) key(a *account, p *provider, whose fault.Secret, secret string) (openapi.Key, error) {
	if whose == fault.Own || whose == fault.Missing || secret == "" {
		return openapi.Key{}, nil
	}
	if whose == fault.Empty {
		return openapi.Key{Name: string(whose)}, nil
	}
	own, err := a.credentialsFor(p)
	if err != nil {
		return openapi.Key{}, err
	}
	seed, names := fake.Seed(a.seed, "secret", string(whose)), []string{a.name, "idmock-" + string(whose)}
	if whose == fault.OtherTenant { // the credentials that an account of this name has as it is opened
		seed, names = e.seedFor(otherTenant), []string{otherTenant}
	}
	for _, name := range names { // some secrets are made of the account's name alone
		made, err := p.Credentials(name, seed)
		if err != nil {
			return openapi.Key{}, err
		}
		if text, ok := made[secret].(string); ok && text != own[secret] {
			return openapi.Key{Name: string(whose), Secret: text}, nil
		}
	}
	return openapi.Key{Name: string(whose), Secret: fake.UUID(seed)}, nil
}

// rotation is what an account's webhook secret was before and will be, as faults sign with them; nil where nothing is
// signed.
func (e *Engine) rotation(a *account, p *provider) (map[string]string, error) {
	secret := p.Signature(nil).Secret
	if secret == "" {
		return nil, nil
	}
	made := map[string]string{}
	for _, whose := range []fault.Secret{fault.Previous, fault.Next} {
		key, err := e.key(a, p, whose, secret)
		if err != nil {
			return nil, err
		}
		made[string(whose)] = key.Secret
	}
	return made, nil
}
