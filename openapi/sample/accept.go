package sample

import (
	"math"
	"net/mail"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/idmock/idmock/internal/template"
)

// maxAccept bounds the depth of a value that is repeated.
const maxAccept = 20

// accepts reports whether a value certainly satisfies a schema. It reports false for a keyword that it does not know.
func (r reader) accepts(s *schema, v any, depth int) bool {
	if depth > maxAccept {
		return false
	}
	if v == nil {
		return s.nullable
	}
	if len(s.enum) > 0 && !slices.ContainsFunc(s.enum, func(have any) bool { return same(have, v) }) {
		return false
	}
	if len(s.types) > 0 && !slices.ContainsFunc(s.types, func(t string) bool { return isOf(t, v) }) {
		return false
	}
	switch v := v.(type) {
	case string:
		return s.acceptsText(v)
	case []any:
		return r.acceptsItems(s, v, depth)
	case map[string]any:
		return r.acceptsMembers(s, v, depth)
	}
	if n, ok := template.Number(v); ok {
		return s.acceptsNumber(n)
	}
	return true
}

func isOf(kind string, v any) bool {
	switch v := v.(type) {
	case string:
		return kind == "string"
	case bool:
		return kind == "boolean"
	case int, int64:
		return kind == "integer" || kind == "number"
	case float64:
		return kind == "number" || kind == "integer" && v == math.Trunc(v)
	case []any:
		return kind == "array"
	case map[string]any:
		return kind == "object"
	}
	return false
}

func (s *schema) acceptsText(v string) bool {
	if n := utf8.RuneCountInString(v); n < s.minLength || s.maxLength >= 0 && n > s.maxLength {
		return false
	}
	if s.pattern != "" && (s.patterns > 1 || !s.matches(v)) {
		return false
	}
	var err error
	switch s.format {
	case "date-time":
		_, err = time.Parse(time.RFC3339, v)
	case "date":
		_, err = time.Parse(time.DateOnly, v)
	case "email", "idn-email":
		_, err = mail.ParseAddress(v)
	case "uuid":
		return uuidOf.MatchString(v)
	case "ipv4", "ipv6", "ip":
		_, err = netip.ParseAddr(v)
	case "uri", "url", "iri":
		var u *url.URL
		u, err = url.Parse(v)
		return err == nil && u.IsAbs()
	case "byte", "base64":
		return base64Of.MatchString(v)
	case "time", "duration", "hostname", "regex", "json-pointer", "uri-reference":
		return false // few requests have one
	}
	return err == nil
}

var (
	uuidOf   = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	base64Of = regexp.MustCompile(`^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$`)
)

// matches reports whether a text matches the pattern. A pattern that Go does not know matches nothing.
func (s *schema) matches(v string) bool {
	if s.compiled == nil {
		return false
	}
	return s.compiled.MatchString(v)
}

func (s *schema) acceptsNumber(n float64) bool {
	if s.min != nil && (n < *s.min || s.above && n == *s.min) || s.max != nil && (n > *s.max || s.below && n == *s.max) {
		return false
	}
	switch s.format {
	case "int32":
		if n < math.MinInt32 || n > math.MaxInt32 {
			return false
		}
	}
	return s.multipleOf == 0 || math.Mod(n, s.multipleOf) == 0
}

func (r reader) acceptsItems(s *schema, v []any, depth int) bool {
	if len(v) < s.minItems || s.maxItems >= 0 && len(v) > s.maxItems {
		return false
	}
	if s.unique {
		for i := range v {
			if slices.ContainsFunc(v[:i], func(have any) bool { return same(have, v[i]) }) {
				return false
			}
		}
	}
	if s.items == nil {
		return true
	}
	items := r.read(s.items)
	return !slices.ContainsFunc(v, func(item any) bool { return !r.accepts(items, item, depth+1) })
}

func (r reader) acceptsMembers(s *schema, v map[string]any, depth int) bool {
	for _, name := range s.required {
		if _, ok := v[name]; !ok {
			return false
		}
	}
	if len(v) < s.minProperties {
		return false
	}
	for name, value := range v {
		i := slices.IndexFunc(s.properties, func(m member) bool { return m.Key == name })
		switch {
		case i >= 0:
			if !r.accepts(r.read(s.properties[i].Value), value, depth+1) {
				return false
			}
		case s.closed:
			return false
		case s.additional != nil:
			if !r.accepts(r.read(s.additional), value, depth+1) {
				return false
			}
		}
	}
	return true
}

// same compares two values of JSON.
func same(a, b any) bool {
	if x, ok := template.Number(a); ok {
		y, also := template.Number(b)
		return also && x == y
	}
	switch a.(type) {
	case string, bool, nil:
		return a == b
	}
	return reflect.DeepEqual(a, b)
}
