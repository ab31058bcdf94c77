package openapi_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/openapi"
)

const form = "Content-Type: application/x-www-form-urlencoded"

func TestMatchRefuses(t *testing.T) {
	for _, c := range []struct {
		name, method, path, body string
		more                     []string
		want                     openapi.Error // an empty Field or Allow must be empty; Message is part of the message
	}{
		{"no key", "POST", "/acme/check", `{"number":"1"}`, []string{"X-Key"}, openapi.Error{Kind: openapi.MissingCredential, Field: "X-Key", Message: "header X-Key"}},
		{"an empty key", "POST", "/acme/check", `{"number":"1"}`, []string{"X-Key: "}, openapi.Error{Kind: openapi.MissingCredential, Field: "X-Key"}},
		{"a bad key", "POST", "/acme/check", `{"number":"1"}`, []string{"X-Key: bad-1"}, openapi.Error{Kind: openapi.BadCredential, Field: "X-Key"}},
		{"a control character in the key", "POST", "/acme/check", `{"number":"1"}`, []string{"X-Key: a\x1fb"}, openapi.Error{Kind: openapi.BadCredential, Field: "X-Key"}},
		{"another control character", "POST", "/acme/check", `{"number":"1"}`, []string{"X-Key: a\u0085b"}, openapi.Error{Kind: openapi.BadCredential, Field: "X-Key"}},
		{"an unknown path", "POST", "/acme/nowhere", `{}`, nil, openapi.Error{Kind: openapi.UnknownPath, Message: "/acme/nowhere"}},
		{"an unknown path without a key", "POST", "/acme/nowhere", `{}`, []string{"X-Key"}, openapi.Error{Kind: openapi.MissingCredential, Field: "X-Key"}},
		{"a path with a slash too many", "POST", "/acme/check/", `{"number":"1"}`, nil, openapi.Error{Kind: openapi.UnknownPath}},
		{"a path with a slash too few", "GET", "/acme/checks/c-1", "", nil, openapi.Error{Kind: openapi.UnknownPath}},
		{"a path with two slashes", "POST", "/acme//check", `{"number":"1"}`, nil, openapi.Error{Kind: openapi.UnknownPath}},
		{"the wrong method", "DELETE", "/acme/settings", "", nil, openapi.Error{Kind: openapi.Method, Allow: "GET, HEAD, PUT", Message: "DELETE is not allowed here, use GET, HEAD, PUT"}},
		{"no media type", "POST", "/acme/check", `{"number":"1"}`, []string{"Content-Type"}, openapi.Error{Kind: openapi.MediaType, Field: "Content-Type", Message: "application/json or application/x-www-form-urlencoded"}},
		{"the wrong media type", "POST", "/acme/check", `<a/>`, []string{"Content-Type: text/xml; charset=utf-8"}, openapi.Error{Kind: openapi.MediaType, Field: "Content-Type", Message: "text/xml"}},
		{"a broken media type", "POST", "/acme/check", `{"number":"1"}`, []string{"Content-Type: ;;"}, openapi.Error{Kind: openapi.MediaType, Field: "Content-Type"}},
		{"no body", "POST", "/acme/check", "", nil, openapi.Error{Kind: openapi.Invalid, Field: "body", Message: "required"}},
		{"bad JSON", "POST", "/acme/check", `{"number":}`, nil, openapi.Error{Kind: openapi.BadJSON, Message: "at byte 11"}},
		{"half JSON", "POST", "/acme/check", `{"number":"1"`, nil, openapi.Error{Kind: openapi.BadJSON, Message: "not JSON"}},
		{"garbage after JSON", "POST", "/acme/check", `{"number":"1"} x`, nil, openapi.Error{Kind: openapi.BadJSON}},
		{"JSON after JSON", "POST", "/acme/check", `{"number":"1"}{"number":"2"}`, nil, openapi.Error{Kind: openapi.BadJSON, Message: "more than one"}},
		{"JSON of the wrong kind", "POST", "/acme/check", `[1]`, nil, openapi.Error{Kind: openapi.Invalid, Field: "body"}},
		{"null", "POST", "/acme/check", `null`, nil, openapi.Error{Kind: openapi.Invalid, Field: "body"}},
		{"none of the alternatives", "POST", "/acme/check", `{"age":3}`, nil, openapi.Error{Kind: openapi.Invalid, Field: "number, name and born", Message: "one of these fields is required: number, name and born"}},
		{"half of an alternative", "POST", "/acme/check", `{"name":"Ada"}`, nil, openapi.Error{Kind: openapi.Invalid, Field: "number, name and born"}},
		{"the wrong type", "POST", "/acme/check", `{"number":"1","age":"three"}`, nil, openapi.Error{Kind: openapi.Invalid, Field: "age", Message: "age: "}},
		{"a fraction for a whole number", "POST", "/acme/check", `{"number":"1","age":1.5}`, nil, openapi.Error{Kind: openapi.Invalid, Field: "age"}},
		{"no match of the pattern", "POST", "/acme/check", `{"number":"one"}`, nil, openapi.Error{Kind: openapi.Invalid, Field: "number", Message: "number: "}},
		{"too short", "POST", "/acme/check", `{"name":"A","born":"x"}`, nil, openapi.Error{Kind: openapi.Invalid, Field: "name"}},
		{"a field missing deep down", "POST", "/acme/check", `{"number":"1","deep":{}}`, nil, openapi.Error{Kind: openapi.Invalid, Field: "deep.here", Message: "deep.here: this field is required"}},
		{"the wrong type deep down", "POST", "/acme/check", `{"number":"1","deep":{"here":1}}`, nil, openapi.Error{Kind: openapi.Invalid, Field: "deep.here"}},
		{"a form without the field", "POST", "/acme/check", "age=3", []string{form}, openapi.Error{Kind: openapi.Invalid, Field: "number, name and born"}},
		{"a form with the wrong type", "POST", "/acme/check", "number=1&age=three", []string{form}, openapi.Error{Kind: openapi.Invalid, Field: "age"}},
		{"a broken form", "POST", "/acme/check", "number=%zz", []string{form}, openapi.Error{Kind: openapi.BadJSON, Message: "form"}},
		{"a bad path parameter", "GET", "/acme/checks/x/", "", nil, openapi.Error{Kind: openapi.Invalid, Field: "id"}},
		{"a bad query parameter", "POST", "/acme/check?verbose=maybe", `{"number":"1"}`, nil, openapi.Error{Kind: openapi.Invalid, Field: "verbose"}},
		{"a bad header", "POST", "/acme/check", `{"number":"1"}`, []string{"X-Trace: 0"}, openapi.Error{Kind: openapi.Invalid, Field: "x-trace"}},
		{"no query parameter", "GET", "/acme/search", "", []string{"Page: 1"}, openapi.Error{Kind: openapi.Invalid, Field: "q", Message: "this query parameter is required"}},
		{"no header", "GET", "/acme/search?q=x", "", nil, openapi.Error{Kind: openapi.Invalid, Field: "page", Message: "this header parameter is required"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			call, err := open(t, acme()).Match(request(c.method, c.path, c.body, c.more...))
			var got *openapi.Error
			if !errors.As(err, &got) {
				t.Fatalf("error %v", err)
			}
			if got.Kind != c.want.Kind || got.Field != c.want.Field || got.Allow != c.want.Allow || !strings.Contains(got.Message, c.want.Message) {
				t.Errorf("refused with %+v, want %+v", got, c.want)
			}
			if call == nil {
				t.Fatal("the call is nil, want one for the journal")
			}
			if wantKey := got.Kind != openapi.MissingCredential && got.Kind != openapi.BadCredential && c.path[:6] != "/acme/s"; wantKey && call.Account != "key-1" && call.Operation != nil && !call.Operation.Public {
				t.Errorf("the call is of account %q", call.Account)
			}
		})
	}
}

