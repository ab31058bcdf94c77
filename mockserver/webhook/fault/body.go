package fault

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/idmock/idmock/mockserver/webhook/mutate"
)

// cannot returns why a fault does not apply to this webhook, which is sent without it.
func cannot(format string, args ...any) error { return fmt.Errorf(format, args...) }

// apply mutates the body of a draft.
func (d *Draft) apply(m mutate.Mutation, a mutate.Args) error {
	body, err := m.Apply(d.Body, a)
	if err == nil {
		d.Body = body
	}
	return err
}

func unknownField(a args, d *Draft, _ *rand.Rand) error {
	return d.apply(mutate.AddMember, mutate.Args{Name: a.text("field"), Value: mutate.UnknownValue})
}

// eventNames are the names that providers give the member that names the event.
var eventNames = []string{"event", "eventname", "event_name", "eventtype", "event_type", "type", "topic", "action", "source"}

// names reports whether a member names the event.
func (d *Draft) names(m mutate.Member) bool {
	return m.Value(d.Body) == mutate.Quote(d.Event) || slices.Contains(eventNames, strings.ToLower(m.Path))
}

func unknownEvent(a args, d *Draft, _ *rand.Rand) error {
	members := mutate.Members(d.Body)
	i := -1
	if field := a.text("field"); field != "" {
		i = slices.IndexFunc(members, func(m mutate.Member) bool { return m.Path == field })
	} else {
		i = slices.IndexFunc(members, func(m mutate.Member) bool { return m.Kind == '"' && m.Value(d.Body) == mutate.Quote(d.Event) })
		if i < 0 {
			i = slices.IndexFunc(members, func(m mutate.Member) bool {
				return m.Kind == '"' && slices.Contains(eventNames, strings.ToLower(m.Path))
			})
		}
	}
	if i < 0 {
		return cannot("the body does not name its event; set field")
	}
	return d.apply(mutate.ReplaceMember, mutate.Args{Path: members[i].Path, Value: mutate.Quote(a.text("name"))})
}

func unknownValue(a args, d *Draft, _ *rand.Rand) error {
	const unknown = `"IDMOCK_UNHEARD_OF"`
	path, err := d.choose(a.text("field"), "has no enumerated field", func(m mutate.Member) bool {
		return m.Kind == '"' && !d.names(m) && d.breaks(m.Replace(d.Body, unknown)) == "enum"
	})
	if err != nil {
		return err
	}
	return d.apply(mutate.ReplaceMember, mutate.Args{Path: path, Value: unknown})
}

func missingRequired(a args, d *Draft, _ *rand.Rand) error {
	path, err := d.choose(a.text("field"), "has no required field", func(m mutate.Member) bool {
		return d.breaks(m.Remove(d.Body)) == "required"
	})
	if err != nil {
		return err
	}
	return d.apply(mutate.RemoveMember, mutate.Args{Path: path})
}

func missingOptional(a args, d *Draft, _ *rand.Rand) error {
	path, err := d.choose(a.text("field"), "has no optional field", func(m mutate.Member) bool {
		return d.breaks(m.Remove(d.Body)) == ""
	})
	if err != nil {
		return err
	}
	return d.apply(mutate.RemoveMember, mutate.Args{Path: path})
}

// choose returns the given path or, if it is empty, the path of the first matching member.
func (d *Draft) choose(path, otherwise string, matches func(mutate.Member) bool) (string, error) {
	if path != "" {
		return path, nil
	}
	for _, m := range mutate.Members(d.Body) {
		if matches(m) {
			return m.Path, nil
		}
	}
	return "", cannot("the body %s; set field", otherwise)
}

// breaks returns the keyword of the event's schema that a body violates.
func (d *Draft) breaks(body []byte) string {
	if d.Breaks == nil {
		return ""
	}
	return d.Breaks(body)
}

func truncated(a args, d *Draft, _ *rand.Rand) error {
	return d.apply(mutate.Truncate, mutate.Args{Keep: a.share("keep")})
}

func notJSON(a args, d *Draft, _ *rand.Rand) error {
	return d.apply(mutate.Substitute, mutate.Args{As: a.text("as")})
}

func oversize(a args, d *Draft, _ *rand.Rand) error {
	return d.apply(mutate.Pad, mutate.Args{Size: a.size("size")})
}
