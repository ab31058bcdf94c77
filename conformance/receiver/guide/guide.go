// Package guide explains what a provider's receiver must do, and writes the beginning of one in several languages.
//
// Does not belong here: the checks (package receiver) and signature schemes (package openapi/signing), whose data it reads.
package guide

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/idmock/idmock/conformance/receiver/mutate"
	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/conformance/receiver/wire"
	"github.com/idmock/idmock/internal/plural"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/signing"
)

// Guide is what an author of a receiver has to know about a provider.
type Guide struct {
	Profile *profile.Profile
	Example *wire.Request // an approval, signed with the receiver's credential
	Events  []Event       // the approval first

	// Subject and Reference are where an event names the person and the run: "header NAME", or a JSON Pointer; empty:
	// nowhere.
	Subject, Reference string
	// Header carries the signature after Before, such as "Bearer ". Empty: there is none.
	Header, Before string

	Starts, Queries *openapi.Operation // how the application starts a run and asks for its result; nil: it cannot
}

// Event is an event of the provider by its meaning.
type Event struct {
	Role, Meaning string
	Name          string   // the provider's
	Changes       []string // how its body differs from the approval's, as "/place value"
}

// New collects what there is to know. u is the receiver's URL.
func New(p *profile.Profile, u string) (*Guide, error) {
	to, err := wire.New(u, "")
	if err != nil {
		return nil, err
	}
	s, err := p.NewSubject("guide")
	if err != nil {
		return nil, err
	}
	g := &Guide{Profile: p}
	builder := &mutate.Builder{Profile: p, Target: to}
	if g.Example, err = builder.Build(mutate.Event{Role: approved, ID: "msg_example"}, s); err != nil {
		return nil, err
	}
	g.findSignature(builder, s)
	base := leaves(g.Example.Body)
	var decisions []*wire.Request
	for _, role := range roles(p) {
		r, err := builder.Build(mutate.Event{Role: role, ID: "msg_example"}, s)
		if err != nil {
			return nil, err
		}
		if decides[role] {
			decisions = append(decisions, r)
		}
		e := Event{Role: role, Meaning: openapi.ConformanceRoles()[role], Name: p.Events.Roles[role].Event}
		if role != approved {
			e.Changes = changes(base, leaves(r.Body), p.Events.Happened)
			if len(e.Changes) == 0 { // a test event that cannot be distinguished
				continue
			}
		}
		g.Events = append(g.Events, e)
	}
	g.Subject, g.Reference = place(decisions, s.Name), place(decisions, s.Reference)
	return g, g.findOperations()
}

// decides are the roles that every receiver has to know. What names the person must be in all of their events.
var decides = map[string]bool{approved: true, "pending": true, "review": true, "rejected": true, "expired": true, "reversal": true, "aml-hit": true}

// approved is the role that every other event is compared with.
const approved = "approved"

// roles lists the roles of a provider's events: the approval, then the others, and the contradictions last.
func roles(p *profile.Profile) []string {
	all := slices.Sorted(maps.Keys(p.Events.Roles))
	rank := func(role string) int {
		switch {
		case role == approved:
			return 0
		case strings.Contains(role, " "): // a member of a family
			return 2
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b string) int { return rank(a) - rank(b) })
	return all
}

// findSignature finds the header that depends on the secret.
func (g *Guide) findSignature(b *mutate.Builder, s *profile.Subject) {
	if !g.Profile.Signing.Signs() {
		return
	}
	forged, err := b.Build(mutate.Event{Role: approved, ID: "msg_example", Sign: "forged"}, s)
	if err != nil { // the example was built
		return
	}
	for i, h := range g.Example.Header {
		if i < len(forged.Header) && forged.Header[i][1] != h[1] {
			g.Header = strings.ToLower(h[0])
			if scheme, _, ok := strings.Cut(h[1], " "); ok && g.Profile.Signing.Scheme == "token" {
				g.Before = scheme + " "
			}
			return
		}
	}
}

func (g *Guide) findOperations() error {
	all, err := g.Profile.Operations()
	if err != nil {
		return err
	}
	for _, op := range all {
		if op.Dashboard || op.Mock {
			continue
		}
		if _, finds := op.Finds(); finds && g.Queries == nil {
			g.Queries = op
		}
		if op.ID == g.Profile.Events.Start.Operation {
			g.Starts = op
		}
	}
	return nil
}

// scheme is the row of the provider's signature scheme.
func (g *Guide) scheme() signing.Scheme {
	row, _ := signing.Lookup(g.Profile.Signing.Scheme) // an unknown scheme has no profile
	return row
}

// encoding is the encoding of a digest.
func (g *Guide) encoding() string {
	if g.Profile.Signing.Encoding != "" {
		return g.Profile.Signing.Encoding
	}
	if all := g.scheme().Encodings; len(all) > 0 {
		return all[0]
	}
	return ""
}

// place finds where all requests have a value.
func place(all []*wire.Request, value string) string {
	var common []string
	for i, r := range all {
		var places []string
		for _, leaf := range leaves(r.Body) {
			if leaf.value == value {
				places = append(places, leaf.at)
			}
		}
		for _, h := range r.Header {
			if h[1] == value {
				places = append(places, "header "+strings.ToLower(h[0]))
			}
		}
		if i == 0 {
			common = places
		}
		common = slices.DeleteFunc(common, func(at string) bool { return !slices.Contains(places, at) })
	}
	if len(common) == 0 {
		return ""
	}
	return common[0]
}

// leaf is a value of a body, but neither an object nor an array. at is a JSON Pointer; text is the value in JSON.
type leaf struct{ at, value, text string }

// leaves lists the leaves of a body in order of their places.
func leaves(body []byte) []leaf {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var doc any
	if decoder.Decode(&doc) != nil {
		return nil
	}
	var all []leaf
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				walk(at+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), v[name])
			}
		case []any:
			for i, item := range v {
				walk(fmt.Sprintf("%s/%d", at, i), item)
			}
		default:
			text, _ := json.Marshal(v) // it was JSON
			all = append(all, leaf{at, fmt.Sprint(v), string(text)})
		}
	}
	walk("", doc)
	return all
}

// maxChanges is how many changes of one event are listed.
const maxChanges = 6

// changes lists the leaves that differ from the base, except the time of the event.
func changes(base, other []leaf, happened string) []string {
	find := func(all []leaf, at string) (leaf, bool) {
		i := slices.IndexFunc(all, func(l leaf) bool { return l.at == at })
		if i < 0 {
			return leaf{}, false
		}
		return all[i], true
	}
	var all []string
	for _, l := range other {
		if was, had := find(base, l.at); l.at != happened && (!had || was.text != l.text) {
			all = append(all, l.at+" "+wire.Clip(l.text, 60))
		}
	}
	absent := map[string]int{} // members, by their object
	for _, l := range base {
		if _, has := find(other, l.at); !has {
			absent[l.at[:strings.LastIndex(l.at, "/")]]++
		}
	}
	for _, object := range slices.Sorted(maps.Keys(absent)) {
		all = append(all, fmt.Sprintf("%s lacks %s", or(object, "the body"), plural.Count(absent[object], "member")))
	}
	if more := len(all) - maxChanges; more > 0 {
		all = append(all[:maxChanges], fmt.Sprintf("and %d more", more))
	}
	return all
}
