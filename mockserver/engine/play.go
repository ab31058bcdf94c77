package engine

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// Play plays a scenario without an application: its start rule, or else requests to the first operation it has a rule
// for, made from the documented example.
func (e *Engine) Play(ctx context.Context, want control.PlayRequest) (control.PlayResult, error) {
	served, err := e.Library.Find(want.Provider)
	if err != nil {
		return control.PlayResult{}, err
	}
	want.Account = e.Accounts.Caller(want.Account, served.Provider)
	p, m, err := e.find(want.Account, want.Provider, want.Scenario)
	if err != nil {
		return control.PlayResult{}, err
	}
	if m.Has(scenarios.Start) {
		if want.Requests > 0 {
			return control.PlayResult{}, control.Invalidf("requests: scenario %s begins with its start rule, without a request", want.Scenario)
		}
		var reference string
		err := tx.Retry(func() (err error) { // reset meanwhile
			reference, err = e.start(ctx, p, m, want)
			return err
		}, nil)
		return control.PlayResult{Run: reference, Reference: reference}, err
	}
	op, err := library.Starts(p.Provider, m)
	if err != nil {
		return control.PlayResult{}, err
	}
	if op == nil {
		return control.PlayResult{}, control.Invalidf("scenario %s cannot be played by itself: it has no rule for start, nor for an operation that starts a run", want.Scenario)
	}
	var result control.PlayResult
	for result.Requests < max(1, want.Requests) {
		made := result.Requests
		if result, err = e.requestExample(ctx, p, op, want); err != nil {
			return result, err
		}
		result.Requests = made + 1
	}
	return result, nil
}

// requestExample makes the request that an application would make.
func (e *Engine) requestExample(ctx context.Context, p *library.Provider, op *openapi.Operation, want control.PlayRequest) (control.PlayResult, error) {
	mediaType, example, err := op.Request(want.Subject)
	if err != nil {
		return control.PlayResult{}, control.Invalidf("%w: give a body instead of a subject", err)
	}
	body := []byte(want.Body)
	if body == nil && example != nil {
		if body, err = example.Append(nil, nil); err != nil {
			return control.PlayResult{}, err
		}
	}
	r, err := newRequest(ctx, p, op.Method, op.Path, mediaType, body, want.Headers)
	if err != nil {
		return control.PlayResult{}, err
	}
	return e.request(r, p, want.Account, want.Scenario, false)
}

// start starts a run by the scenario's start rule.
func (e *Engine) start(ctx context.Context, p *library.Provider, m *scenarios.Machine, want control.PlayRequest) (string, error) {
	a, err := e.Accounts.Open(ctx, want.Account)
	if err != nil {
		return "", err
	}
	s := e.begin(a, p)
	op, err := p.Starter()
	if err != nil {
		return "", err
	}
	c, err := startCall(op, want)
	if err != nil {
		return "", err
	}
	scope, err := run.RequestScope(a, p.Provider, c, "", s.Now)
	if err != nil {
		return "", err
	}
	r := s.newRun(m, scenarios.Start, c.Subject)
	if err := s.refer(ctx, op, r, scope); err != nil {
		return "", invalid(err)
	}
	if err := r.Remember(c.Body); err != nil {
		return "", err
	}
	scope.Run = r.Values()
	effects, err := r.Step(m, scenarios.Input{On: scenarios.Start, Scope: scope})
	if err != nil {
		return "", invalid(err)
	}
	mark := s.Mark()
	if err := s.apply(ctx, m, r, effects, s.Now); err != nil {
		return "", err
	}
	if err := s.logRun(mark, r, nil, scenarios.Start, ""); err != nil {
		return "", err
	}
	if err := r.Put(s.Tx); err != nil {
		return "", err
	}
	return r.Reference, s.Commit(ctx)
}

// startCall is the request that would start the run which a start rule begins without one: it has the run's subject and
// reference.
func startCall(op *openapi.Operation, want control.PlayRequest) (*openapi.Call, error) {
	body := []byte(want.Body)
	if len(body) == 0 {
		_, example, err := op.Request(want.Subject)
		if err != nil {
			return nil, control.Invalidf("subject: %w", err)
		}
		if example != nil {
			if body, err = example.Append(nil, nil); err != nil {
				return nil, err
			}
		}
	}
	c := &openapi.Call{Operation: op}
	if len(body) > 0 {
		var err error
		if c.Body, err = template.DecodeJSON(body); err != nil {
			return nil, control.Invalidf("body: %w", err)
		}
	}
	c.Subject = cmp.Or(want.Subject, op.Subject(c.Scope()))
	return c, nil
}

// Call requests an operation as an application would.
func (e *Engine) Call(ctx context.Context, want control.CallRequest) (control.PlayResult, error) {
	if want.Account == account.Default {
		want.Account = e.Accounts.Caller(want.Account, nil)
	}
	p, op, err := e.Library.Operation(want.Provider, want.Operation)
	if err != nil {
		return control.PlayResult{}, invalid(err)
	}
	form, err := op.Form()
	if err != nil {
		return control.PlayResult{}, err
	}
	body := []byte(want.Body)
	if body == nil && form.MediaType != "" {
		body = form.Example
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
	r, err := newRequest(ctx, p, op.Method, path, form.MediaType, body, want.Headers)
	if err != nil {
		return control.PlayResult{}, err
	}
	if want.Quiet && !op.DashboardVerb().Reads() {
		return control.PlayResult{}, control.Invalidf("invalid quiet: %s does not only read dashboard settings", want.Operation)
	}
	if want.Preview {
		return control.PlayResult{Preview: preview(r, p, want.Account, body)}, nil
	}
	return e.request(r, p, want.Account, want.Scenario, want.Quiet)
}

// preview shows a request with an account's credential, and what the provider would find wrong with it.
func preview(r *http.Request, p *library.Provider, account string, body []byte) *control.Preview {
	p.SetCredential(r, account)
	shown := &control.Preview{Method: r.Method, URL: r.URL.RequestURI(), Headers: SortedHeaders(r), Body: string(body)}
	_, err := p.Match(r)
	if problem, ok := errors.AsType[*openapi.Error](err); ok {
		shown.Problem = &control.Problem{Field: problem.Field, Message: problem.Message}
	}
	return shown
}

func newRequest(ctx context.Context, p *library.Provider, method, path, mediaType string, body []byte, headers map[string]string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+p.Name+".localhost"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if mediaType != "" {
		r.Header.Set("Content-Type", mediaType)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	return r, nil
}

// request makes a request in the name of an account.
func (e *Engine) request(r *http.Request, p *library.Provider, account, scenario string, quiet bool) (control.PlayResult, error) {
	p.SetCredential(r, account)
	in := Incoming{Method: r.Method, Path: r.URL.RequestURI(), Headers: SortedHeaders(r), Scenario: scenario, Quiet: quiet,
		Prefer: strings.Join(r.Header["Prefer"], ","), Started: time.Now()}
	response, err := e.Handle(r, p, in)
	if err != nil {
		return control.PlayResult{}, err
	}
	if response.Sent != nil {
		response.Sent()
	}
	result := control.PlayResult{Run: response.Run, Reference: response.Run, Status: response.Status, Body: response.Body}
	if response.Hang { // there is no response
		result.Status, result.Body = 0, nil
	}
	return result, nil
}
