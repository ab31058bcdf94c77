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
	"github.com/idmock/idmock/mockserver/control/client"
	"github.com/idmock/idmock/openapi"
)

// Answer is the response to a request.
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
		a.t.Fatalf("the response is not a JSON object: %v: %s", err, a.Body)
	}
	return v
}

// At returns the member at a path such as "verification.reference", as text. It is empty if there is none.
func (a Answer) At(path string) string {
	a.t.Helper()
	var v any = a.JSON()
	for name := range strings.SplitSeq(path, ".") {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// Call requests an operation of a provider with the account's credential, as an application does. A string body is sent
// unchanged, nil sends none, anything else is encoded as JSON. An error response is returned like any other.
func (a *Account) Call(provider, operation string, body any) Answer {
	a.Server.t.Helper()
	return a.Server.Do(a.Request(provider, operation, body))
}

// CallAs is Call with a scenario selected by its header.
func (a *Account) CallAs(scenario, provider, operation string, body any) Answer {
	a.Server.t.Helper()
	r := a.Request(provider, operation, body)
	r.Header.Set(mockserver.ScenarioHeader, scenario)
	return a.Server.Do(r)
}

// Request returns the request that Call sends.
func (a *Account) Request(provider, operation string, body any) *http.Request {
	t := a.Server.t
	t.Helper()
	p, op := a.Server.operation(provider, operation)
	r, err := http.NewRequestWithContext(t.Context(), op.Method, a.Server.URL()+p.Prefix+op.Path, encode(t, body))
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	p.SetCredential(r, a.Name)
	return r
}

// Control requests the control API for the account. path is relative to [control.Base], such as "/clock/advance".
func (a *Account) Control(method, path string, body any) Answer {
	t := a.Server.t
	t.Helper()
	r, err := a.Client().NewRequest(t.Context(), method, path, body)
	if err != nil {
		t.Fatal(err)
	}
	return a.Server.Do(r)
}

// Client returns a client of the control API for the account, over the server's connections.
func (a *Account) Client() *client.Client {
	a.Server.t.Helper()
	c, err := client.New(a.Server.URL(), client.Options{HTTP: a.Server.client})
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return c.For(a.Name)
}

// Do sends a request and reads the response. Any goroutine may call it: a request without a response is reported as an
// error of the test and returns status 0.
func (s *Server) Do(r *http.Request) Answer {
	s.t.Helper()
	response, err := s.client.Do(r)
	if err != nil {
		s.t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		return Answer{t: s.t}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Errorf("%s %s: read the response: %v", r.Method, r.URL.Path, err)
	}
	return Answer{Status: response.StatusCode, Header: response.Header, Body: body, t: s.t}
}

// operation finds an operation and its provider.
func (s *Server) operation(provider, id string) (*openapi.Provider, *openapi.Operation) {
	s.t.Helper()
	for _, p := range s.providers {
		if p.Name == provider {
			op, err := p.Operation(id)
			if err != nil {
				s.t.Fatal(err)
			}
			if op != nil {
				return p, op
			}
		}
	}
	s.t.Fatalf("provider %q has no operation %q", provider, id)
	return nil, nil
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
