package spec

import (
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/idmock/idmock/internal/template"
)

// withExpressions replaces the properties of an example whose schema has x-idmock-value by that expression.
func withExpressions(n *template.Node, refs ...*openapi3.SchemaRef) (*template.Node, error) {
	refs = flatten(refs)
	for _, ref := range refs {
		for _, extensions := range []map[string]any{ref.Extensions, ref.Value.Extensions} {
			if value, ok := extensions["x-idmock-value"].(string); ok {
				return template.String(value)
			}
		}
	}
	if n.IsObject() {
		members := slices.Clone(n.Members())
		for i, m := range members {
			properties := each(refs, func(s *openapi3.Schema) *openapi3.SchemaRef { return s.Properties[m.Key] })
			value, err := withExpressions(m.Value, properties...)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.Key, err)
			}
			members[i].Value = value
		}
		return template.Object(members), nil
	}
	if items := slices.Clone(n.Items()); len(items) > 0 {
		schemas := each(refs, func(s *openapi3.Schema) *openapi3.SchemaRef { return s.Items })
		for i, item := range items {
			value, err := withExpressions(item, schemas...)
			if err != nil {
				return nil, fmt.Errorf("item %d: %w", i, err)
			}
			items[i] = value
		}
		return template.Array(items), nil
	}
	return n, nil
}

// flatten adds the parts of composed schemas.
func flatten(refs []*openapi3.SchemaRef) []*openapi3.SchemaRef {
	var all []*openapi3.SchemaRef
	for _, ref := range refs {
		if ref == nil || ref.Value == nil {
			continue
		}
		all = append(all, ref)
		for _, parts := range []openapi3.SchemaRefs{ref.Value.AllOf, ref.Value.AnyOf, ref.Value.OneOf} {
			all = append(all, flatten(parts)...)
		}
	}
	return all
}

func each(refs []*openapi3.SchemaRef, get func(*openapi3.Schema) *openapi3.SchemaRef) []*openapi3.SchemaRef {
	var all []*openapi3.SchemaRef
	for _, ref := range refs {
		if part := get(ref.Value); part != nil {
			all = append(all, part)
		}
	}
	return all
}
