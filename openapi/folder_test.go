package openapi_test

import (
	_ "embed"
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
		"events/done.json": {Data: []byte(doneJSON)},
	}
}

var (
	//go:embed testdata/acme/provider.yaml
	providerYAML string
	//go:embed testdata/acme/openapi.yaml
	openapiYAML string
	//go:embed testdata/acme/events/done.json
	doneJSON string
)

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

// scope is a scope as the engine renders with it.
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
