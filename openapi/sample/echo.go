package sample

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/template"
)

// sent returns the value of a resource, or else of the request, at a path of a response. Responses often have an envelope
// that requests lack: it is left out of the path, if need be. So is wrapper, the path of the object that has the run's reference.
func sent(s *template.Scope, wrapper, path []string) (any, bool) {
	if s == nil || len(path) == 0 || within(path) {
		return nil, false
	}
	if v, ok := lookup(s.Resource, path); ok {
		return v, true
	}
	for i := 1; i < len(path) && i <= 2 && wraps(path[i-1]); i++ {
		if v, ok := lookup(s.Resource, path[i:]); ok {
			return v, true
		}
	}
	if n := len(wrapper); n > 0 && len(path) > n && slices.Equal(path[:n], wrapper) {
		return lookup(s.Resource, path[n:])
	}
	return nil, false
}

// completed returns an object with those optional members that its example lacks and the request or the resource has.
func (b *builder) completed(object *template.Node, hidden []member, path []string) *template.Node {
	if !b.Echo || b.Request || len(hidden) == 0 || within(path) {
		return object
	}
	schemas := make([]*schema, len(hidden))
	for i, m := range hidden {
		schemas[i] = b.read(m.Value)
	}
	r, wrapper, path := b.reader, b.wrapper(), slices.Clone(path)
	return template.Func(func(scope *template.Scope) (any, error) {
		text, err := object.Append(nil, scope)
		if err != nil || scope == nil || len(scope.Resource) == 0 {
			return template.Raw(text), err
		}
		for i, m := range hidden {
			v, ok := sent(scope, wrapper, append(slices.Clip(path), m.Key))
			if !ok || !r.accepts(schemas[i], v, 0) {
				continue
			}
			value, err := json.Marshal(map[string]any{m.Key: v})
			if err != nil {
				return nil, err
			}
			text = bytes.TrimSuffix(text, []byte{'}'})
			if len(text) > 1 {
				text = append(text, ',')
			}
			text = append(text, value[1:]...)
		}
		return template.Raw(text), nil
	})
}

// within reports whether a path leads into an array.
func within(path []string) bool {
	return slices.ContainsFunc(path, func(key string) bool { return strings.HasPrefix(key, "*") })
}

// wraps reports whether a member is an envelope by its name.
func wraps(name string) bool {
	return slices.Contains([]string{"data", "result", "response", "attributes", "payload", "object", "entity", "item"}, strings.ToLower(name))
}

func lookup(from map[string]any, path []string) (any, bool) {
	for i, key := range path {
		v, ok := from[key]
		if !ok || i == len(path)-1 {
			return v, ok
		}
		if from, ok = v.(map[string]any); !ok {
			return nil, false
		}
	}
	return nil, false
}

// shown returns a node with the value of the run's variable of that name, if the schema accepts it, and otherwise inner.
func (b *builder) shown(s *schema, inner *template.Node, path []string) *template.Node {
	name, r := b.variable(path), b.reader
	if name == "" {
		return inner
	}
	return template.Func(func(scope *template.Scope) (any, error) {
		if scope != nil {
			if v, ok := scope.Run[name]; ok && r.accepts(s, v, 0) {
				return v, nil
			}
		}
		text, err := inner.Append(nil, scope)
		return template.Raw(text), err
	})
}

// variable returns the name of the run's variable that a member shows, empty if it shows none.
func (b *builder) variable(path []string) string {
	if !b.Echo || len(path) == 0 || len(path) > 2 || len(path) == 2 && !wraps(path[0]) && !slices.Equal(path[:1], b.wrapper()) {
		return ""
	}
	if name := path[len(path)-1]; slices.Contains(b.Variables, name) {
		return name
	}
	return ""
}

// wrapper is the path of the object that has the run's reference.
func (b *builder) wrapper() []string {
	if len(b.ID) == 0 {
		return nil
	}
	return b.ID[:len(b.ID)-1]
}

// reference returns the run's reference, or else the last path parameter, in the type of a schema.
func (s *schema) reference(scope *template.Scope) (any, bool) {
	text, _ := scope.Run["reference"].(string)
	if scope.Named != "" {
		text = scope.Named
	}
	if text == "" {
		return nil, false
	}
	if s.is("integer") || s.is("number") && !s.is("string") {
		n, err := strconv.Atoi(text)
		return n, err == nil
	}
	return text, s.is("string") || len(s.types) == 0
}
