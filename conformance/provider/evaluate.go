package provider

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/provider/internal/exchange"
	"github.com/idmock/idmock/conformance/provider/internal/multicall"
)

// evaluate runs a check and determines its verdict.
func (r *runner) evaluate(ctx context.Context, c *Check) conformance.Result {
	result := conformance.Result{Check: c.Check, Verdict: conformance.Pass, Repeat: r.repeat(c.ID)}
	began := time.Now()
	found, err := r.find(ctx, c)
	switch {
	case err != nil:
		result.Verdict, result.Reason = conformance.Error, err.Error()
	case found.Expected != "":
		result.Verdict, result.Cause = c.Level.Missed(), c.Cause
		result.Expected, result.Got = found.Expected, found.Got
		result.Reason = "expected " + found.Expected + ", got " + found.Got
	case found.Inconclusive != "":
		result.Verdict, result.Reason = conformance.Inconclusive, found.Inconclusive
	case found.NotApplicable != "":
		result.Verdict, result.Reason = conformance.NotApplicable, found.NotApplicable
	}
	result.Exchanges, result.Took = found.Exchanges, time.Since(began)
	return result
}

// find runs the multicall of a check, or sends its requests and evaluates each response. Of several wrong responses it
// returns the first, and the number of the others.
func (r *runner) find(ctx context.Context, c *Check) (multicall.Finding, error) {
	if c.StrictTargets && r.session.Local {
		return multicall.Finding{NotApplicable: "the server calls local addresses, as mocks do for tests on one machine: start it with --targets strict"}, nil
	}
	if c.Multicall != "" {
		return multicall.Run(ctx, c.Multicall, r.session, c.multicall())
	}
	var found multicall.Finding
	total, wrong := 0, 0
	for _, name := range c.Requests {
		calls, err := r.send(ctx, name)
		if err != nil {
			return found, err
		}
		total += len(calls)
		for _, call := range calls {
			if call.Got.Err != nil {
				return found, fmt.Errorf("%s: %w", call.Name(), call.Got.Err)
			}
			expected, got := r.contract.Evaluate(c.Evaluate, call.Request, call.Got)
			if expected == "" {
				continue
			}
			if wrong++; wrong == 1 {
				shown := call.Got.Exchange
				shown.Expected = expected
				found = multicall.Finding{Expected: expected, Got: call.Name() + ": " + got, Exchanges: []conformance.Exchange{shown}}
			}
		}
	}
	if total == 0 {
		found.NotApplicable = c.NotApplicable
	}
	if wrong > 1 {
		found.Got += fmt.Sprintf(" (and %d more of %d)", wrong-1, total)
	}
	return found, nil
}

// send sends the requests of a name, four at a time, unless they were sent before.
func (r *runner) send(ctx context.Context, name string) ([]exchange.Call, error) {
	if calls, ok := r.calls[name]; ok {
		return calls, nil
	}
	requests, err := r.corpus.Requests(name)
	if err != nil {
		return nil, err
	}
	calls := make([]exchange.Call, len(requests))
	var running sync.WaitGroup
	slots := make(chan struct{}, 4)
	for i, request := range requests {
		slots <- struct{}{}
		running.Go(func() {
			calls[i] = exchange.Call{Request: request, Got: r.session.Send(ctx, request)}
			<-slots
		})
	}
	running.Wait()
	r.calls[name] = calls
	return calls, nil
}
