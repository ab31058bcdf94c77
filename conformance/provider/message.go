package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/openapi"
)

// message is a request, and what the document makes of it.
type message struct {
	op      *openapi.Operation // nil: the request is to none
	method  string
	path    string // below the base URL, escaped
	query   url.Values
	header  http.Header
	body    []byte
	refused *openapi.Error // what it is refused with; nil: it is not
	key     string         // takes the place of goodKey on the wire

	example string // the documented answer that is asked for
	status  int
}

func (m *message) clone() *message {
	made := *m
	made.query, made.header = url.Values{}, m.header.Clone()
	for name, values := range m.query {
		made.query[name] = append([]string(nil), values...)
	}
	return &made
}

// name says what the message is to.
func (m *message) name() string {
	if m.op != nil && m.example != "" {
		return m.op.ID + " example " + m.example
	}
	if m.op != nil {
		return m.op.ID
	}
	return m.method + " " + m.path
}

// request is the message to a base URL.
func (m *message) request(ctx context.Context, base string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, m.method, base+m.path, bytes.NewReader(m.body))
	if err != nil {
		return nil, err
	}
	r.URL.RawQuery = m.query.Encode()
	r.Header = m.header.Clone()
	return r, nil
}

// understood asks the document what it makes of the message: nil is a request that is to be served.
func (m *message) understood(p *openapi.Provider) (*openapi.Call, *openapi.Error) {
	r, err := m.request(context.Background(), "http://provider.invalid")
	if err != nil {
		return nil, &openapi.Error{Kind: openapi.Internal, Message: err.Error()}
	}
	call, err := p.Match(r)
	var refused *openapi.Error
	if errors.As(err, &refused) {
		return call, refused
	}
	return call, nil
}

// goodKey is a key that the document has nothing against: what it is asked about carries this one, and not the real one,
// which may look like a bad one of a mock.
const goodKey = "a-good-key"

// documented is the request that the document shows of an operation, with a good key. Parameters that it shows no value
// of get one that it takes.
func (t Target) documented(op *openapi.Operation, key string) (*message, error) {
	form, err := op.Form()
	if err != nil {
		return nil, err
	}
	m := &message{op: op, key: key, method: op.Method, path: op.Path, query: url.Values{}, header: http.Header{}, body: form.Example}
	if form.Example != nil {
		m.header.Set("Content-Type", form.MediaType)
		if strings.Contains(form.MediaType, "form") {
			if err := m.encodeForm(form); err != nil {
				return nil, err
			}
		}
	}
	r, err := m.request(context.Background(), "http://provider.invalid")
	if err != nil {
		return nil, err
	}
	t.setKey(r, goodKey)
	m.header, m.query = r.Header, r.URL.Query()
	for _, f := range form.Fields {
		if f.In == "body" || f.In != "path" && (!f.Required || m.query.Has(f.Name) || m.header.Get(f.Name) != "") {
			continue
		}
		values := append(append([]string(nil), f.Enum...), "5a6d1c0e-0000-4000-8000-000000000001", "605a6d1c0e00004000800000", "1", "true", "2026-01-01")
		for _, value := range values {
			tried := m.clone()
			tried.put(f.In, f.Name, value)
			_, refused := tried.understood(t.Provider)
			if refused == nil || refused.Field != f.Name && refused.Kind != openapi.UnknownPath {
				m = tried
				break
			}
		}
	}
	_, m.refused = m.understood(t.Provider)
	return m, nil
}

// put sets a parameter.
func (m *message) put(in, name, value string) {
	switch in {
	case "path":
		m.path = strings.ReplaceAll(m.path, "{"+name+"}", url.PathEscape(value))
	case "query":
		m.query.Set(name, value)
	case "header":
		m.header.Set(name, value)
	case "body":
		var body map[string]any
		if json.Unmarshal(m.body, &body) == nil && body != nil {
			body[name] = value
			if made, err := json.Marshal(body); err == nil {
				m.body = made
			}
		}
	}
}

// encodeForm writes the example as the form that the operation takes.
func (m *message) encodeForm(form openapi.Form) error {
	var fields map[string]any
	if err := json.Unmarshal(form.Example, &fields); err != nil {
		return fmt.Errorf("%s: the documented form is no object: %w", m.op.ID, err)
	}
	values := url.Values{}
	for name, value := range fields {
		values.Set(name, fmt.Sprint(value))
	}
	if form.MediaType == "application/x-www-form-urlencoded" {
		m.body = []byte(values.Encode())
		return nil
	}
	const boundary = "a-part-of-the-form"
	var b strings.Builder
	for name := range values {
		fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", boundary, name, values.Get(name))
	}
	b.WriteString("--" + boundary + "--\r\n")
	m.body = []byte(b.String())
	m.header.Set("Content-Type", form.MediaType+"; boundary="+boundary)
	return nil
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   []byte
	err    error
	shown  conformance.Exchange
}

// send puts a message on the wire.
func (r *runner) send(m *message) *reply {
	if m.key != "" {
		m = r.withKey(m, m.key)
	}
	request, err := m.request(r.ctx, r.URL)
	if err != nil {
		return &reply{err: err}
	}
	began := time.Now()
	made := &reply{}
	response, err := r.client.Do(request)
	if err == nil {
		made.status, made.header = response.StatusCode, response.Header
		made.body, err = io.ReadAll(io.LimitReader(response.Body, openapi.MaxBody))
		response.Body.Close()
	}
	made.err = err
	made.shown = r.show(m, request, made)
	made.shown.Took, made.shown.Ended = time.Since(began), time.Now()
	return made
}
