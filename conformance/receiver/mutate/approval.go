package mutate

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/idmock/idmock/conformance/receiver/profile"
	table "github.com/idmock/idmock/mockserver/webhook/mutate"
	"github.com/idmock/idmock/openapi/signing"
)

// QueryOfApproval is the word for a query with the values of an approval.
const QueryOfApproval = "approval"

// otherCase is the word for a body with the values of an approval under names that differ from its own in their case.
const otherCase = "other-case-keys"

// fact is a value by which an event differs from an approval of the same person.
type fact struct {
	table.Member
	name     string // without the names of the objects around it
	approved string // in JSON
}

// facts lists the values by which a body differs from an approval, the last one first.
func (b *Builder) facts(body []byte, s *profile.Subject, e Event) ([]fact, error) {
	p := b.Profile
	scope := p.Scope(s, e.ID, p.Events.Roles[approved].Run, e.Began.Add(e.Happened))
	d, err := p.Webhooks().Role(approved, scope, signing.Message{ID: e.ID}, nil)
	if err != nil {
		return nil, err
	}
	var all []fact
	for _, m := range table.Members(body) {
		was, err := table.Find(d.Body, m.Path)
		value := m.Value(body)
		if err != nil || strings.HasPrefix(value, "{") || strings.HasPrefix(value, "[") || was.Value(d.Body) == value || m.Path == dotted(p.Events.Happened) || m.Path == dotted(p.Events.ID) {
			continue
		}
		all = append([]fact{{m, m.Path[strings.LastIndex(m.Path, ".")+1:], was.Value(d.Body)}}, all...)
	}
	return all, nil
}

// approved is the role whose values an event must not take from elsewhere.
const approved = "approved"

// withOtherCase adds the facts of an approval beside the body's own.
func withOtherCase(body []byte, all []fact) []byte {
	for _, f := range all { // the last first, so that the places of the others stay
		body = f.Replace(body, f.Value(body)+","+table.Quote(turnCase(f.name))+":"+f.approved)
	}
	return body
}

// queryOf writes the facts of an approval as a query.
func queryOf(all []fact) string {
	query := url.Values{}
	for _, f := range all {
		query.Set(f.name, strings.Trim(f.approved, `"`))
	}
	return query.Encode()
}

// turnCase turns the case of the first letter: decision becomes Decision.
func turnCase(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	if unicode.IsUpper(first) {
		return string(unicode.ToLower(first)) + name[size:]
	}
	return string(unicode.ToUpper(first)) + name[size:]
}
