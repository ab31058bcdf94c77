package openapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi"
)

// acme is a folder that has one of everything.
func acme() fstest.MapFS {
	return fstest.MapFS{
		"provider.yaml":    {Data: []byte(providerYAML)},
		"openapi.yaml":     {Data: []byte(openapiYAML)},
		"events/done.json": {Data: []byte(`{"event":"done","data":"${example(run.operation, 'success')}"}`)},
	}
}

const providerYAML = `title: Acme
hosts: [api.acme.example]
credential:
  header: X-Key
  reject: '^bad-'
credentials:
  api_key: '${account.name}'
  public_key: 'pk_${fake.hex("public", 8)}'
errors:
  missing-credential: {status: 401, body: {error: '${error.message}', kind: '${error.kind}'}}
  bad-credential: {status: 403, body: {error: '${error.message}'}}
  unknown-path: {status: 404, body: {error: '${error.message}'}}
  method: {status: 405, body: {error: '${error.message}'}}
  media-type: {status: 415, body: {error: '${error.message}'}}
  too-large: {status: 413, body: {error: '${error.message}'}}
  bad-json: {status: 400, body: {error: '${error.message}'}}
  invalid: {status: 422, body: {error: '${error.message}', field: '${error.field}'}}
  internal: {status: 500, body: {error: '${error.message}'}}
  unavailable: {status: 503, body: {error: '${error.message}'}}
runs:
  - on: verify*
    subject: [body.number, body.name]
  - on: getCheck
    find: path.id
    missing: missing
webhook:
  timeout: 5s
  accept: [2xx]
  retry: [1s, 1m, 1d]
  headers:
    - [Content-Type, application/json]
    - [X-Signature, '${signature}']
    - [X-Nothing, '${run.nothing}']
  signature: {scheme: base64-key, secret: public_key}
events:
  check.done: {webhook: done, template: events/done.json, overlay: /data, description: It is done.}
dashboard:
  getSettings: read
  putSettings: {update: body.url}
  testSettings: {test: check.done}
sandbox:
  keys: '^test_'
  values:
    verify*: [{number: 214}]
guesses: [all of it]
`

const openapiYAML = `openapi: 3.1.0
info: {title: Acme, version: "1"}
paths:
  /check:
    post:
      operationId: verifyPerson
      summary: Check somebody
      tags: [people]
      parameters:
        - {name: verbose, in: query, schema: {type: boolean}}
        - {name: X-Trace, in: header, schema: {type: integer, minimum: 1}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Request"}
            example: {number: "123", age: 30}
          application/x-www-form-urlencoded:
            schema: {$ref: "#/components/schemas/Request"}
      responses:
        "200": {$ref: "#/components/responses/Person"}
        "503":
          description: It is down.
          content:
            application/json:
              schema: {type: object}
              examples: {unavailable: {value: {down: true}}}
        4XX:
          description: Refused.
          content:
            application/json: {schema: {type: object, required: [error]}}
  /checks/{id}/:
    get:
      operationId: getCheck
      parameters: [{name: id, in: path, required: true, schema: {type: string, pattern: "^c-[0-9]+$"}}]
      responses:
        "200":
          description: What became of it.
          content:
            application/json:
              schema: {type: object}
              examples:
                found: {value: {id: c-1}}
                missing: {value: {id: null}}
  /search:
    get:
      operationId: searchAll
      security: []
      parameters: [{name: q, in: query, required: true, schema: {type: string}}, {name: Page, in: header, required: true, schema: {type: integer}}]
      responses: {"200": {description: All., content: {application/json: {example: []}}}}
  /settings:
    get:
      operationId: getSettings
      x-idmock-dashboard: true
      responses: {"200": {description: Settings., content: {application/json: {example: {url: ""}}}}}
    put:
      operationId: putSettings
      x-idmock-dashboard: true
      requestBody: {content: {application/json: {schema: {type: object}, example: {url: "http://app/hook"}}}}
      responses: {"200": {description: Settings., content: {application/json: {example: {url: ""}}}}}
  /settings/test:
    post:
      operationId: testSettings
      x-idmock-dashboard: true
      responses: {"200": {description: Sent., content: {application/json: {example: {sent: true}}}}}
webhooks:
  done:
    post:
      operationId: receiveDone
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [event, data]
              properties:
                event: {type: string}
                data: {$ref: "#/components/schemas/Person"}
      responses: {"200": {description: Thanks.}}
components:
  responses:
    Person:
      description: Somebody.
      content:
        application/json:
          schema: {$ref: "#/components/schemas/Person"}
          examples:
            success: {value: {name: Ada, number: "123", spouse: {name: Bob}, friends: [{name: Cy}]}}
            nobody: {value: {name: null}}
  schemas:
    Request:
      type: object
      anyOf: [{required: [number]}, {required: [name, born]}]
      properties:
        number: {type: [string, integer], pattern: "^[0-9]+$"}
        name: {type: string, minLength: 2}
        born: {type: string}
        age: {type: integer}
        deep: {type: object, required: [here], properties: {here: {type: boolean}}}
    Person:
      type: object
      required: [name]
      properties:
        name: {type: [string, "null"], x-idmock-value: "${fake.first_name}"}
        number: {type: string, x-idmock-value: "${string(subject)}"}
        spouse: {$ref: "#/components/schemas/Person"}
        friends: {type: array, items: {$ref: "#/components/schemas/Person"}}
`

func open(t testing.TB, folder fstest.MapFS) *openapi.Provider {
	t.Helper()
	p, err := openapi.Open("acme", folder)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func operation(t testing.TB, p *openapi.Provider, id string) *openapi.Operation {
	t.Helper()
	op, err := p.Operation(id)
	if err != nil || op == nil {
		t.Fatalf("operation %s: %v, %v", id, op, err)
	}
	return op
}

// scope is what the engine renders with.
func scope(t testing.TB, p *openapi.Provider, subject string) *template.Scope {
	t.Helper()
	credentials, err := p.Credentials("key-1", 1)
	if err != nil {
		t.Fatal(err)
	}
	return &template.Scope{Subject: subject, Account: credentials, Run: map[string]any{"operation": "verifyPerson"}, Fake: fake.New(fake.Seed(1, subject))}
}

// request is a call with a good key. Each of more is a header as Name: value, or a method.
func request(method, path, body string, more ...string) *http.Request {
	r := httptest.NewRequest(method, "http://mock.example"+path, strings.NewReader(body))
	r.Header.Set("X-Key", "key-1")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, header := range more {
		name, value, _ := strings.Cut(header, ": ")
		if value == "" {
			r.Header.Del(name)
		} else {
			r.Header[http.CanonicalHeaderKey(name)] = []string{value}
		}
	}
	return r
}
