package openapi_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/openapi"
)

// anywhere is acme with a key that may stand in three places, and one operation that is called with something else.
func anywhere(t *testing.T) *openapi.Provider {
	t.Helper()
	folder := acme()
	was := string(folder["provider.yaml"].Data)
	from := strings.Index(was, "credential:")
	to := strings.Index(was, "credentials:")
	if from < 0 || to < from {
		t.Fatal("the test's folder has changed")
	}
	folder["provider.yaml"].Data = []byte(was[:from] + `credential:
  header: X-Key
  scheme: Bearer
  query: key
  body: key
  reject: '^pub_'
  other: [{on: verifyPerson, query: app, body: app}]
parameters: anywhere
trailing_slash: true
` + was[to:])
	return open(t, folder)
}

func TestCredentialIsFoundWhereItIs(t *testing.T) {
	p := anywhere(t)
	const form, text = "application/x-www-form-urlencoded", "application/json"
	for _, c := range []struct {
		method, path, mediaType, body, header string
		account                               string
		kind                                  openapi.Kind // of the refusal
	}{
		{method: "POST", path: "/no-such-path?key=k", account: "k", kind: openapi.UnknownPath},
		{method: "POST", path: "/no-such-path", body: `{"key":"k"}`, account: "k", kind: openapi.UnknownPath},
		{method: "POST", path: "/no-such-path", mediaType: form, body: `key=k`, account: "k", kind: openapi.UnknownPath},
		{method: "POST", path: "/no-such-path", mediaType: text, body: `{"key":17}`, account: "17", kind: openapi.UnknownPath},
		{method: "POST", path: "/no-such-path", header: "k", account: "k", kind: openapi.UnknownPath},
		{method: "POST", path: "/no-such-path", header: "bearer k", account: "k", kind: openapi.UnknownPath},
		{method: "POST", path: "/no-such-path?app=a", account: "a", kind: openapi.UnknownPath},
		{method: "POST", path: "/no-such-path?key=in-query", header: "in-header", account: "in-header", kind: openapi.UnknownPath},
		{method: "POST", path: "/no-such-path?key=pub_1", kind: openapi.BadCredential},
		{method: "POST", path: "/no-such-path", kind: openapi.MissingCredential},
		{method: "POST", path: "/no-such-path", header: "Bearer", kind: openapi.MissingCredential},
		{method: "POST", path: "/no-such-path", mediaType: text, body: `{"key":null}`, kind: openapi.MissingCredential},
		{method: "POST", path: "/no-such-path", mediaType: text, body: `["key"]`, kind: openapi.MissingCredential},
		{method: "POST", path: "/no-such-path", mediaType: text, body: `{"key"`, kind: openapi.UnknownPath},
	} {
		r := httptest.NewRequest(c.method, "http://mock.example"+c.path, strings.NewReader(c.body))
		if c.mediaType != "" {
			r.Header.Set("Content-Type", c.mediaType)
		}
		if c.header != "" {
			r.Header.Set("X-Key", c.header)
		}
		call, err := p.Match(r)
		var refused *openapi.Error
		if !errors.As(err, &refused) || refused.Kind != c.kind || call.Account != c.account {
			t.Errorf("%+v: account %q, %v", c, call.Account, err)
		}
	}
}

// An operation that is called with something else takes that and nothing else.
func TestCredentialOfAnOperation(t *testing.T) {
	p := anywhere(t)
	op := operation(t, p, "verifyPerson")
	_, body, err := op.Request("")
	if err != nil || body == nil {
		t.Fatal(err)
	}
	text, err := body.Append(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{"?app=pub_1": "pub_1", "/?app=pub_1": "pub_1", "?key=k": ""} {
		r := httptest.NewRequest(op.Method, "http://mock.example"+op.Path+query, strings.NewReader(string(text)))
		r.Header.Set("Content-Type", "application/json")
		call, err := p.Match(r)
		if call.Account != want || (err == nil) != (want != "") {
			t.Errorf("%s: account %q, %v, want %q", query, call.Account, err, want)
		}
		if body, _ := call.Body.(map[string]any); want != "" {
			if diff := cmp.Diff("pub_1", body["app"]); diff != "" {
				t.Errorf("%s: the query parameter is missing in the body (-want +got):\n%s", query, diff)
			}
		}
	}
	r := httptest.NewRequest(op.Method, "http://mock.example"+op.Path, nil)
	p.SetCredential(r, "pub_2")
	if got := r.URL.RawQuery; got != "app=pub_2" {
		t.Errorf("a client puts the credential into %q", got)
	}
}

func TestBadCredentialPlaces(t *testing.T) {
	for place, want := range map[string]string{
		"{scheme: Bearer}":                       "header, query, cookie or body",
		"{header: X-Key, other: [{query: app}]}": "on is required",
		"{header: X-Key, other: [{on: look}]}":   "header, query, cookie or body",
	} {
		folder := acme()
		was := string(folder["provider.yaml"].Data)
		folder["provider.yaml"].Data = []byte(was[:strings.Index(was, "credential:")] + "credential: " + place + "\n" + was[strings.Index(was, "credentials:"):])
		if _, err := openapi.Open("acme", folder); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", place, err, want)
		}
	}
}

// Of two schemes in one header, the one that the request has counts.
func TestCredentialOfEitherScheme(t *testing.T) {
	folder := acme()
	was := string(folder["provider.yaml"].Data)
	from, to := strings.Index(was, "credential:"), strings.Index(was, "credentials:")
	folder["provider.yaml"].Data = []byte(was[:from] + `credential:
  header: Authorization
  scheme: Basic
  also: [{header: Authorization, scheme: Bearer}]
` + was[to:])
	p := open(t, folder)
	for header, want := range map[string]string{"Bearer key": "key", "bearer key": "key", "Basic a2V5Og==": "key", "Basic nonsense": ""} {
		r := httptest.NewRequest("GET", "http://mock.example/no-such-path", nil)
		r.Header.Set("Authorization", header)
		if call, err := p.Match(r); call.Account != want {
			t.Errorf("%s: account %q, want %q (%v)", header, call.Account, want, err)
		}
	}
}