func TestMatchUnderstands(t *testing.T) {
	for _, c := range []struct {
		name, method, path, body string
		more                     []string
		operation                string
		want                     openapi.Call
	}{
		{"JSON", "POST", "/acme/check", `{"number":"7","age":3,"more":[1.5,null]}`, nil, "verifyPerson",
			openapi.Call{Account: "key-1", Subject: "7", Body: map[string]any{"number": "7", "age": 3, "more": []any{1.5, nil}}}},
		{"JSON with a charset", "POST", "/check", `{"number":7}`, []string{"Content-Type: application/json; charset=utf-8"}, "verifyPerson",
			openapi.Call{Account: "key-1", Subject: "7", Body: map[string]any{"number": 7}}},
		{"a large number", "POST", "/check", `{"number":22222222222}`, nil, "verifyPerson",
			openapi.Call{Account: "key-1", Subject: "22222222222", Body: map[string]any{"number": 22222222222}}},
		{"space around JSON", "POST", "/acme/check", " {\"number\":\"7\"}\r\n", nil, "verifyPerson", openapi.Call{Account: "key-1", Subject: "7", Body: map[string]any{"number": "7"}}},
		{"a form", "POST", "/acme/check", "number=007&age=3&number=8&extra=", []string{form}, "verifyPerson",
			openapi.Call{Account: "key-1", Subject: "007", Body: map[string]any{"number": "007", "age": 3, "extra": ""}}},
		{"the other subject", "POST", "/acme/check", `{"name":"Ada","born":"x"}`, nil, "verifyPerson",
			openapi.Call{Account: "key-1", Subject: "Ada", Body: map[string]any{"name": "Ada", "born": "x"}}},
		{"query and header", "POST", "/acme/check?verbose=true&x=1&x=2", `{"number":"7"}`, []string{"X-Trace: 3"}, "verifyPerson",
			openapi.Call{Account: "key-1", Subject: "7", Query: map[string]string{"verbose": "true", "x": "1"}, Body: map[string]any{"number": "7"}}},
		{"a path parameter", "GET", "/acme/checks/c-12/", "", nil, "getCheck",
			openapi.Call{Account: "key-1", Reference: "c-12", Path: map[string]string{"id": "c-12"}}},
		{"an unexpected body", "GET", "/acme/settings", `not JSON`, []string{"Content-Type: text/plain"}, "getSettings", openapi.Call{Account: "key-1"}},
		{"a body that may be missing", "PUT", "/acme/settings", "", nil, "putSettings", openapi.Call{Account: "key-1"}},
		{"no account", "GET", "/acme/search?q=x", "", []string{"X-Key", "Page: 2"}, "searchAll", openapi.Call{Query: map[string]string{"q": "x"}}},
		{"the sandbox's value", "POST", "/acme/check", `{"number":"214"}`, []string{"X-Key: test_1"}, "verifyPerson",
			openapi.Call{Account: "test_1", Subject: "214", Sandbox: "found", Body: map[string]any{"number": "214"}}},
		{"another value in the sandbox", "POST", "/acme/check", `{"number":215}`, []string{"X-Key: test_1"}, "verifyPerson",
			openapi.Call{Account: "test_1", Subject: "215", Sandbox: "lost", Body: map[string]any{"number": 215}}},
		{"nothing listed in the sandbox", "GET", "/acme/settings", "", []string{"X-Key: test_1"}, "getSettings", openapi.Call{Account: "test_1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			call, err := open(t, acme()).Match(request(c.method, c.path, c.body, c.more...))
			if err != nil {
				t.Fatal(err)
			}
			if call.Operation.ID != c.operation || string(call.Raw) != c.body {
				t.Errorf("understood as %s, raw %s", call.Operation.ID, call.Raw)
			}
			got := openapi.Call{Account: call.Account, Subject: call.Subject, Reference: call.Reference, Sandbox: call.Sandbox, Body: call.Body, Path: call.Path, Query: call.Query}
			if diff := cmp.Diff(text(t, c.want), text(t, got)); diff != "" {
				t.Errorf("understood otherwise (-want +got):\n%s", diff)
			}
			if !cmp.Equal(c.want.Body, got.Body) { // JSON hides that a number is an int
				t.Errorf("body %#v, want %#v", got.Body, c.want.Body)
			}
		})
	}
}

