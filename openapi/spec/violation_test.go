package spec

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/template"
)

const alternativesDocument = `
openapi: 3.0.3
paths:
  /allof: {post: {operationId: allof, requestBody: {required: true, content: {application/json: {schema: {allOf: [{type: object, properties: {email: {type: string}}}, {type: object, required: [name], properties: {name: {type: string}}}]}}}}, responses: {"200": {description: ok}}}}
  /oneof: {post: {operationId: oneof, requestBody: {required: true, content: {application/json: {schema: {oneOf: [{type: object, required: [nin], properties: {nin: {type: string}}}, {type: object, required: [bvn], properties: {bvn: {type: string, pattern: '^[0-9]{11}$'}}}, {type: string}]}}}}, responses: {"200": {description: ok}}}}
  /named: {post: {operationId: named, requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Any'}}}}, responses: {"200": {description: ok}}}}
  /kinds: {post: {operationId: kinds, requestBody: {required: true, content: {application/json: {schema: {anyOf: [{title: Cat, required: [kind, lives], properties: {kind: {enum: [cat]}, lives: {type: integer}}}, {title: Dog, required: [kind, tricks], properties: {kind: {enum: [dog]}, tricks: {type: object, allOf: [{required: [sit]}]}}}]}}}}, responses: {"200": {description: ok}}}}
components:
  schemas:
    Face: {allOf: [{type: object, required: [kind], properties: {kind: {type: string}}}, {type: object, required: [image], properties: {image: {type: string}}}]}
    Doc: {allOf: [{type: object, required: [kind], properties: {kind: {type: string}}}, {type: object, required: [number], properties: {number: {type: string}}}]}
    Any: {oneOf: [{$ref: '#/components/schemas/Face'}, {$ref: '#/components/schemas/Doc'}], discriminator: {propertyName: kind, mapping: {face: '#/components/schemas/Face', doc: '#/components/schemas/Doc'}}}
`

// A violation of alternatives names the field of the one that comes closest, and that one.
func TestClosestAlternative(t *testing.T) {
	d, err := Read([]byte(alternativesDocument), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		operation string
		body      any
		field     string
		message   string
	}{
		{"allof", map[string]any{"email": "a"}, "name", "name: this field is required"},
		{"allof", map[string]any{"email": 3, "name": "a"}, "email", "email: value must be a string"},
		{"oneof", map[string]any{"bvn": "1"}, "bvn", "bvn: string doesn't match the regular expression \"^[0-9]{11}$\" (the closest alternative is number 2)"},
		{"named", map[string]any{"kind": "doc"}, "number", "number: this field is required (the closest alternative is Doc)"},
		{"named", map[string]any{"kind": "face", "image": 3}, "image", "image: value must be a string (the closest alternative is Face)"},
		{"named", map[string]any{"kind": "iris"}, "kind", "kind: discriminator property \"kind\" has invalid value: use one of doc, face"},
		{"kinds", map[string]any{"kind": "dog", "tricks": map[string]any{}}, "tricks.sit", "tricks.sit: this field is required (the closest alternative is Dog)"},
		{"kinds", map[string]any{"kind": "cat", "lives": "nine"}, "lives", "lives: value must be an integer (the closest alternative is Cat)"},
	} {
		s, err := d.Operation(c.operation).Load()
		if err != nil {
			t.Fatal(err)
		}
		v := s.ValidateRequest(Request{MediaType: "application/json", Body: c.body, Path: s.PathValues(httptest.NewRequest("POST", "/", nil))})
		if v == nil || v.Field != c.field || v.Message != c.message {
			t.Errorf("%s %v: %+v, want %q", c.operation, c.body, v, c.message)
		}
	}
}

// An example that violates its own schema is not served: a generated body takes its name.
func TestContradictoryExample(t *testing.T) {
	d, err := Read([]byte(`
openapi: 3.0.3
paths:
  /apps: {get: {operationId: list, responses: {"200": {description: ok, content: {application/json: {schema: {type: object, minProperties: 1, required: [id], additionalProperties: false,
    properties: {id: {type: string}, of: {oneOf: [{type: object, required: [a], properties: {a: {type: string}}, additionalProperties: false}, {type: integer}]}, all: {type: array, minItems: 2, uniqueItems: true, items: {type: string}}}},
    examples: {more: {value: {id: one, other: 1}}, few: {value: {id: one, all: [x]}}, branch: {value: {id: one, of: {b: 1}}}, branches: {value: {id: one, of: text}}, right: {value: {id: one, of: 3, all: [x, y]}}}}}}}}}
`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	op := d.Operation("list")
	op.Configure(Values{Echo: true})
	for name, want := range map[string]bool{"more": true, "few": false, "branch": true, "branches": true, "right": true} {
		e, err := op.Example(name)
		if err != nil {
			t.Fatal(err)
		}
		body, err := e.Node.Append(nil, &template.Scope{})
		if err != nil {
			t.Fatal(err)
		}
		if err := op.schemas.ValidateResponse(200, body); err != nil {
			t.Errorf("%s: %s: %v", name, body, err)
		}
		if is := strings.Contains(string(body), `"one"`); is != want {
			t.Errorf("%s: %s", name, body)
		}
	}
}
