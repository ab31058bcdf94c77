package swagger

import (
	"github.com/idmock/idmock/internal/template"
)

// schema converts a schema: references, nullable, discriminators and files.
func (c *converter) schema(n *template.Node) *template.Node {
	if !n.IsObject() {
		return n
	}
	members := make([]template.Member, 0, len(n.Members()))
	for _, m := range n.Members() {
		switch m.Key {
		case "$ref":
			m.Value = constant(Ref(text(m.Value)))
		case "x-nullable":
			m.Key = "nullable"
		case "discriminator":
			if name := text(m.Value); name != "" {
				m.Value = object("propertyName", constant(name))
			}
		case "properties":
			m.Value = c.each(m.Value, c.schema)
		case "items", "additionalProperties", "not":
			m.Value = c.schema(m.Value)
		case "allOf", "anyOf", "oneOf":
			var parts []*template.Node
			for _, part := range m.Value.Items() {
				parts = append(parts, c.schema(part))
			}
			m.Value = template.Array(parts)
		case "type":
			if text(m.Value) == "file" {
				members = append(members, template.Member{Key: "format", Value: constant("binary")})
				m.Value = constant("string")
			}
		case "collectionFormat":
			continue
		}
		members = append(members, m)
	}
	return template.Object(members)
}

// securityScheme converts a security definition.
func securityScheme(n *template.Node) *template.Node {
	switch text(n.Lookup("type")) {
	case "basic":
		members := []template.Member{{Key: "type", Value: constant("http")}, {Key: "scheme", Value: constant("basic")}}
		if d := n.Lookup("description"); d != nil {
			members = append(members, template.Member{Key: "description", Value: d})
		}
		return template.Object(members)
	case "oauth2":
		return oauth(n)
	}
	return n
}

// flows maps the flows of Swagger 2.0 to those of OpenAPI 3.
func flows() map[string]string {
	return map[string]string{"implicit": "implicit", "password": "password", "application": "clientCredentials", "accessCode": "authorizationCode"}
}

func oauth(n *template.Node) *template.Node {
	flow := []template.Member{}
	scopes := template.Object(nil)
	members := []template.Member{}
	for _, m := range n.Members() {
		switch m.Key {
		case "authorizationUrl", "tokenUrl":
			flow = append(flow, m)
		case "scopes":
			scopes = m.Value
		case "flow":
		default:
			members = append(members, m)
		}
	}
	flow = append(flow, template.Member{Key: "scopes", Value: scopes})
	name := flows()[text(n.Lookup("flow"))]
	if name == "" {
		name = "implicit"
	}
	return template.Object(append(members, template.Member{Key: "flows", Value: object(name, template.Object(flow))}))
}
