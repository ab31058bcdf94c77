package sample

import (
	"encoding/base64"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
)

// leaf builds a text, a number, a truth value or null.
func (b *builder) leaf(s *schema, example *template.Node, path []string) *template.Node {
	label, name := strings.Join(path, "."), lastName(path)
	fixed, hasExample := b.fixed(s, example)
	if hasExample && !b.Echo {
		return template.Func(func(*template.Scope) (any, error) { return fixed, nil })
	}
	if b.Request {
		return template.Func(func(scope *template.Scope) (any, error) {
			if hasExample {
				return fixed, nil
			}
			return s.generate(scope, label, name), nil
		})
	}
	if b.Echo && len(path) == 1 && !slices.Equal(path, b.ID) && slices.Contains([]string{"id", "eventid", "messageid"}, fake.Squeeze(path[0])) && s.is("string") {
		label = "event"
	}
	isID := b.Echo && len(b.ID) > 0 && slices.Equal(path, b.ID)
	variable, r, wrapper, path := b.variable(path), b.reader, b.wrapper(), slices.Clone(path)
	echo := b.Echo
	return template.Func(func(scope *template.Scope) (any, error) {
		if echo && scope != nil {
			if isID {
				if v, ok := s.reference(scope); ok {
					return v, nil
				}
			}
			if variable != "" {
				if v, ok := scope.Run[variable]; ok && r.accepts(s, v, 0) {
					return v, nil
				}
			}
			if v, ok := sent(scope, wrapper, path); ok && r.accepts(s, v, 0) {
				return v, nil
			}
		}
		if id := deliveryOf(scope); label == "event" && id != "" {
			return s.text(scope, person(scope), "event "+id, name), nil
		}
		if hasExample {
			return fixed, nil
		}
		return s.generate(scope, label, name), nil
	})
}

// deliveryOf returns the id of the delivery whose body is rendered: an event has an id of its own.
func deliveryOf(scope *template.Scope) string {
	if scope == nil || scope.Delivery == nil {
		return ""
	}
	id, _ := scope.Delivery["id"].(string)
	return id
}

// fixed returns the value of an example, if it satisfies the schema: documents have wrong ones.
func (b *builder) fixed(s *schema, example *template.Node) (any, bool) {
	if example == nil {
		return nil, false
	}
	v, err := example.Value(nil)
	if err != nil {
		return nil, false
	}
	if v == nil {
		return nil, s.nullable
	}
	return v, b.accepts(s, v, 0) || s.compiled == nil && s.pattern != "" || s.format != "" && s.withoutFormat(b.reader, v)
}

// withoutFormat accepts an example whose format is not checked here.
func (s *schema) withoutFormat(r reader, v any) bool {
	if !slices.Contains([]string{"time", "duration", "hostname", "regex", "json-pointer", "uri-reference"}, s.format) {
		return false
	}
	plain := *s
	plain.format = ""
	return r.accepts(&plain, v, 0)
}

func lastName(path []string) string {
	for _, key := range slices.Backward(path) {
		if !strings.HasPrefix(key, "*") {
			return key
		}
	}
	return ""
}

// person returns the person of a scope. A scope without one, as in lint, has that of a fixed seed.
func person(s *template.Scope) *fake.Person {
	if s != nil {
		if p := s.Generated(); p != nil {
			return p
		}
	}
	return fake.New(1)
}

// generate returns a value of a schema without an example.
func (s *schema) generate(scope *template.Scope, label, name string) any {
	p := person(scope)
	switch {
	case len(s.enum) > 0:
		return p.Pick(label, s.enum)
	case s.is("string"):
		return s.text(scope, p, label, name)
	case s.is("integer"):
		if n, ok := partOfDate(p, label, name); ok && s.acceptsNumber(float64(n)) {
			return n
		}
		return s.integer(scope, p, label, name)
	case s.is("number"):
		return s.number(p, label)
	case s.is("boolean"):
		return !denied(name)
	case s.is("object"):
		return map[string]any{}
	case s.is("array"):
		return []any{}
	case s.nullable:
		return nil
	case len(s.types) == 0:
		return s.text(scope, p, label, name)
	}
	return nil
}

// denied reports whether true would be a surprise.
func denied(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"delete", "error", "fail", "livemode", "live_mode", "test", "expired", "archived", "disabled", "has_more", "hasmore", "blocked", "revoked", "pep", "fraud"},
		func(word string) bool { return strings.Contains(name, word) })
}

// partOfDate returns the day, month or year of a date that is split into members: of the person's birth, or of another one.
func partOfDate(p *fake.Person, label, name string) (int, bool) {
	part := strings.ToLower(name)
	if part != "day" && part != "month" && part != "year" {
		return 0, false
	}
	above := strings.ToLower(strings.TrimSuffix(label, name))
	date := p.Date(above, 2018, 2024)
	if strings.Contains(above, "birth") || strings.Contains(above, "dob") {
		date = p.DOB
	} else if strings.Contains(above, "expir") {
		date = date.AddDate(10, 0, 0)
	}
	year, month, day := date.Date()
	return map[string]int{"day": day, "month": int(month), "year": year}[part], true
}

func (s *schema) integer(scope *template.Scope, p *fake.Person, label, name string) any {
	if at, ok := s.moment(scope, p, label, name); ok && s.min == nil && s.max == nil && s.format != "int32" {
		if strings.HasSuffix(strings.ToLower(name), "ms") {
			return at.UnixMilli()
		}
		return at.Unix()
	}
	low, high := 1, 1000
	if s.min != nil {
		low = int(math.Ceil(math.Max(*s.min, math.MinInt64/4)))
		if s.above && float64(low) == *s.min {
			low++
		}
		high = max(high, low)
		if s.max == nil && high-low < 1000 {
			high = low + 1000
		}
	}
	if s.max != nil {
		top := int(math.Floor(math.Min(*s.max, math.MaxInt64/4)))
		if s.below && float64(top) == *s.max {
			top--
		}
		high = min(high, top)
		if s.min == nil {
			low = min(low, high)
		}
		high = max(low, high)
	}
	n := p.Int(label, low, high)
	if step := int(s.multipleOf); step > 1 && float64(step) == s.multipleOf {
		if n -= n % step; n < low {
			n += step
		}
	}
	return n
}

