package mockserver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/openapi"
)

// Form tells what a call to an operation takes.
func (e *Engine) Form(_ context.Context, provider, operation string) (control.Form, error) {
	_, op, err := e.operation(provider, operation)
	if err != nil {
		return control.Form{}, err
	}
	form, err := op.Form()
	if err != nil {
		return control.Form{}, err
	}
	told := control.Form{ID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, MediaType: form.MediaType, Fields: []control.FormField{}}
	if json.Valid(form.Example) {
		told.Example = form.Example
	}
	for _, f := range form.Fields {
		told.Fields = append(told.Fields, control.FormField{Name: f.Name, In: f.In, Type: f.Type, Format: f.Format,
			Description: f.Description, Required: f.Required, Subject: f.Subject, Enum: f.Enum, Example: f.Example})
	}
	return told, nil
}

// Call calls an operation as an app would, for the account that plays what nobody has named one for if none is named.
func (e *Engine) Call(ctx context.Context, want control.CallRequest) (control.PlayResult, error) {
	if want.Account == everybody {
		want.Account = demo
	}
	p, op, err := e.operation(want.Provider, want.Operation)
	if err != nil {
		return control.PlayResult{}, control.Invalidf("%w", err)
	}
	mediaType, example := "", []byte(nil)
	form, err := op.Form()
	if err != nil {
		return control.PlayResult{}, err
	}
	if mediaType = form.MediaType; mediaType != "" {
		example = form.Example
	}
	if want.Body != nil {
		example = want.Body
	}
	path, query := op.Path, url.Values{}
	for name, value := range want.Parameters {
		if filled := strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(value)); filled != path {
			path = filled
			continue
		}
		query.Set(name, value)
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return e.request(ctx, p, op.Method, path, mediaType, example, want.Headers, want.Account, want.Scenario)
}

// request makes a call as an app would make it, and tells what came of it.
func (e *Engine) request(ctx context.Context, p *provider, method, path, mediaType string, body []byte, headers map[string]string, account, scenario string) (control.PlayResult, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+p.Name+".localhost"+path, bytes.NewReader(body))
	if err != nil {
		return control.PlayResult{}, err
	}
	if mediaType != "" {
		r.Header.Set("Content-Type", mediaType)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	p.SetCredential(r, account)
	reply, err := e.Take(p, r, scenario)
	if err != nil {
		return control.PlayResult{}, err
	}
	if reply.Sent != nil {
		reply.Sent()
	}
	result := control.PlayResult{Run: reply.Run, Reference: reply.Run, Status: reply.Status, Body: reply.Body}
	if reply.Hang { // there is no answer to tell of
		result.Status, result.Body = 0, nil
	}
	return result, nil
}

func (e *Engine) operation(provider, id string) (*provider, *openapi.Operation, error) {
	p := e.providers.of(provider)
	if p == nil {
		return nil, nil, fmt.Errorf("no provider is called %q, want one of %v: %w", provider, e.names, store.ErrNotFound)
	}
	op, err := p.Operation(id)
	if err == nil && op == nil {
		err = fmt.Errorf("%s has no operation %q: %w", provider, id, store.ErrNotFound)
	}
	return p, op, err
}
