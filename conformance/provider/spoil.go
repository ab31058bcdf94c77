package provider

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/idmock/idmock/openapi"
)

func cut(_ *runner, m *message) {
	if n := len(m.body); n > 1 && !strings.Contains(m.header.Get("Content-Type"), "form") {
		m.body = m.body[:n-1]
	}
}

func noBody(_ *runner, m *message) { m.body = nil }

func array(_ *runner, m *message) {
	if strings.HasPrefix(string(m.body), "{") {
		m.body = []byte("[1]")
	}
}

// fields are the members of the request's body.
func (m *message) fields() map[string]any {
	var fields map[string]any
	if json.Unmarshal(m.body, &fields) != nil {
		return nil
	}
	return fields
}

// without leaves out one member each time. Only those that are required make it a bad request.
func without(_ *runner, m *message) []*message {
	var all []*message
	fields := m.fields()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		rest := maps.Clone(fields)
		delete(rest, name)
		all = append(all, m.withFields(rest))
	}
	return all
}

// wrongType puts an object where a text or a number belongs.
func wrongType(_ *runner, m *message) []*message {
	var all []*message
	fields := m.fields()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if _, object := fields[name].(map[string]any); object {
			continue
		}
		changed := maps.Clone(fields)
		changed[name] = map[string]any{"not": "this"}
		all = append(all, m.withFields(changed))
	}
	return all
}

func (m *message) withFields(fields map[string]any) *message {
	made := m.clone()
	made.body, _ = json.Marshal(fields) // what came out of JSON goes into it again
	return made
}

func otherMedia(_ *runner, m *message) {
	if len(m.body) > 0 {
		m.header.Set("Content-Type", "application/x-nobody-takes-this")
	}
}

func unknownPath(_ *runner, m *message) {
	m.op, m.path = nil, strings.TrimSuffix(m.path, "/")+"/of-this-no-document-knows"
}

// otherMethod asks by the first method that the document does not have on this path.
func otherMethod(r *runner, m *message) []*message {
	for _, method := range []string{http.MethodPatch, http.MethodDelete, http.MethodPut, http.MethodGet} {
		bad := m.clone()
		bad.method = method
		if _, refused := bad.understood(r.Provider); refused != nil && refused.Kind == openapi.Method {
			return []*message{bad}
		}
	}
	return nil
}

func tooLarge(_ *runner, m *message) {
	if len(m.body) > 0 {
		m.body = append([]byte(`{"filler":"`), bytes.Repeat([]byte("x"), openapi.MaxBody)...)
	}
}

// noKey takes the key out again, wherever it was put.
func noKey(r *runner, m *message) {
	m.key = ""
	for _, values := range []map[string][]string{m.header, m.query} {
		for name := range keyPlaces(r, m) {
			delete(values, name)
		}
	}
}

// keyPlaces are the names of the headers and parameters that carry the key.
func keyPlaces(r *runner, m *message) map[string]bool {
	places := map[string]bool{}
	bare := &message{method: m.method, path: m.path}
	request, err := http.NewRequest(m.method, "http://provider.invalid"+bare.path, nil)
	if err != nil {
		return nil
	}
	r.setKey(request, goodKey)
	for name := range request.Header {
		places[name] = true
	}
	for name := range request.URL.Query() {
		places[name] = true
	}
	return places
}

// withKey gives the message another key.
func (r *runner) withKey(m *message, key string) *message {
	made := m.clone()
	noKey(r, made)
	request := &http.Request{Method: m.method, URL: &url.URL{Scheme: "http", Host: "provider.invalid", Path: m.path, RawQuery: made.query.Encode()}, Header: made.header, Host: "provider.invalid"}
	r.setKey(request, key)
	made.header, made.query = request.Header, request.URL.Query()
	return made
}

// malformedKey writes the key in ways in which no key is written.
func malformedKey(_ *runner, m *message) []*message {
	if m.header.Get("Authorization") == "" {
		return nil
	}
	var all []*message
	for _, text := range []string{"Basic %%%", "not-a-scheme", "Basic bm9jb2xvbg=="} {
		bad := m.clone()
		bad.key = ""
		bad.header.Set("Authorization", text)
		all = append(all, bad)
	}
	return all
}

// otherKey makes every documented request with a key that is refused: the one that was given, or else what the folder
// takes for one, which only a mock need do too.
func otherKey(kind openapi.Kind, given func(*runner) string, known string, everywhere bool) func(*runner) ([]*message, error) {
	return func(r *runner) ([]*message, error) {
		key := given(r)
		if key == "" {
			if !r.mock && !everywhere {
				return nil, nil
			}
			return spoilt(kind, func(r *runner, m *message) []*message { return []*message{r.withKey(m, known)} })(r)
		}
		requests, err := documented(r)
		var all []*message
		for _, m := range requests {
			if !m.op.Public && len(keyPlaces(r, m)) > 0 {
				m.key, m.refused = key, &openapi.Error{Kind: kind}
				all = append(all, m)
			}
		}
		return all, err
	}
}
