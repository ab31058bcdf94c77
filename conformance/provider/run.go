package provider

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/provider/internal/evaluate"
	"github.com/idmock/idmock/conformance/provider/internal/exchange"
	"github.com/idmock/idmock/conformance/provider/internal/inbox"
	"github.com/idmock/idmock/conformance/provider/internal/session"
	"github.com/idmock/idmock/internal/fake"
)

// requestTimeout limits a request to the server.
const requestTimeout = 30 * time.Second

// Run tests a provider. onResult, if not nil, receives each result as soon as it is known. When ctx ends, the report contains
// the results so far and is not complete. The error is [ErrUsage] if the target cannot be tested as described.
func Run(ctx context.Context, t Target, onResult func(conformance.Result)) (*conformance.Report, error) {
	if t.Seed == 0 {
		t.Seed = fake.RandomSeed()
	}
	if err := t.setDefaults(); err != nil {
		return nil, err
	}
	selected, err := Select(t)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	transport := &http.Transport{MaxIdleConnsPerHost: 8, DialContext: t.Dial}
	defer transport.CloseIdleConnections()
	r := newRunner(t, transport)
	if t.Listen != "" {
		if r.session.Listener, err = inbox.Listen(t.Listen, t.ListenURL); err != nil {
			return nil, fmt.Errorf("%w: --listen %s: %w", ErrUsage, t.Listen, err)
		}
		defer r.session.Listener.Close()
	}
	report := &conformance.Report{Tool: "idmock " + t.Version, Kind: "provider", Target: t.URL, Profile: t.Provider.Name, Seed: t.Seed, Began: began.UTC(), Complete: true, Strict: t.Strict}
	r.prepare(ctx, report)
	r.runAll(ctx, selected, func(result conformance.Result) {
		r.session.Redactor.Result(&result)
		report.Results = append(report.Results, result)
		if onResult != nil {
			onResult(result)
		}
	})
	report.Complete = ctx.Err() == nil
	report.Took = time.Since(began)
	r.session.Redactor.Report(report)
	report.Finish()
	return report, nil
}

// runner runs the checks of a target.
type runner struct {
	Target
	session  *session.Session
	corpus   *exchange.Corpus
	contract evaluate.Contract
	calls    map[string][]exchange.Call // by the name of the requests: each request is sent once for all checks
	skip     string                     // the reason for which no check can run; empty: none
}

func newRunner(t Target, transport *http.Transport) *runner {
	noRedirects := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client := &exchange.Client{Provider: t.Provider, URL: t.URL, Redactor: t.redactor(),
		HTTP: &http.Client{Transport: transport, Timeout: requestTimeout, CheckRedirect: noRedirects}}
	r := &runner{
		Target:   t,
		session:  &session.Session{Client: client, Key: t.Key, OtherKey: t.OtherKey, Seed: t.Seed},
		corpus:   &exchange.Corpus{Client: client, Keys: exchange.Keys{Good: t.Key, Bad: t.BadKey, Forbidden: t.Forbidden}},
		contract: evaluate.Contract{Provider: t.Provider, Account: t.Key, BadKey: t.BadKey},
		calls:    map[string][]exchange.Call{},
	}
	if t.DNS != nil {
		r.session.DNS = t.DNS
	}
	return r
}

// runAll runs the checks and passes on each result. Slow checks run concurrently with the others, and are reported last.
func (r *runner) runAll(ctx context.Context, checks []*Check, done func(conformance.Result)) {
	slow := make(chan conformance.Result, len(checks))
	pending := 0
	for _, c := range checks {
		if c.Slow {
			pending++
			go func() { slow <- r.run(ctx, c) }()
		}
	}
	for _, c := range checks {
		if !c.Slow {
			done(r.run(ctx, c))
		}
	}
	for range pending {
		done(<-slow)
	}
}

// run runs a check, unless the run was stopped or no check can run.
func (r *runner) run(ctx context.Context, c *Check) conformance.Result {
	skipped := conformance.Result{Check: c.Check, Verdict: conformance.Skip, Reason: r.skip, Repeat: r.repeat(c.ID)}
	if ctx.Err() != nil {
		skipped.Reason = "stopped before it was run"
		return skipped
	}
	if r.skip != "" {
		return skipped
	}
	result := r.evaluate(ctx, c)
	if ctx.Err() != nil { // interrupted requests prove nothing
		result.Verdict, result.Reason = conformance.Skip, "stopped while it was running"
	}
	return result
}