func (s *schema) number(p *fake.Person, label string) any {
	low, high := 0.0, 100.0
	if s.min != nil {
		low = *s.min
		high = math.Max(high, low+1)
	}
	if s.max != nil {
		high = math.Min(high, *s.max)
		if s.min == nil {
			low = math.Min(low, high-1)
		}
	}
	n := math.Round(p.Float(label, low, high)*100) / 100
	if n < low || n > high || s.above && n == low || s.below && n == high {
		n = low + (high-low)/2
	}
	if s.multipleOf > 0 {
		if n = math.Floor(n/s.multipleOf) * s.multipleOf; n < low {
			n += s.multipleOf
		}
		n = math.Round(n*1e9) / 1e9
	}
	return n
}

// moment returns the time that a member is about: an account's time does not go backwards between two responses, so that
// created is when the run started.
func (s *schema) moment(scope *template.Scope, p *fake.Person, label, name string) (time.Time, bool) {
	key := strings.ToLower(name)
	now := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	if scope != nil && !scope.Now.IsZero() {
		now = scope.Now.UTC()
	}
	started := now
	if scope != nil {
		if at, ok := scope.Run["started"].(time.Time); ok {
			started = at.UTC()
		}
	}
	started = started.Truncate(time.Second)
	is := func(words ...string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(key, word) })
	}
	switch {
	case is("expir", "valid_until", "validuntil", "valid_to"):
		return started.AddDate(1, 0, 0), true
	case is("birth", "dob"):
		return p.DOB, true
	case is("created", "updated", "started", "submitted", "completed", "timestamp", "modified"), strings.HasSuffix(name, "At"), strings.HasSuffix(key, "_at"), key == "time", key == "date":
		return started, true
	}
	return p.Date(label, 2023, 2024), s.format == "date-time" || s.format == "date"
}

func (s *schema) text(scope *template.Scope, p *fake.Person, label, name string) string {
	if value, ok := s.formatted(scope, p, label, name); ok && s.fits(value) {
		return value
	}
	if s.pattern != "" {
		if value, ok := s.patterned(p, label); ok {
			return value
		}
	}
	if value, ok := p.Named(label, name); ok && s.fits(value) {
		return value
	}
	if key := strings.ToLower(name); key == "id" || strings.HasSuffix(key, "_id") || strings.HasSuffix(name, "Id") || strings.HasSuffix(name, "ID") || strings.Contains(key, "token") {
		if value := p.UUID(label); s.fits(value) {
			return value
		}
	}
	if key := strings.ToLower(name); strings.HasSuffix(key, "name") {
		if value := p.FullName; s.fits(value) && s.format == "" {
			return value
		}
	}
	value := p.Words(label, 2)
	for len(value) < s.minLength {
		value += p.Hex(label+value, min(s.minLength-len(value), 1000))
	}
	if s.maxLength >= 0 && len(value) > s.maxLength {
		value = strings.TrimSpace(value[:s.maxLength])
		for len(value) < min(s.minLength, s.maxLength) {
			value += "x"
		}
	}
	return value
}

// fits reports whether a text satisfies the limits.
func (s *schema) fits(v string) bool {
	if s.format == "date-time" || s.format == "date" {
		return true
	}
	if n := len([]rune(v)); n < s.minLength || s.maxLength >= 0 && n > s.maxLength {
		return false
	}
	return s.pattern == "" || s.compiled == nil || s.compiled.MatchString(v)
}

// formatted returns a text of the schema's format; ok is false without one.
func (s *schema) formatted(scope *template.Scope, p *fake.Person, label, name string) (string, bool) {
	switch s.format {
	case "date-time":
		at, _ := s.moment(scope, p, label, name)
		return at.Format(time.RFC3339), true
	case "date":
		at, _ := s.moment(scope, p, label, name)
		return at.Format(time.DateOnly), true
	case "time":
		return "12:00:00Z", true
	case "duration":
		return "PT1H", true
	case "uuid", "guid":
		return p.UUID(label), true
	case "email", "idn-email":
		return p.Email, true
	case "byte", "base64":
		return base64.StdEncoding.EncodeToString([]byte(p.Words(label, 2))), true
	case "ipv4", "ip":
		return p.Named(label, "ip")
	case "ipv6", "hostname", "color", "currency":
		return p.Named(label, s.format)
	case "idn-hostname":
		return p.Named(label, "hostname")
	case "uri", "url", "iri":
		return p.Named(label, "url")
	case "uri-reference", "iri-reference":
		return "/" + p.Words(label, 1), true
	case "uri-template":
		return "/" + p.Words(label, 1) + "/{id}", true
	case "json-pointer":
		return "/" + p.Words(label, 1), true
	case "regex":
		return "^[a-z]+$", true
	case "phone", "phone-number", "tel":
		return p.Named(label, "phone")
	case "unix-time":
		at, _ := s.moment(scope, p, label, name)
		return at.Format(time.RFC3339), true
	}
	if at, ok := s.moment(scope, p, label, name); ok && s.format == "" && (strings.HasSuffix(name, "At") || strings.HasSuffix(strings.ToLower(name), "_at")) {
		return at.Format(time.RFC3339), true
	}
	return "", false
}
