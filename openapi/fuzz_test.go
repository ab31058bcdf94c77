package openapi_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/idmock/idmock/openapi"
)

// Match accepts any request or refuses it with an error that renders as JSON.
func FuzzMatch(f *testing.F) {
	for _, seed := range []struct{ method, path, key, mediaType, body string }{
		{"POST", "/acme/check", "k", "application/json", `{"number":"1","age":3,"deep":{"here":true}}`},
		{"POST", "/acme/check?verbose=true", "k", "application/json", `{"name":"Ada","born":null}`},
		{"POST", "/check", "test_1", "application/x-www-form-urlencoded", "number=007&age=3"},
		{"POST", "/acme/check", "bad-1", "text/plain", "\xff"},
		{"GET", "/acme/checks/c-1/", "k", "", ""},
		{"GET", "/acme/search?q=%zz", "", "", ""},
		{"PUT", "/acme/settings", "k\x00", "application/json", "[[[["},
		{"POST", "/acme/check", "k", "application/json", `{"number":1e999,"number":-0}`},
		{"POST", "/acme//check", "k", "application/json; charset=\"", `null`},
	} {
		f.Add(seed.method, seed.path, seed.key, seed.mediaType, seed.body)
	}
	p := open(f, acme())
	f.Fuzz(func(t *testing.T, method, path, key, mediaType, body string) {
		u, err := url.ParseRequestURI(path)
		if err != nil || !strings.HasPrefix(u.Path, "/") {
			return // net/http would not hand it on either
		}
		r := httptest.NewRequest("GET", "/", strings.NewReader(body))
		r.Method, r.URL, r.Header = method, u, http.Header{"X-Key": {key}, "Content-Type": {mediaType}}
		call, err := p.Match(r)
		if call == nil {
			t.Fatal("nil call")
		}
		if err == nil {
			if call.Operation == nil || string(call.Raw) != body {
				t.Fatalf("understood as %+v", call)
			}
			if _, err := json.Marshal(call.Body); err != nil {
				t.Fatalf("body is not JSON: %v", err)
			}
			return
		}
		var refused *openapi.Error
		if !errors.As(err, &refused) || refused.Kind == openapi.Internal || refused.Message == "" {
			t.Fatalf("refused with %#v", err)
		}
		reply, err := p.Refuse(refused, call.Scope())
		if err != nil || !json.Valid(reply.Body) || reply.Status < 400 {
			t.Fatalf("refused with %d %s, %v", reply.Status, reply.Body, err)
		}
	})
}
