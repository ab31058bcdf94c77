package openapi

import (
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/idmock/idmock/internal/template"
)

// live puts the expressions of x-idmock-value into an example, wherever the example has that property.
func live(n *template.Node, refs ...*openapi3.SchemaRef) (*template.Node, error) {
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
			of := each(refs, func(s *openapi3.Schema) *openapi3.SchemaRef { return s.Properties[m.Key] })
			value, err := live(m.Value, of...)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.Key, err)
			}
			members[i].Value = value
		}
		return template.Object(members), nil
	}
	if items := slices.Clone(n.Items()); len(items) > 0 {
		of := each(refs, func(s *openapi3.Schema) *openapi3.SchemaRef { return s.Items })
		for i, item := range items {
			value, err := live(item, of...)
			if err != nil {
				return nil, fmt.Errorf("item %d: %w", i, err)
			}
			items[i] = value
		}
		return template.Array(items), nil
	}
	return n, nil
}

// flatten adds the parts of which a schema is composed.
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
	var of []*openapi3.SchemaRef
	for _, ref := range refs {
		if p := get(ref.Value); p != nil {
			of = append(of, p)
		}
	}
	return of
}
