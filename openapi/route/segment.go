package route

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// segment is the part of a path between slashes.
type segment struct {
	text    string         // with empty names: /{a}/x and /{b}/x are one path
	pattern *regexp.Regexp // nil: the text itself
	plain   bool           // the segment is one parameter
	greedy  bool           // a parameter goes over several segments
	names   []string
	fixed   int // characters outside parameters
}

var parameter = regexp.MustCompile(`\{([^{}]*)\}`)

func parseSegment(text string) segment {
	found := parameter.FindAllStringSubmatchIndex(text, -1)
	if found == nil {
		return segment{text: unescape(text)}
	}
	s := segment{plain: len(found) == 1 && found[0][0] == 0 && found[0][1] == len(text)}
	var shape, expression strings.Builder
	last := 0
	for i, at := range found {
		before, name := unescape(text[last:at[0]]), text[at[2]:at[3]]
		bare, greedy := nameOf(name)
		s.names, s.greedy, s.fixed = append(s.names, bare), s.greedy || greedy, s.fixed+len(before)
		shape.WriteString(before + "{}")
		expression.WriteString(regexp.QuoteMeta(before))
		if i == len(found)-1 && at[1] == len(text) {
			expression.WriteString("(.+)")
		} else {
			expression.WriteString("(.+?)")
		}
		last = at[1]
	}
	rest := unescape(text[last:])
	s.fixed += len(rest)
	s.text = shape.String() + rest
	s.pattern = regexp.MustCompile(`(?s)^` + expression.String() + regexp.QuoteMeta(rest) + `$`)
	return s
}

// nameOf returns the name of a parameter, and whether it goes over several segments: {path+}, {path*}, {+path}.
func nameOf(text string) (name string, greedy bool) {
	name = strings.Trim(text, "+*")
	name, dots := strings.CutSuffix(name, "...")
	return name, dots || len(name) < len(text)
}

func unescape(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

func (s segment) same(other segment) bool { return s.text == other.text && s.greedy == other.greedy }

// before reports whether a segment is more concrete than another.
func (s segment) before(other segment) bool {
	if s.greedy != other.greedy {
		return other.greedy
	}
	return s.fixed > other.fixed
}

func (s segment) match(text string) (values []string, ok bool) {
	if s.plain {
		return []string{text}, text != ""
	}
	found := s.pattern.FindStringSubmatch(text)
	if found == nil {
		return nil, false
	}
	return found[1:], true
}

// condition tells requests of one path and method apart: a parameter in query or header, with a value unless empty.
type condition struct{ name, value string }

// splitConditions cuts a query or a fragment off a path.
func splitConditions(path string) (string, []condition) {
	i := strings.IndexAny(path, "?#")
	if i < 0 {
		return path, nil
	}
	var all []condition
	for _, part := range strings.FieldsFunc(path[i+1:], func(r rune) bool { return r == '&' || r == '#' || r == '?' }) {
		name, value, _ := strings.Cut(part, "=")
		if strings.Contains(value, "{") {
			value = ""
		}
		all = append(all, condition{unescape(name), unescape(value)})
	}
	slices.SortFunc(all, func(a, b condition) int { return strings.Compare(a.name+"="+a.value, b.name+"="+b.value) })
	return path[:i], all
}

func (c condition) holds(query url.Values, header http.Header) bool {
	values, ok := query[c.name]
	if !ok {
		values = header.Values(c.name)
	}
	return len(values) > 0 && (c.value == "" || slices.Contains(values, c.value))
}

// choose returns the entry whose conditions hold, that with the most of them, else the one without conditions, else the
// first: a client may send the distinction in the body.
func choose[V any](r *http.Request, list []*entry[V]) *entry[V] {
	query := r.URL.Query()
	var best *entry[V]
	for _, e := range list {
		all := !slices.ContainsFunc(e.conditions, func(c condition) bool { return !c.holds(query, r.Header) })
		if all && (best == nil || len(e.conditions) > len(best.conditions)) {
			best = e
		}
	}
	if best == nil {
		return list[0]
	}
	return best
}
