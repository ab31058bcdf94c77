package swagger

import (
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/template"
)

// parameters converts parameters other than those of the body. forBody keeps only those of the body.
func (c *converter) parameters(list []*template.Node, forBody bool) []*template.Node {
	var all []*template.Node
	for _, p := range list {
		in := text(c.target(p).Lookup("in"))
		if isBody := in == "body" || in == "formData"; isBody == forBody {
			all = append(all, c.parameter(p))
		}
	}
	return all
}

// ofParameter are the keys of a parameter that are no keywords of its schema.
var ofParameter = []string{"name", "in", "required", "description", "allowEmptyValue", "example", "schema"}

// parameter converts a parameter: the keywords of its type move to a schema.
func (c *converter) parameter(p *template.Node) *template.Node {
	if ref := p.Lookup("$ref"); ref != nil {
		return object("$ref", constant(Ref(text(ref))))
	}
	members, keywords := []template.Member{}, []template.Member{}
	for _, m := range p.Members() {
		switch {
		case m.Key == "collectionFormat":
			members = append(members, style(text(m.Value), text(p.Lookup("in")))...)
		case m.Key == "schema":
			keywords = append(keywords, m.Value.Members()...)
		case slices.Contains(ofParameter, m.Key) || strings.HasPrefix(m.Key, "x-") && m.Key != "x-nullable":
			members = append(members, m)
		default:
			keywords = append(keywords, m)
		}
	}
	if text(p.Lookup("type")) == "array" && p.Lookup("collectionFormat") == nil {
		members = append(members, style("csv", text(p.Lookup("in")))...)
	}
	return template.Object(append(members, template.Member{Key: "schema", Value: c.schema(template.Object(keywords))}))
}

// style returns the members of OpenAPI 3 for a format of lists.
func style(format, in string) []template.Member {
	explode := func(v bool) template.Member { return template.Member{Key: "explode", Value: constant(v)} }
	named := func(name string) template.Member { return template.Member{Key: "style", Value: constant(name)} }
	if in != "query" && in != "formData" {
		return []template.Member{explode(false)}
	}
	switch format {
	case "multi":
		return []template.Member{named("form"), explode(true)}
	case "ssv":
		return []template.Member{named("spaceDelimited"), explode(false)}
	case "pipes":
		return []template.Member{named("pipeDelimited"), explode(false)}
	}
	return []template.Member{named("form"), explode(false)}
}

// body converts the parameters of a body.
func (c *converter) body(list []*template.Node, consumes []string) *template.Node {
	first := c.target(list[0])
	if text(first.Lookup("in")) == "body" {
		if len(consumes) == 0 {
			consumes = []string{"application/json"}
		}
		var members []template.Member
		for _, m := range first.Members() {
			if m.Key == "description" || m.Key == "required" {
				members = append(members, m)
			}
		}
		media := template.Object(nil)
		if schema := first.Lookup("schema"); schema != nil {
			media = object("schema", c.schema(schema))
		}
		if example := first.Lookup("x-example"); example != nil {
			media = media.Merge(object("example", example))
		}
		return template.Object(append(members, template.Member{Key: "content", Value: content(consumes, media)}))
	}
	return c.form(list, consumes)
}

// form converts the fields of a form.
func (c *converter) form(list []*template.Node, consumes []string) *template.Node {
	var properties, encoding []template.Member
	var required []*template.Node
	file := false
	for _, p := range list {
		p = c.target(p)
		name := text(p.Lookup("name"))
		if text(p.Lookup("in")) != "formData" || slices.ContainsFunc(properties, func(m template.Member) bool { return m.Key == name }) {
			continue
		}
		file = file || text(p.Lookup("type")) == "file"
		converted := c.parameter(p)
		schema := converted.Lookup("schema")
		if description := p.Lookup("description"); description != nil {
			schema = schema.Merge(object("description", description))
		}
		properties = append(properties, template.Member{Key: name, Value: schema})
		if s := converted.Lookup("style"); s != nil {
			encoding = append(encoding, template.Member{Key: name, Value: template.Object([]template.Member{
				{Key: "style", Value: s}, {Key: "explode", Value: converted.Lookup("explode")}})})
		}
		if v, _ := p.Lookup("required").Fixed(); v == true {
			required = append(required, constant(name))
		}
	}
	schema := []template.Member{{Key: "type", Value: constant("object")}, {Key: "properties", Value: template.Object(properties)}}
	if len(required) > 0 {
		schema = append(schema, template.Member{Key: "required", Value: template.Array(required)})
	}
	media := []template.Member{{Key: "schema", Value: template.Object(schema)}}
	if len(encoding) > 0 {
		media = append(media, template.Member{Key: "encoding", Value: template.Object(encoding)})
	}
	types := slices.DeleteFunc(slices.Clone(consumes), func(t string) bool {
		return t != "application/x-www-form-urlencoded" && t != "multipart/form-data" || file && t != "multipart/form-data"
	})
	if len(types) == 0 && file {
		types = []string{"multipart/form-data"}
	} else if len(types) == 0 {
		types = []string{"application/x-www-form-urlencoded"}
	}
	return template.Object([]template.Member{
		{Key: "required", Value: constant(len(required) > 0)}, {Key: "content", Value: content(types, template.Object(media))}})
}

func content(types []string, media *template.Node) *template.Node {
	members := make([]template.Member, len(types))
	for i, t := range types {
		members[i] = template.Member{Key: t, Value: media}
	}
	return template.Object(members)
}

func (c *converter) response(r *template.Node, produces []string) *template.Node {
	if ref := r.Lookup("$ref"); ref != nil {
		return object("$ref", constant(Ref(text(ref))))
	}
	members := []template.Member{}
	var schema, examples *template.Node
	for _, m := range r.Members() {
		switch m.Key {
		case "schema":
			schema = c.schema(m.Value)
		case "examples":
			examples = m.Value
		case "headers":
			members = append(members, template.Member{Key: m.Key, Value: c.each(m.Value, c.parameter)})
		default:
			members = append(members, m)
		}
	}
	if schema == nil && len(examples.Members()) == 0 {
		return template.Object(members)
	}
	if len(produces) == 0 {
		produces = []string{"application/json"}
	}
	var media []template.Member
	for _, t := range produces {
		var own []template.Member
		if schema != nil {
			own = append(own, template.Member{Key: "schema", Value: schema})
		}
		if example := examples.Lookup(t); example != nil {
			own = append(own, template.Member{Key: "example", Value: example})
		}
		media = append(media, template.Member{Key: t, Value: template.Object(own)})
	}
	return template.Object(append(members, template.Member{Key: "content", Value: template.Object(media)}))
}
