package spec

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/idmock/idmock/openapi/bundle"
)

// Violation is a value that does not satisfy its schema.
type Violation struct {
	Field   string   // path of the value, with dots, or the name of the parameter
	Message string   // begins with the field
	Keyword string   // of the schema, such as required or enum; empty: unknown
	Pointer []string // keys to the value

	innermost string
}

func (v *Violation) Error() string { return v.Message }

// Within reports whether the violation is at a path of keys or below. The violation of a list of properties is at the
// object that has them.
func (v *Violation) Within(path []string) bool {
	if v.Keyword == "" {
		return false
	}
	if v.Keyword == "properties" || v.Keyword == "additionalProperties" {
		return slices.Equal(v.Pointer, path[:len(path)-1])
	}
	return len(v.Pointer) >= len(path) && slices.Equal(v.Pointer[:len(path)], path)
}

// newViolation converts an error of kin-openapi, which validated with these options. field names the parameter; empty: the
// path within the body. A violation of allOf, oneOf or anyOf is that of the part that comes closest.
func newViolation(err error, field string, options ...openapi3.SchemaValidationOption) *Violation {
	var schemaError *openapi3.SchemaError
	if !errors.As(err, &schemaError) {
		return &Violation{Field: field, Message: strings.TrimPrefix(field+": ", ": ") + err.Error()}
	}
	c := closest{SchemaError: schemaError, pointer: schemaError.JSONPointer(), options: options}
	for range maxBranches {
		if !c.descend() {
			break
		}
	}
	return c.violation(field)
}

// maxBranches bounds the alternatives within alternatives that a violation is sought in.
const maxBranches = 20

// closest is a violation on the way to the innermost one.
type closest struct {
	*openapi3.SchemaError
	pointer []string
	branch  string // the alternative that comes closest; empty: there are none
	options []openapi3.SchemaValidationOption
}

func (c *closest) violation(field string) *Violation {
	v := &Violation{Field: field, Keyword: c.SchemaField, Pointer: c.pointer, innermost: c.SchemaField}
	if v.Field == "" {
		v.Field = strings.Join(v.Pointer, ".")
	}
	beside := ""
	if c.branch != "" {
		beside = " (the closest alternative is " + c.branch + ")"
	}
	_, isObject := c.Value.(map[string]any)
	choices := alternatives(c.SchemaError, v.Field)
	switch {
	case v.Keyword == "required":
		v.Message = v.Field + ": this field is required" + beside
		return v
	case choices != "" && isObject:
		v.Field, v.Message = choices, "one of these fields is required: "+choices
		return v
	}
	reason := c.Reason
	if c.Schema.Type.Is(openapi3.TypeObject) && !isObject && v.Keyword != "discriminator" { // instead of the first part that failed
		reason = "value must be an object"
	}
	if v.Keyword == "discriminator" && c.Schema.Discriminator != nil {
		v.Field = strings.Join(append(slices.Clone(c.pointer), c.Schema.Discriminator.PropertyName), ".")
		if known := slices.Sorted(maps.Keys(c.Schema.Discriminator.Mapping)); len(known) > 0 {
			reason += ": use one of " + strings.Join(known, ", ")
		}
	}
	if v.Field == "" {
		v.Field = "body"
	}
	v.Message = fmt.Sprintf("%s: %s%s", v.Field, reason, beside)
	return v
}

// descend goes to the violation of a part of allOf, or of the closest alternative of oneOf and anyOf. It reports whether there
// is one.
func (c *closest) descend() bool {
	switch c.SchemaField {
	case "allOf":
		for _, part := range c.Schema.AllOf {
			if err := c.visit(part); err != nil {
				return c.into(err)
			}
		}
	case "oneOf", "anyOf":
		parts := c.Schema.OneOf
		if c.SchemaField == "anyOf" {
			parts = c.Schema.AnyOf
		}
		if alternatives(c.SchemaError, "") != "" && !c.begun(parts) {
			return false // the fields themselves are the alternatives
		}
		if i := c.selected(parts); i >= 0 && c.into(c.visit(parts[i])) {
			c.branch = branchName(parts[i], i)
			return true
		}
		best, violated := -1, [3]int{}
		var reason error
		for i, part := range parts {
			err := c.visit(part)
			if err == nil {
				return false // it matches more than one
			}
			if distance := c.distance(part, err); best < 0 || slices.Compare(distance[:], violated[:]) < 0 {
				best, violated, reason = i, distance, err
			}
		}
		if best >= 0 && violated[0] < unlike && c.into(reason) {
			c.branch = branchName(parts[best], best)
			return true
		}
	}
	return false
}

