package widget

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// fakeBackend has one operation, and its clock is frozen.
type fakeBackend struct{}

func (fakeBackend) Offer(_ context.Context, _ string, q Question) (Offer, error) {
	if len(q.Operations) != 1 || q.Operations[0] != "enroll" {
		return Offer{}, errors.New("no such operation")
	}
	return Offer{Scenario: "default"}, nil
}

func (fakeBackend) Limit(context.Context, string, string, time.Duration) (func(context.Context) error, error) {
	return func(context.Context) error { return errors.New("not yet") }, nil
}

// Every request, by any method and host, gets a response or is aborted; a script stays valid for any path.
func FuzzWidget(f *testing.F) {
	for _, seed := range [][3]string{
		{"GET", "acme.localhost", "/acme/a.js"},
		{"GET", "js.acme.example:443", "/v/1.2/b.js"},
		{"GET", "x", "/acme/v/%22;alert(1)/b.js"},
		{"GET", "x", "/acme/v/%3C%2Fscript%3E/b.html"},
		{"OPTIONS", "x", "/acme/_idmock/widget?operation=enroll"},
		{"GET", "x", "/acme/_idmock/widget/elapse?for=27s"},
		{"GET", "x", "/acme/_idmock/widget/elapse?for=9e9h"},
		{"HEAD", "", "/_idmock/widget/../.."},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	w := New(Options{Provider: "acme", Title: "Acme", Prefix: "/acme", Version: "v1", Files: []File{
		{At: "/a.js", Hosts: []string{"js.acme.example"}, Parts: [][]byte{[]byte("a")}},
		{At: "/v/*/b.js", Hosts: []string{"js.acme.example"}, Parts: [][]byte{[]byte("b")}},
		{At: "/v/*/b.html", Parts: [][]byte{[]byte("<script>/*idmock*/</script>")}},
	}}, fakeBackend{})
	f.Fuzz(func(t *testing.T, method, host, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return // net/http would not pass it on
		}
		r := (&http.Request{Method: method, Host: host, URL: u, Header: http.Header{}}).WithContext(t.Context())
		if !w.Owns(r) {
			return
		}
		answer := httptest.NewRecorder()
		func() {
			defer func() {
				if cut := recover(); cut != nil && cut != http.ErrAbortHandler {
					panic(cut)
				}
			}()
			w.ServeHTTP(answer, r)
		}()
		if answer.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Error("lets a page send what its browser knows")
		}
		body := answer.Body.String()
		if i := strings.Index(body, `const served = `); i >= 0 {
			line, _, _ := strings.Cut(body[i:], "\n")
			if strings.ContainsAny(line, "<>") || strings.Count(line, `"`)-strings.Count(line, `\"`) != 12 {
				t.Errorf("%s: %s", target, line)
			}
		}
	})
}
