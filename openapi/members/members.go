// Package members reads from the schemas of a document which members bodies have, and which values.
//
// It reads the document as a tree and loads no schemas, so that lint is quick; it does not validate bodies.
package members

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/spec"
)

// Place is what schemas say about one place of a body.
type Place struct {
	// Names are the members below the place. Open reports that others are possible: the schemas describe none there.
	Names []string
	Open  bool
	// Types are those of the values: text, number, boolean, list or object, beside null. Nil: unknown.
	Types []string

	schemas []*template.Node // resolved, without those that they combine
}

// Cache keeps the places of requests, which lint asks for again and again. Its zero value is empty.
type Cache struct{ known sync.Map }

type place struct {
	op *spec.Operation
	at string
}

// Of describes a place in the body of requests to an operation.
func (c *Cache) Of(op *spec.Operation, path []string) *Place {
	key := place{op, strings.Join(path, "/")}
	if have, ok := c.known.Load(key); ok {
		return have.(*Place)
	}
	p := At(op.Document(), op.RequestSchemas(), path)
	c.known.Store(key, p)
	return p
}

// At describes a place in bodies with one of the schemas.
func At(d *spec.Document, schemas []*template.Node, path []string) *Place {
	p := &Place{}
	if len(schemas) == 0 {
		return p
	}
	all := schemas
	for i := 0; ; i++ {
		properties := p.read(d, all)
		if i == len(path) {
			for _, m := range properties {
				p.Names = append(p.Names, m.Key)
			}
			slices.Sort(p.Names)
			p.Names = slices.Compact(p.Names)
			return p
		}
		all = nil
		for _, m := range properties {
			if m.Key == path[i] {
				all = append(all, m.Value)
			}
		}
		if p = new(Place); len(all) == 0 {
			return &Place{Open: true} // reported for the place above
		}
	}
}

// maxCombined bounds the schemas of one place.
const maxCombined = 100

// read describes the place of the schemas, and returns the members that they have. A schema without properties is open.
func (p *Place) read(d *spec.Document, schemas []*template.Node) (properties []template.Member) {
	known := true
	for count := 0; len(schemas) > 0; count++ {
		schema := d.Resolve(schemas[0])
		schemas = schemas[1:]
		if count > maxCombined {
			p.Open, p.Types = true, nil
			return properties
		}
		own := schema.Lookup("properties").Members()
		properties = append(properties, own...)
		parts := 0
		for _, key := range []string{"allOf", "oneOf", "anyOf"} {
			items := schema.Lookup(key).Items()
			schemas, parts = append(schemas, items...), parts+len(items)
		}
		extra := schema.Lookup("additionalProperties")
		_, literal := extra.Fixed()
		p.Open = p.Open || parts+len(own) == 0 && len(schema.Lookup("required").Items()) == 0 || extra != nil && !literal
		types := typesOf(schema)
		p.Types = append(p.Types, types...)
		known = known && parts == 0 && types != nil
		p.schemas = append(p.schemas, schema)
	}
	if slices.Sort(p.Types); !known {
		p.Types = nil
	}
	p.Types = slices.Compact(p.Types)
	return properties
}

// typesOf lists the types of a schema's values in the words of scenarios; nil: any.
func typesOf(schema *template.Node) (types []string) {
	node := schema.Lookup("type")
	for _, item := range append(node.Items(), node) {
		switch v, _ := item.Fixed(); v {
		case "string":
			types = append(types, "text")
		case "integer", "number":
			types = append(types, "number")
		case "array":
			types = append(types, "list")
		case "object", "boolean":
			types = append(types, fmt.Sprint(v))
		}
	}
	return types
}

// Refusal says why a text or number is refused at the place; it is empty if it is accepted, or if that is unknown.
func (p *Place) Refusal(value any) string {
	if p.Types == nil {
		return ""
	}
	refusal := ""
	for _, schema := range p.schemas {
		if refusal = refuse(schema, value); refusal == "" {
			return ""
		}
	}
	return refusal
}

// refuse says why a schema refuses a value of a type that it has.
func refuse(schema *template.Node, value any) string {
	if listed := schema.Lookup("enum").Items(); len(listed) > 0 {
		var names []string
		for _, item := range listed {
			v, _ := item.Fixed()
			if fmt.Sprint(v) == fmt.Sprint(value) {
				return ""
			}
			names = append(names, fmt.Sprint(v))
		}
		return "want one of " + strings.Join(names, ", ")
	}
	switch value := value.(type) {
	case string:
		pattern, _ := schema.Lookup("pattern").Fixed()
		if re, err := regexp.Compile(fmt.Sprint(pattern)); pattern != nil && err == nil && !re.MatchString(value) {
			return fmt.Sprintf("its pattern is %s", pattern)
		}
		if least, ok := number(schema, "minLength"); ok && float64(len([]rune(value))) < least {
			return fmt.Sprintf("it has at least %v characters", least)
		}
		if most, ok := number(schema, "maxLength"); ok && float64(len([]rune(value))) > most {
			return fmt.Sprintf("it has at most %v characters", most)
		}
	case int:
		if least, ok := number(schema, "minimum"); ok && float64(value) < least {
			return fmt.Sprintf("it is at least %.0f", least)
		}
		if most, ok := number(schema, "maximum"); ok && float64(value) > most {
			return fmt.Sprintf("it is at most %.0f", most)
		}
	}
	return ""
}

func number(schema *template.Node, key string) (float64, bool) {
	v, _ := schema.Lookup(key).Fixed()
	return template.Number(v)
}