// begun reports whether the value has a required member of an alternative that describes it as well.
func (c *closest) begun(parts openapi3.SchemaRefs) bool {
	members, _ := c.Value.(map[string]any)
	return slices.ContainsFunc(parts, func(part *openapi3.SchemaRef) bool {
		return slices.ContainsFunc(part.Value.Required, func(name string) bool {
			_, ok := members[name]
			return ok && part.Value.Properties[name] != nil
		})
	})
}

// selected returns the alternative that the discriminator selects, -1 if there is none.
func (c *closest) selected(parts openapi3.SchemaRefs) int {
	members, isObject := c.Value.(map[string]any)
	if !isObject || c.Schema.Discriminator == nil {
		return -1
	}
	name, _ := members[c.Schema.Discriminator.PropertyName].(string)
	ref := c.Schema.Discriminator.Mapping[name].Ref
	return slices.IndexFunc(parts, func(part *openapi3.SchemaRef) bool {
		return part.Ref != "" && (part.Ref == ref || strings.HasSuffix(part.Ref, "/"+name))
	})
}

func (c *closest) visit(part *openapi3.SchemaRef) error {
	if part.Value == nil {
		return nil
	}
	return part.Value.VisitJSON(c.Value, c.options...)
}

func (c *closest) into(err error) bool {
	var inner *openapi3.SchemaError
	if !errors.As(err, &inner) {
		return false
	}
	c.SchemaError, c.pointer = inner, append(slices.Clone(c.pointer), inner.JSONPointer()...)
	return true
}

// unlike is the distance of an alternative of another type than the value.
const unlike = 2

// distance rates an alternative by its violation, smallest first: whether it is of another type or, by a member with few
// values, for other values; then how many members it does not have; then how many required members are missing.
func (c *closest) distance(part *openapi3.SchemaRef, err error) (d [3]int) {
	var inner *openapi3.SchemaError
	if errors.As(err, &inner) {
		switch {
		case inner.SchemaField == "type" && len(inner.JSONPointer()) == 0:
			d[0] = unlike
		case inner.SchemaField == "enum":
			d[0] = 1
		}
	}
	members, isObject := c.Value.(map[string]any)
	if !isObject {
		return d
	}
	known, required := map[string]bool{}, map[string]bool{}
	collect(part.Value, known, required, 0)
	for name := range members {
		if !known[name] {
			d[1]++
		}
	}
	for name := range required {
		if _, ok := members[name]; !ok {
			d[2]++
		}
	}
	return d
}

// collect collects the members that a schema has and requires.
func collect(s *openapi3.Schema, known, required map[string]bool, depth int) {
	if s == nil || depth > maxBranches {
		return
	}
	for name := range s.Properties {
		known[name] = true
	}
	for _, name := range s.Required {
		required[name] = true
	}
	for _, part := range s.AllOf {
		collect(part.Value, known, required, depth+1)
	}
}

// branchName names an alternative: by its reference, its title, or its number.
func branchName(part *openapi3.SchemaRef, index int) string {
	switch {
	case part.Ref != "":
		steps := bundle.Pointer(part.Ref)
		return steps[len(steps)-1]
	case part.Value.Title != "":
		return part.Value.Title
	}
	return fmt.Sprintf("number %d", index+1)
}

// alternatives lists the required fields of an anyOf or oneOf whose parts are nothing but requirements.
func alternatives(e *openapi3.SchemaError, field string) string {
	var names []string
	if field != "" {
		field += "."
	}
	for _, part := range slices.Concat(e.Schema.AnyOf, e.Schema.OneOf) {
		if part.Value == nil || len(part.Value.Required) == 0 {
			return ""
		}
		names = append(names, field+strings.Join(part.Value.Required, " and "+field))
	}
	return strings.Join(names, ", ")
}
