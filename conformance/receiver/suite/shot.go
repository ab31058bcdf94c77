package suite

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/conformance/receiver/mutate"
	"github.com/idmock/idmock/conformance/receiver/wire"
	"github.com/idmock/idmock/openapi"
)

// Shot is an event as it is sent. Lists multiply it: each combination of their words is a variant of its own.
type Shot struct {
	Role    Words  `yaml:"role"`    // default: approved
	Subject string `yaml:"subject"` // a (default) or b
	ID      string `yaml:"id"`      // shots with the same id are attempts of one event; without, each is an event of its own
	// Replay sends the very bytes of the last shot with this id again.
	Replay   bool   `yaml:"replay"`
	Happened string `yaml:"happened"` // time of the decision relative to the start of the check: -1h; default: now
	Sent     Words  `yaml:"sent"`     // claimed time of sending relative to now: -301s

	// Reference is a subject: the event names its run instead of the run of the event's own subject.
	Reference string `yaml:"reference"`
	// HeadOf sends the header of the last shot with this id, signature included, with the body of this one.
	HeadOf string `yaml:"head_of"`

	Body   Words `yaml:"body"`   // change before signing: see mutate/body.go
	Sign   Words `yaml:"sign"`   // change of the signature: see mutate/sign.go
	Tamper Words `yaml:"tamper"` // change after signing: see mutate/postsign.go

	Method   Words  `yaml:"method"`
	Type     Words  `yaml:"type"`     // Content-Type; none leaves it out
	Headers  Words  `yaml:"headers"`  // changed headers: see mutate/header.go
	Query    string `yaml:"query"`    // appended to the URL
	Path     Words  `yaml:"path"`     // slash: toggles the slash at the end of the path
	Wire     Words  `yaml:"wire"`     // how it is written: see wire/style.go
	Over     string `yaml:"over"`     // transport: see wire/transport.go
	Conn     string `yaml:"conn"`     // shots with the same name share a connection
	Copies   int    `yaml:"copies"`   // number of times it is sent; default: 1
	Distinct bool   `yaml:"distinct"` // each copy is an event of its own
	Together bool   `yaml:"together"` // all copies at once
	Beside   bool   `yaml:"beside"`   // following steps do not wait for it
	Each     bool   `yaml:"each"`     // each variant is about a subject of its own
	IDForm   string `yaml:"id_form"`  // its id differs from that of its label: in upper case, or only beyond 32 or 64 characters
	Digits   bool   `yaml:"digits"`   // its id is a number that no float represents; those of one check round to the same
}

// UnmarshalYAML reads a scalar as a list of one.
func (w *Words) UnmarshalYAML(n ast.Node) error {
	if list, ok := n.(*ast.SequenceNode); ok {
		for _, item := range list.Values {
			*w = append(*w, scalar(item))
		}
		return nil
	}
	*w = Words{scalar(n)}
	return nil
}

func scalar(n ast.Node) string {
	if s, ok := n.(*ast.StringNode); ok {
		return s.Value
	}
	return n.GetToken().Value
}

func (s *Shot) validate() error {
	var problems []error
	for _, field := range []struct {
		name  string
		words Words
		known func(string) bool
	}{
		{"role", s.Role, func(w string) bool { return openapi.ConformanceRoles()[w] != "" || Family(w) }},
		{"id_form", Words{s.IDForm}, func(w string) bool { return slices.Contains([]string{"", "upper", "long", "tail32", "tail64"}, w) }},
		{"body", s.Body, mutate.HasBody},
		{"sign", s.Sign, mutate.HasSign},
		{"tamper", s.Tamper, mutate.HasPostSign},
		{"headers", s.Headers, mutate.HasHeaders},
		{"wire", s.Wire, wire.HasStyle},
		{"over", Words{s.Over}, func(w string) bool { return w == "" || wire.HasTransport(w) }},
	} {
		for _, word := range field.words {
			if !field.known(word) {
				problems = append(problems, fmt.Errorf("%s: unknown word %q", field.name, word))
			}
		}
	}
	for _, text := range append(Words{s.Happened}, s.Sent...) {
		if _, err := offset(text); err != nil {
			problems = append(problems, fmt.Errorf("happened or sent: %w", err))
		}
	}
	return errors.Join(problems...)
}

// offset reads a duration; an empty text is 0.
func offset(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	return time.ParseDuration(text)
}

// Variant is a shot with one word in each field.
type Variant struct {
	*Shot
	Event  mutate.Event
	Label  string // of the subject
	Note   string // the words that distinguish it from the other variants
	Slash  bool   // toggle the slash at the end of the path
	Copies int
}

// Variants returns the combinations of a shot.
func (s *Shot) Variants() []*Variant {
	// The suite's test parses every offset, so errors cannot occur here.
	happened, _ := offset(s.Happened)
	all := []*Variant{{Shot: s, Label: s.Subject, Copies: max(s.Copies, 1),
		Event: mutate.Event{Role: "approved", Happened: happened, Query: s.Query, Transport: s.Over}}}
	multiply := func(values Words, set func(*Variant, string)) {
		if len(values) == 0 {
			return
		}
		var product []*Variant
		for _, v := range all {
			for _, value := range values {
				variant := *v
				set(&variant, value)
				if len(values) > 1 {
					variant.Note = strings.TrimPrefix(variant.Note+", "+value, ", ")
				}
				product = append(product, &variant)
			}
		}
		all = product
	}
	multiply(s.Role, func(v *Variant, w string) { v.Event.Role = w })
	multiply(s.Sent, func(v *Variant, w string) { v.Event.Sent, _ = offset(w) })
	multiply(s.Body, func(v *Variant, w string) { v.Event.Body = w })
	multiply(s.Sign, func(v *Variant, w string) { v.Event.Sign = w })
	multiply(s.Tamper, func(v *Variant, w string) { v.Event.PostSign = w })
	multiply(s.Method, func(v *Variant, w string) { v.Event.Method = w })
	multiply(s.Type, func(v *Variant, w string) { v.Event.ContentType = w })
	multiply(s.Headers, func(v *Variant, w string) { v.Event.Headers = w })
	multiply(s.Path, func(v *Variant, w string) { v.Slash = w == "slash" })
	multiply(s.Wire, func(v *Variant, w string) { v.Event.Style = w })
	return all
}

// Honest reports whether the variant equals the provider's own event, so that its API reports the same.
func (v *Variant) Honest() bool { return v.HeadOf == "" && v.Reference == "" && v.Event.Honest() }
