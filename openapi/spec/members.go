package spec

import (
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/template"
)

// RequestMembers lists the members that a request of the operation has at a path of its body, as its schemas say. open
// reports that others are possible as well: the document describes no members there. It reads the document alone and loads
// no schemas.
func (op *Operation) RequestMembers(path []string) (names []string, open bool) {
	if op.node.Lookup("requestBody") == nil {
		return nil, false
	}
	type known struct {
		names []string
		open  bool
	}
	key := strings.Join(path, "/")
	if have, ok := op.members.Load(key); ok {
		return have.(known).names, have.(known).open
	}
	defer func() { op.members.Store(key, known{slices.Clip(names), open}) }()
	body := op.doc.resolve(op.node.Lookup("requestBody"))
	for _, content := range body.Lookup("content").Members() {
		more, unknown := op.doc.members([]*template.Node{content.Value.Lookup("schema")}, path)
		names, open = append(names, more...), open || unknown
	}
	slices.Sort(names)
	return slices.Compact(names), open
}

// Parameters lists the names of the operation's parameters in path, query or header.
func (op *Operation) Parameters(in string) []string {
	var names []string
	for _, p := range slices.Concat(op.shared.Items(), op.node.Lookup("parameters").Items()) {
		p = op.doc.resolve(p)
		if text(p.Lookup("in")) == in {
			names = append(names, text(p.Lookup("name")))
		}
	}
	return names
}

// Members lists the members that the webhook's body has at a path, as [Operation.RequestMembers] does.
func (w *Webhook) Members(path []string) (names []string, open bool) {
	for _, method := range w.doc.resolve(w.node).Members() {
		body := w.doc.resolve(method.Value.Lookup("requestBody"))
		for _, content := range body.Lookup("content").Members() {
			more, unknown := w.doc.members([]*template.Node{content.Value.Lookup("schema")}, path)
			names, open = append(names, more...), open || unknown
		}
	}
	slices.Sort(names)
	return slices.Compact(names), open
}

// members lists the members of schemas at a path. A schema without properties is open.
func (d *Document) members(schemas []*template.Node, path []string) (names []string, open bool) {
	var properties []template.Member
	for depth := 0; len(schemas) > 0; depth++ {
		schema := d.resolve(schemas[0])
		schemas = schemas[1:]
		if depth > 100 {
			return nil, true
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
		open = open || parts+len(own) == 0 && len(schema.Lookup("required").Items()) == 0 || extra != nil && !literal
	}
	if len(path) == 0 {
		for _, p := range properties {
			names = append(names, p.Key)
		}
		return names, open
	}
	var below []*template.Node
	for _, p := range properties {
		if p.Key == path[0] {
			below = append(below, p.Value)
		}
	}
	if len(below) == 0 {
		return nil, true // reported for the path above
	}
	return d.members(below, path[1:])
}
