package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/mediatype"
)

// content is the list of media types of a body, in the document's order.
type content []*media

// media is a media type of a body.
type media struct {
	name     string // as documented
	plain    string // without parameters, in lower case; may have a *
	schema   *openapi3.SchemaRef
	strict   *openapi3.SchemaRef // what strict requests satisfy besides (x-idmock-strict); nil: nothing
	accept   acceptor            // of the schema; may be nil
	encoding map[string]encoding
}

// strictKey is the extension of a request's schema with a further schema, for strict requests.
const strictKey = "x-idmock-strict"

// encoding is how a field of a form is written.
type encoding struct {
	contentType, style string
	explode            bool
}

func (b *builder) content(body *template.Node) (content, error) {
	var all content
	for _, m := range b.doc.resolve(body.Lookup("content")).Members() {
		node, err := b.doc.follow(m.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Key, err)
		}
		one := &media{name: m.Key, plain: mediatype.Plain(m.Key)}
		if one.schema, err = b.ref(node.Lookup("schema")); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Key, err)
		}
		if strict := b.doc.resolve(node.Lookup("schema")).Lookup(strictKey); strict != nil {
			if one.strict, err = b.ref(strict); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", m.Key, strictKey, err)
			}
		}
		if one.schema != nil {
			one.accept = b.accept.of(one.schema.Value)
		}
		for _, e := range node.Lookup("encoding").Members() {
			if one.encoding == nil {
				one.encoding = map[string]encoding{}
			}
			style := cmp.Or(text(e.Value.Lookup("style")), "form")
			explode := style == "form"
			if own := e.Value.Lookup("explode"); own != nil {
				explode = own.True()
			}
			one.encoding[e.Key] = encoding{text(e.Value.Lookup("contentType")), style, explode}
		}
		all = append(all, one)
	}
	return all, nil
}

// find returns the media type that covers one without parameters: itself, or else the narrowest range. Nil: none.
func (c content) find(mediaType string) *media {
	for _, name := range []string{mediaType, mediaType[:strings.IndexByte(mediaType+"/", '/')] + "/*", "*/*", "*"} {
		if i := slices.IndexFunc(c, func(m *media) bool { return m.plain == name }); i >= 0 {
			return c[i]
		}
	}
	return nil
}

// schemaOf returns the schema of a documented media type, or nil.
func (c content) schemaOf(name string) *openapi3.SchemaRef {
	i := slices.IndexFunc(c, func(m *media) bool { return m.name == name })
	if i < 0 {
		return nil
	}
	return c[i].schema
}

// json returns the media type that describes a JSON body, or nil.
func (c content) json() *media {
	if m := c.find("application/json"); m != nil {
		return m
	}
	if i := slices.IndexFunc(c, func(m *media) bool { return mediatype.IsJSON(m.plain) }); i >= 0 {
		return c[i]
	}
	return nil
}
