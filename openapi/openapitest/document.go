package openapitest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi"
)

// The suite reads its expectations of requests from openapi.yaml itself, not through package openapi, which is under
// test.

// resolve follows references.
func (s *suite) resolve(n *template.Node) *template.Node {
	for n.Lookup("$ref") != nil {
		ref := strings.TrimPrefix(str(n.Lookup("$ref")), "#/")
		n = s.document
		for _, step := range strings.Split(ref, "/") {
			n = n.Lookup(strings.NewReplacer("~1", "/", "~0", "~").Replace(step))
		}
	}
	return n
}

func str(n *template.Node) string { text, _ := value(n).(string); return text }

func value(n *template.Node) any {
	if n == nil {
		return nil
	}
	v, err := n.Value(nil)
	if err != nil {
		return nil
	}
	return v
}

func (s *suite) node(op *openapi.Operation) *template.Node {
	return s.document.Lookup("paths", op.Path, strings.ToLower(op.Method))
}

// documents reports whether an operation documents an answer with this status, by itself or with its whole class.
func (s *suite) documents(op *openapi.Operation, status int) bool {
	responses := s.node(op).Lookup("responses")
	return responses.Lookup(strconv.Itoa(status)) != nil || responses.Lookup(fmt.Sprintf("%dXX", status/100)) != nil || responses.Lookup("default") != nil
}

// request is a documented request body.
type request struct {
	name, mediaType string
	body            any
	schema          *schema
	required        bool
}

// requests lists the documented bodies of an operation, for each of its media types. A media type without an example of
// its own takes those of the first that has some: the schema is the same.
func (s *suite) requests(op *openapi.Operation) []request {
	node := s.resolve(s.node(op).Lookup("requestBody"))
	if node == nil {
		return nil
	}
	required, _ := value(node.Lookup("required")).(bool)
	var all []request
	for _, media := range node.Lookup("content").Members() {
		schema := s.schema(media.Value.Lookup("schema"))
		bodies := map[string]any{}
		if one := media.Value.Lookup("example"); one != nil {
			bodies["example"] = value(one)
		}
		for _, example := range media.Value.Lookup("examples").Members() {
			bodies[example.Key] = value(s.resolve(example.Value).Lookup("value"))
		}
		if len(bodies) == 0 {
			for _, other := range all {
				bodies[other.name] = other.body
			}
		}
		for _, name := range slices.Sorted(maps.Keys(bodies)) {
			all = append(all, request{name, media.Key, bodies[name], schema, required})
		}
	}
	return all
}

// schema holds the parts of a request schema that the suite uses.
type schema struct {
	types      []string
	required   []string
	properties map[string]*schema
	anyOf      [][]string // the fields that each alternative requires
	enum       []any
	minLength  int
}

func (s *suite) schema(n *template.Node) *schema {
	n = s.resolve(n)
	made := &schema{properties: map[string]*schema{}}
	if n == nil {
		return made
	}
	switch t := value(n.Lookup("type")).(type) {
	case string:
		made.types = []string{t}
	case []any:
		for _, one := range t {
			made.types = append(made.types, one.(string))
		}
	}
	made.required = texts(n.Lookup("required"))
	made.enum, _ = value(n.Lookup("enum")).([]any)
	made.minLength, _ = value(n.Lookup("minLength")).(int)
	for _, m := range n.Lookup("properties").Members() {
		made.properties[m.Key] = s.schema(m.Value)
	}
	for _, part := range n.Lookup("anyOf").Items() {
		made.anyOf = append(made.anyOf, texts(s.resolve(part).Lookup("required")))
	}
	for _, part := range n.Lookup("allOf").Items() {
		merged := s.schema(part)
		made.types, made.required = append(made.types, merged.types...), append(made.required, merged.required...)
		made.anyOf = append(made.anyOf, merged.anyOf...)
		for name, property := range merged.properties {
			if made.properties[name] == nil {
				made.properties[name] = property
			}
		}
	}
	return made
}

// takes reports whether values of a JSON type are allowed.
func (s *schema) takes(kind string) bool { return len(s.types) == 0 || slices.Contains(s.types, kind) }

func texts(n *template.Node) []string {
	var all []string
	for _, item := range n.Items() {
		all = append(all, str(item))
	}
	return all
}

func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
