// Package swagger converts a Swagger 2.0 document to OpenAPI 3.0, as a tree.
//
// Operations keep their place (paths, path, method), and the conversion fails for none: what it does not understand stays as
// it is, so that a fault costs the operation that has it. Reading documents and following references do not belong here.
package swagger

import (
	"cmp"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/bundle"
)

// Is reports whether a document is in Swagger 2.0.
func Is(root *template.Node) bool {
	return root.Lookup("openapi") == nil && root.Lookup("swagger") != nil
}

// Convert returns the document in OpenAPI 3.0.
func Convert(root *template.Node) *template.Node {
	c := &converter{root: root, consumes: texts(root.Lookup("consumes")), produces: texts(root.Lookup("produces"))}
	members := []template.Member{{Key: "openapi", Value: constant("3.0.3")}}
	for _, m := range root.Members() {
		switch m.Key {
		case "info", "tags", "externalDocs", "security":
			members = append(members, m)
		case bundle.Files:
			members = append(members, template.Member{Key: m.Key, Value: c.each(m.Value, c.part)})
		case "paths":
			members = append(members, template.Member{Key: "paths", Value: c.each(m.Value, c.pathItem)})
		default:
			if strings.HasPrefix(m.Key, "x-") {
				members = append(members, m)
			}
		}
	}
	members = append(members, template.Member{Key: "servers", Value: c.servers()}, template.Member{Key: "components", Value: c.components()})
	return template.Object(members)
}

// converter holds the document's defaults.
type converter struct {
	root               *template.Node
	consumes, produces []string
}

// part converts a file that the document refers to, as a tree of schemas.
func (c *converter) part(n *template.Node) *template.Node {
	if !n.IsObject() || n.Lookup("$ref") != nil || n.Lookup("type") != nil || n.Lookup("allOf") != nil || n.Lookup("properties") != nil {
		return c.schema(n)
	}
	return c.each(n, c.part)
}

func (c *converter) servers() *template.Node {
	host, base := text(c.root.Lookup("host")), text(c.root.Lookup("basePath"))
	schemes := texts(c.root.Lookup("schemes"))
	if len(schemes) == 0 {
		schemes = []string{"https"}
	}
	var all []*template.Node
	for _, scheme := range schemes {
		url := base
		if host != "" {
			url = scheme + "://" + host + base
		}
		if url != "" && (host != "" || len(all) == 0) {
			all = append(all, object("url", constant(url)))
		}
	}
	return template.Array(all)
}

func (c *converter) components() *template.Node {
	var members []template.Member
	add := func(key string, n *template.Node) {
		if len(n.Members()) > 0 {
			members = append(members, template.Member{Key: key, Value: n})
		}
	}
	add("schemas", c.each(c.root.Lookup("definitions"), c.schema))
	parameters := []template.Member{}
	bodies := []template.Member{}
	for _, m := range c.root.Lookup("parameters").Members() {
		switch text(m.Value.Lookup("in")) {
		case "body":
			bodies = append(bodies, template.Member{Key: m.Key, Value: c.body([]*template.Node{m.Value}, c.consumes)})
		case "formData": // becomes part of the bodies that refer to it
		default:
			parameters = append(parameters, template.Member{Key: m.Key, Value: c.parameter(m.Value)})
		}
	}
	add("parameters", template.Object(parameters))
	add("requestBodies", template.Object(bodies))
	add("responses", c.each(c.root.Lookup("responses"), func(n *template.Node) *template.Node { return c.response(n, c.produces) }))
	add("securitySchemes", c.each(c.root.Lookup("securityDefinitions"), securityScheme))
	return template.Object(members)
}

// each converts the members of an object.
func (c *converter) each(n *template.Node, convert func(*template.Node) *template.Node) *template.Node {
	members := slices.Clone(n.Members())
	for i, m := range members {
		if !strings.HasPrefix(m.Key, "x-") && m.Value.IsObject() {
			members[i].Value = convert(m.Value)
		}
	}
	return template.Object(members)
}

func (c *converter) pathItem(item *template.Node) *template.Node {
	if strings.HasPrefix(text(item.Lookup("$ref")), "#/"+bundle.Files+"/") { // in Swagger 2.0 as well
		item = cmp.Or(c.target(item), item)
	}
	members := []template.Member{}
	shared := item.Lookup("parameters").Items()
	for _, m := range item.Members() {
		switch {
		case m.Key == "parameters":
			if own := c.parameters(shared, false); len(own) > 0 {
				members = append(members, template.Member{Key: m.Key, Value: template.Array(own)})
			}
		case m.Key == "$ref":
			members = append(members, template.Member{Key: m.Key, Value: constant(Ref(text(m.Value)))})
		case m.Value.IsObject() && !strings.HasPrefix(m.Key, "x-"):
			members = append(members, template.Member{Key: m.Key, Value: c.operation(m.Value, shared)})
		default:
			members = append(members, m)
		}
	}
	return template.Object(members)
}

func (c *converter) operation(op *template.Node, shared []*template.Node) *template.Node {
	consumes, produces := c.consumes, c.produces
	if own := op.Lookup("consumes"); own != nil {
		consumes = texts(own)
	}
	if own := op.Lookup("produces"); own != nil {
		produces = texts(own)
	}
	var body []*template.Node
	for _, p := range slices.Concat(op.Lookup("parameters").Items(), shared) {
		if in := text(c.target(p).Lookup("in")); in == "body" || in == "formData" {
			body = append(body, p)
		}
	}
	members := []template.Member{}
	for _, m := range op.Members() {
		switch m.Key {
		case "consumes", "produces", "schemes":
		case "parameters":
			members = append(members, template.Member{Key: m.Key, Value: template.Array(c.parameters(m.Value.Items(), false))})
		case "responses":
			convert := func(n *template.Node) *template.Node { return c.response(n, produces) }
			members = append(members, template.Member{Key: m.Key, Value: c.each(m.Value, convert)})
		default:
			members = append(members, m)
		}
	}
	if len(body) > 0 {
		members = append(members, template.Member{Key: "requestBody", Value: c.body(body, consumes)})
	}
	return template.Object(members)
}

// target follows references to shared parameters and responses.
func (c *converter) target(n *template.Node) *template.Node {
	for range 32 {
		ref := text(n.Lookup("$ref"))
		if !strings.HasPrefix(ref, "#/") {
			return n
		}
		steps := strings.Split(strings.TrimPrefix(ref, "#/"), "/")
		for i, step := range steps {
			steps[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(bundle.Unescape(step))
		}
		n = c.root.Lookup(steps...)
	}
	return n
}

// Ref converts a reference.
func Ref(ref string) string {
	file, pointer, found := strings.Cut(ref, "#")
	if !found {
		return ref
	}
	for old, now := range map[string]string{"/definitions/": "/components/schemas/", "/parameters/": "/components/parameters/", "/responses/": "/components/responses/"} {
		if rest, ok := strings.CutPrefix(pointer, old); ok {
			return file + "#" + now + rest
		}
	}
	return ref
}

func text(n *template.Node) string {
	v, _ := n.Fixed()
	s, _ := v.(string)
	return s
}

func texts(n *template.Node) []string {
	var all []string
	for _, item := range n.Items() {
		all = append(all, text(item))
	}
	return all
}

func constant(v any) *template.Node {
	n, err := template.Literal(v)
	if err != nil {
		return &template.Node{}
	}
	return n
}

// object returns an object of names and values in turn.
func object(key string, value *template.Node) *template.Node {
	return template.Object([]template.Member{{Key: key, Value: value}})
}
