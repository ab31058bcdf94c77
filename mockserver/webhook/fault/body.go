package fault

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// cannot says why a fault cannot play on this webhook, which goes out without it.
func cannot(format string, args ...any) error { return fmt.Errorf(format, args...) }

// unheardOfField is the value of a field that nobody has heard of.
const unheardOfField = `{"added":"by a newer version","list":[1,2,3]}`

func unknownField(a args, d *Draft, _ *rand.Rand) error {
	body, ok := insert(d.Body, a.text("field"), unheardOfField)
	if !ok {
		return cannot("the body is no object that a field could be added to")
	}
	d.Body = body
	return nil
}

// eventNames are what providers call the member that names the event, where nothing in the body is named like it.
var eventNames = []string{"event", "eventname", "event_name", "eventtype", "event_type", "type", "topic", "action", "source"}

// names reports whether a member names the event.
func (d *Draft) names(m member) bool {
	return string(d.Body[m.value:m.end]) == quote(d.Event) || slices.Contains(eventNames, strings.ToLower(m.path))
}

func unknownEvent(a args, d *Draft, _ *rand.Rand) error {
	all := members(d.Body)
	i := -1
	if field := a.text("field"); field != "" {
		i = slices.IndexFunc(all, func(m member) bool { return m.path == field })
	} else {
		i = slices.IndexFunc(all, func(m member) bool { return m.kind == '"' && string(d.Body[m.value:m.end]) == quote(d.Event) })
		if i < 0 {
			i = slices.IndexFunc(all, func(m member) bool { return m.kind == '"' && slices.Contains(eventNames, strings.ToLower(m.path)) })
		}
	}
	if i < 0 {
		return cannot("the body does not name its event: say with field which member it is")
	}
	d.Body = with(d.Body, all[i], quote(a.text("name")))
	return nil
}

func unknownValue(a args, d *Draft, _ *rand.Rand) error {
	const unheardOf = `"IDMOCK_UNHEARD_OF"`
	m, err := d.choose(a.text("field"), "has no member whose values the schema lists", func(m member) bool {
		return m.kind == '"' && !d.names(m) && d.breaks(with(d.Body, m, unheardOf)) == "enum"
	})
	if err != nil {
		return err
	}
	d.Body = with(d.Body, m, unheardOf)
	return nil
}

func missingRequired(a args, d *Draft, _ *rand.Rand) error {
	m, err := d.choose(a.text("field"), "has no member that the schema demands", func(m member) bool {
		return d.breaks(without(d.Body, m)) == "required"
	})
	if err != nil {
		return err
	}
	d.Body = without(d.Body, m)
	return nil
}

func missingOptional(a args, d *Draft, _ *rand.Rand) error {
	m, err := d.choose(a.text("field"), "has no member that could be left out", func(m member) bool {
		return d.breaks(without(d.Body, m)) == ""
	})
	if err != nil {
		return err
	}
	d.Body = without(d.Body, m)
	return nil
}

// choose returns the member of a path or, without one, the first for which is says yes.
func (d *Draft) choose(path, otherwise string, is func(member) bool) (member, error) {
	all := members(d.Body)
	for _, m := range all {
		if path != "" && m.path == path || path == "" && is(m) {
			return m, nil
		}
	}
	if path != "" {
		return member{}, cannot("the body has no member %s", path)
	}
	return member{}, cannot("the body %s: say with field which one is meant", otherwise)
}

// breaks asks what of the event's schema a body would break.
func (d *Draft) breaks(body []byte) string {
	if d.Breaks == nil {
		return ""
	}
	return d.Breaks(body)
}

func truncated(a args, d *Draft, _ *rand.Rand) error {
	d.Body = d.Body[:share(len(d.Body), a.share("keep"))]
	return nil
}

// share is a part of a length, and never all of it.
func share(n int, of float64) int { return max(0, min(n-1, int(float64(n)*of))) }

func notJSON(a args, d *Draft, _ *rand.Rand) error {
	d.Body = []byte(garbage[a.text("as")])
	return nil
}

// garbage is what stands in the place of JSON.
var garbage = map[string]string{
	"html":  "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n",
	"text":  "upstream connect error or disconnect/reset before headers",
	"empty": "",
	"form":  "event=verification&status=success",
}

func oversize(a args, d *Draft, _ *rand.Rand) error {
	missing := a.size("size") - len(d.Body)
	if missing <= 0 {
		return nil
	}
	const frame = len(`,"idmock_padding":""`)
	body, ok := insert(d.Body, "idmock_padding", `"`+strings.Repeat("x", max(0, missing-frame))+`"`)
	if !ok {
		body = append(bytes.Clone(d.Body), bytes.Repeat([]byte("x"), missing)...)
	}
	d.Body = body
	return nil
}
