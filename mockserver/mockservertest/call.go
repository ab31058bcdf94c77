package mockservertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
)

// Answer is what a call got.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte

	t testing.TB
}

// JSON decodes the body.
func (a Answer) JSON() map[string]any {
	a.t.Helper()
	var v map[string]any
	if err := json.Unmarshal(a.Body, &v); err != nil {
		a.t.Fatalf("the answer is not a JSON object: %v: %s", err, a.Body)
	}
	return v
}

// At returns what stands in the body under a path such as "verification.reference", as text. It is empty where there
// is nothing.
func (a Answer) At(path string) string {
	a.t.Helper()
	var v any = a.JSON()
	for step := range strings.SplitSeq(path, ".") {
		object, _ := v.(map[string]any)
		v = object[step]
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// Call makes a call as an app does: to an operation of a provider, with a body that is sent as JSON, or as it is if it
// is a string; nil sends none. What the provider says, success or not, is the answer.
func (a *Account) Call(provider, operation string, body any) Answer {
	a.Server.t.Helper()
	return a.Server.Do(a.Request(provider, operation, body))
}

// CallAs is Call with a scenario chosen by the call itself.
func (a *Account) CallAs(scenario, provider, operation string, body any) Answer {
	a.Server.t.Helper()
	r := a.Request(provider, operation, body)
	r.Header.Set(mockserver.ScenarioHeader, scenario)
	return a.Server.Do(r)
}

// Request returns the request that Call would make.
func (a *Account) Request(provider, operation string, body any) *http.Request {
	t := a.Server.t
	t.Helper()
	p, op := a.Server.operation(provider, operation)
	r, err := http.NewRequestWithContext(t.Context(), op.Method, a.Server.URL()+p.Base+op.Path, encode(t, body))
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, served := range a.Server.providers {
		if served.Name == provider {
			served.SetCredential(r, a.Name)
		}
	}
	return r
}

// Control calls the control API for the account: path is below its base, such as "/clock/advance".
func (a *Account) Control(method, path string, body any) Answer {
	t := a.Server.t
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, a.Server.URL()+control.Base+path, encode(t, body))
	if err != nil {
		t.Fatal(err)
	}
	if a.Name != "" {
		q := r.URL.Query()
		q.Set("account", a.Name)
		r.URL.RawQuery = q.Encode()
	}
	return a.Server.Do(r)
}

// Do makes a request and reads the answer. It may be called from any goroutine; a request that gets no answer is an
// error of the test then, and an Answer with status 0.
func (s *Server) Do(r *http.Request) Answer {
	s.t.Helper()
	reply, err := s.client.Do(r)
	if err != nil {
		s.t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		return Answer{t: s.t}
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		s.t.Errorf("%s %s: read the answer: %v", r.Method, r.URL.Path, err)
	}
	return Answer{Status: reply.StatusCode, Header: reply.Header, Body: body, t: s.t}
}

// operation finds what an operation is called by HTTP.
func (s *Server) operation(provider, id string) (control.Provider, control.Operation) {
	s.t.Helper()
	all, err := s.Control().Catalogue.Providers(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, p := range all {
		for _, op := range p.Operations {
			if p.Name == provider && op.ID == id {
				return p, op
			}
		}
	}
	s.t.Fatalf("provider %q has no operation %q", provider, id)
	return control.Provider{}, control.Operation{}
}

func encode(t testing.TB, body any) io.Reader {
	t.Helper()
	switch body := body.(type) {
	case nil:
		return nil
	case string:
		return strings.NewReader(body)
	}
	src, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(src)
}
