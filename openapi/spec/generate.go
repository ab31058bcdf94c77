package spec

import (
	"cmp"
	"strings"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/mediatype"
	"github.com/idmock/idmock/openapi/sample"
)

// Values configures the bodies that are generated from schemas; see [sample.Options].
type Values struct {
	Echo      bool     // repeat the request and show the run, also in documented examples
	ID        []string // the path of the run's reference
	Variables []string // that runs have
	List      bool     // the response lists runs
}

// Configure sets how the operation's bodies are generated. It must be called before anything is loaded.
func (op *Operation) Configure(v Values) { op.values = v }

func (v Values) options(d *Document) sample.Options {
	return sample.Options{Resolve: d.resolve, Echo: v.Echo, ID: v.ID, Variables: v.Variables}
}

// body returns the generated body of a response, nil if its media type has none that can be generated.
func (op *Operation) body(r Response) *template.Node {
	plain := mediatype.Plain(r.MediaType)
	if !mediatype.IsJSON(plain) && !strings.HasPrefix(plain, "text/") && !mediatype.IsAny(plain) && !op.isText(r.Schema) {
		return nil
	}
	o := op.values.options(op.doc)
	o.Listed = op.values.List && r.Status < 300
	return sample.Body(cmp.Or(r.Schema, anySchema), o)
}

// isText reports whether a schema is of texts, which have a form in every media type.
func (op *Operation) isText(schema *template.Node) bool {
	return schema == nil || text(op.doc.resolve(schema).Lookup("type")) == "string"
}

var anySchema = template.Object(nil)

// fill has an example show the request and the run.
func (op *Operation) fill(e *Example, node *template.Node) *template.Node {
	o := op.values.options(op.doc)
	o.Example, o.Listed = node, op.values.List && e.Status < 300
	return sample.Body(cmp.Or(op.responseOf(e).Schema, anySchema), o)
}

// responseOf returns the documented response of an example.
func (op *Operation) responseOf(e *Example) Response {
	for _, r := range op.Responses() {
		if r.Range == e.key && r.MediaType == e.MediaType {
			return r
		}
	}
	return Response{}
}

// contradicts reports whether a body in place of a document's example violates its schema, so that a generated one is better.
func (s *Schemas) contradicts(e *Example, body *template.Node) bool {
	schema := s.responses[e.key].schemaOf(e.MediaType)
	if schema == nil || !mediatype.IsJSON(mediatype.Plain(e.MediaType)) || len(body.Uses()) > 0 { // expressions need a request
		return false
	}
	raw, err := body.Append(nil, &template.Scope{})
	return err == nil && satisfies(content{{plain: "application/json", schema: schema}}, raw) != nil
}

// preferred returns the media type to respond with: JSON, if there is one.
func preferred(content []template.Member) (string, *template.Node) {
	for _, json := range []bool{true, false} {
		for _, m := range content {
			if plain := mediatype.Plain(m.Key); mediatype.IsJSON(plain) || mediatype.IsAny(plain) || !json {
				return m.Key, m.Value
			}
		}
	}
	return "", nil
}

// requestSample returns a generated request body and its media type, nil if the operation has no body.
func (op *Operation) requestSample() (mediaType string, body *template.Node) {
	op.sampled.Do(func() {
		mediaType, media := preferred(op.doc.content(op.node.Lookup("requestBody")))
		if media == nil {
			return
		}
		if mediaType == "*/*" {
			mediaType = "application/json"
		}
		o := sample.Options{Resolve: op.doc.resolve, Request: true}
		bound, err := sample.Body(cmp.Or(media.Lookup("schema"), anySchema), o).Bind(nil)
		if err == nil {
			op.sampleType, op.sampleBody = mediaType, bound
		}
	})
	return op.sampleType, op.sampleBody
}

// Schema returns the schema of the webhook's body, nil without one.
func (w *Webhook) Schema() *template.Node {
	for _, method := range w.doc.resolve(w.node).Members() {
		if _, media := preferred(w.doc.content(method.Value.Lookup("requestBody"))); media != nil {
			return media.Lookup("schema")
		}
	}
	return nil
}

// Sample returns a template of the webhook's body.
func (w *Webhook) Sample(v Values) *template.Node {
	for _, method := range w.doc.resolve(w.node).Members() {
		_, media := preferred(w.doc.content(method.Value.Lookup("requestBody")))
		if media == nil {
			continue
		}
		o := v.options(w.doc)
		if examples := w.doc.examples(media); len(examples) > 0 {
			o.Example = examples[0].Value
		}
		return sample.Body(cmp.Or(media.Lookup("schema"), anySchema), o)
	}
	return template.Object(nil)
}

// Lookup returns the part of the document at a path of keys, with references followed; an empty node without one.
func (d *Document) Lookup(path ...string) *template.Node { return d.resolve(d.root.Lookup(path...)) }

// Success returns the schema of an operation's successful response in JSON and its status; nil without one.
func (op *Operation) Success() (status int, schema *template.Node) {
	responses := op.Responses()
	for _, other := range []bool{false, true} { // default covers a success where no other entry does
		for _, r := range responses {
			if plain := mediatype.Plain(r.MediaType); (r.Status >= 200 && r.Status <= 299 || other && r.Status == 0) && (mediatype.IsJSON(plain) || mediatype.IsAny(plain)) {
				return r.Status, r.Schema
			}
		}
	}
	return 0, nil
}

// RequestSchema returns the schema of an operation's request body, nil without one.
func (op *Operation) RequestSchema() *template.Node {
	_, media := preferred(op.doc.content(op.node.Lookup("requestBody")))
	return media.Lookup("schema")
}