func text(t testing.TB, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestBodiesOverTheLimit(t *testing.T) {
	p := open(t, acme())
	for size, want := range map[int]openapi.Kind{openapi.MaxBody: openapi.Invalid, openapi.MaxBody + 1: openapi.TooLarge} {
		const head, tail = `{"age":"`, `"}`
		body := io.MultiReader(strings.NewReader(head), io.LimitReader(endless{}, int64(size-len(head)-len(tail))), strings.NewReader(tail))
		r := httptest.NewRequest("POST", "/acme/check", body)
		r.Header.Set("X-Key", "k")
		r.Header.Set("Content-Type", "application/json")
		_, err := p.Match(r)
		if refused, ok := err.(*openapi.Error); !ok || refused.Kind != want {
			t.Errorf("a body of %d bytes: %v, want %s", size, err, want)
		}
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

func TestABodyThatBreaksOff(t *testing.T) {
	r := httptest.NewRequest("POST", "/acme/check", io.MultiReader(strings.NewReader(`{"num`), broken{}))
	r.Header.Set("X-Key", "k")
	if _, err := open(t, acme()).Match(r); err == nil || !strings.Contains(err.Error(), "gone away") {
		t.Errorf("error %v", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("gone away") }

func TestOwns(t *testing.T) {
	p := open(t, acme())
	for _, c := range []struct {
		host, path string
		want       bool
	}{
		{"mock.example", "/acme/check", true},
		{"mock.example", "/acme", true},
		{"mock.example", "/acmeism/check", false},
		{"mock.example", "/check", false},
		{"mock.example", "/", false},
		{"api.acme.example", "/check", true},
		{"acme.localhost", "/check", true},
		{"other.localhost", "/check", false},
	} {
		if p.Owns(c.host, c.path) != c.want {
			t.Errorf("%s%s: %v", c.host, c.path, !c.want)
		}
	}
}

func TestTheKeyMayStandInTheQuery(t *testing.T) {
	p := open(t, with("provider.yaml", "  header: X-Key\n", "  query: key\n"))
	r := request("GET", "/acme/settings", "", "X-Key")
	if _, err := p.Match(r); err == nil || err.(*openapi.Error).Field != "key" || !strings.Contains(err.Error(), "query parameter key") {
		t.Errorf("without a key: %v", err)
	}
	p.SetCredential(r, "a&b")
	if call, err := p.Match(r); err != nil || call.Account != "a&b" {
		t.Errorf("account %q, error %v", call.Account, err)
	}
}
