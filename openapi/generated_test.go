package openapi_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi"
)

const generatedDocument = `
openapi: 3.1.0
info: {title: Generated, version: "1"}
paths:
  /things:
    post:
      operationId: createThing
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
      responses:
        "201": {description: c, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
  /things/{id}:
    get:
      operationId: getThing
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: c, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
        "404": {description: none, content: {application/json: {schema: {type: object, required: [why], properties: {why: {type: string}}}}}}
  /text: {get: {operationId: getText, responses: {"200": {description: t, content: {text/plain: {schema: {type: string, example: hello}}}}}}}
  /nothing: {get: {operationId: getNothing, responses: {"204": {description: none}}}}
components:
  schemas:
    Thing:
      type: object
      required: [id, kind, email, owner]
      properties:
        id: {type: integer, readOnly: true}
        secret: {type: string, writeOnly: true}
        kind: {type: string, enum: [small, large]}
        email: {type: string, format: email}
        code: {type: string, pattern: "^[A-Z]{3}-[0-9]{4}$"}
        size: {type: [integer, "null"], minimum: 10, maximum: 20, multipleOf: 5}
        ratio: {type: number, exclusiveMinimum: 0, maximum: 1}
        short: {type: string, minLength: 3, maxLength: 5}
        iban: {type: string}
        tags: {type: array, minItems: 2, items: {type: string}}
        extra: {type: object, additionalProperties: {type: integer}}
        owner: {allOf: [{$ref: "#/components/schemas/Person"}, {type: object, properties: {role: {type: string, default: admin}}}]}
        pet:
          oneOf: [{$ref: "#/components/schemas/Cat"}, {$ref: "#/components/schemas/Dog"}]
          discriminator: {propertyName: species, mapping: {feline: "#/components/schemas/Cat"}}
        parent: {$ref: "#/components/schemas/Thing"}
    Person: {type: object, required: [first_name, dateOfBirth], properties: {first_name: {type: string}, dateOfBirth: {type: string, format: date}}}
    Cat: {type: object, required: [species], properties: {species: {type: string}, claws: {type: integer}}}
    Dog: {type: object, required: [species, bark], properties: {species: {type: string}, bark: {type: string}}}
`

// generated opens a provider that is inferred from the document.
func generated(t *testing.T) *openapi.Provider {
	t.Helper()
	return inferred(t, generatedDocument)
}

func scopeOf(reference string, body any) *template.Scope {
	resource, _ := body.(map[string]any)
	return &template.Scope{Fake: fake.New(7), Body: body, Resource: resource, Now: time.Unix(1_700_000_000, 0), Run: map[string]any{"reference": reference}}
}

func respond(t *testing.T, p *openapi.Provider, id, example string, s *template.Scope) (openapi.Reply, map[string]any) {
	t.Helper()
	op, err := p.Operation(id)
	if err != nil || op == nil {
		t.Fatalf("%s: %v", id, err)
	}
	reply, err := p.Reply(op, example, nil, s)
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if len(reply.Body) > 0 && reply.Body[0] == '{' {
		if err := json.Unmarshal(reply.Body, &body); err != nil {
			t.Fatalf("%v: %s", err, reply.Body)
		}
		if err := op.ValidateResponse(reply.Status, reply.Body); err != nil {
			t.Errorf("%s: %v\n%s", id, err, reply.Body)
		}
	}
	return reply, body
}

func TestGeneratedResponse(t *testing.T) {
	p := generated(t)
	reply, body := respond(t, p, "createThing", "", scopeOf("42", nil))
	if reply.Status != http.StatusCreated || body["id"] != 42.0 {
		t.Errorf("%d %s", reply.Status, reply.Body)
	}
	if _, shown := body["secret"]; shown {
		t.Error("a response has a member that only requests have")
	}
	if iban, _ := body["iban"].(string); !strings.HasPrefix(iban, "GB") {
		t.Errorf("iban %q", iban)
	}
	owner, _ := body["owner"].(map[string]any)
	if owner["first_name"] != fake.New(7).FirstName || owner["role"] != "admin" {
		t.Errorf("owner %v: want the generated person and the default", owner)
	}
	if pet, _ := body["pet"].(map[string]any); pet["species"] != "feline" {
		t.Errorf("pet %v: want the discriminator of its branch", pet)
	}
	again, _ := respond(t, p, "createThing", "", scopeOf("42", nil))
	other, _ := respond(t, p, "createThing", "", &template.Scope{Fake: fake.New(8), Run: map[string]any{"reference": "42"}})
	if string(again.Body) != string(reply.Body) || string(other.Body) == string(reply.Body) {
		t.Error("responses do not follow from the seed")
	}
}

func TestGeneratedResponseRepeatsRequest(t *testing.T) {
	sent := map[string]any{"kind": "large", "email": "not an address", "size": nil, "tags": []any{"a", "b", "c"}, "extra": map[string]any{"n": 1}, "owner": map[string]any{"first_name": "Zed"}, "id": 5}
	_, body := respond(t, generated(t), "createThing", "", scopeOf("42", sent))
	owner, _ := body["owner"].(map[string]any)
	extra, _ := body["extra"].(map[string]any)
	if tags, _ := body["tags"].([]any); body["kind"] != "large" || body["size"] != nil || len(tags) != 3 || extra["n"] != 1.0 || owner["first_name"] != "Zed" {
		t.Errorf("%v: want what was sent", body)
	}
	if body["email"] == "not an address" || body["id"] != 42.0 {
		t.Errorf("email %v, id %v: want what the schema accepts, and the run's reference", body["email"], body["id"])
	}
}

func TestGeneratedRequestAndOthers(t *testing.T) {
	p := generated(t)
	op, err := p.Operation("createThing")
	if err != nil {
		t.Fatal(err)
	}
	mediaType, body := op.RequestExample()
	if mediaType != "application/json" || body.Lookup("secret") == nil || body.Lookup("id") != nil {
		t.Errorf("request %s %v", mediaType, body)
	}
	if reply, _ := respond(t, p, "getText", "", scopeOf("", nil)); string(reply.Body) != "hello" || !slices.Contains(reply.Header, [2]string{"Content-Type", "text/plain"}) {
		t.Errorf("text: %q %v", reply.Body, reply.Header)
	}
	if reply, _ := respond(t, p, "getNothing", "", scopeOf("", nil)); reply.Status != http.StatusNoContent || len(reply.Body)+len(reply.Header) > 0 {
		t.Errorf("no content: %d %q %v", reply.Status, reply.Body, reply.Header)
	}
	if reply, body := respond(t, p, "getThing", "404", scopeOf("", nil)); reply.Status != http.StatusNotFound || body["why"] == nil {
		t.Errorf("documented error: %d %s", reply.Status, reply.Body)
	}
}
