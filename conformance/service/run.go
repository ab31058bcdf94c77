package service

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
)

// The states of a run.
const (
	stateRunning = "running"
	stateEnded   = "ended"
	stateStopped = "stopped"
	stateFailed  = "failed" // the checks could not be run as requested
)

// run is a run of checks.
type run struct {
	service *Service
	check   func(ctx context.Context, onResult func(conformance.Result)) (*conformance.Report, error)
	strict  bool
	failOn  conformance.Level
	waivers conformance.Waivers
	stop    context.CancelFunc
	ended   chan struct{} // closed at the end

	mu      sync.Mutex
	state   control.CheckRun // ID and Account are constant once the run has started
	results []conformance.Result
	final   *conformance.Report // nil until the end
}

// snapshot returns the current state.
func (r *run) snapshot() control.CheckRun {
	r.mu.Lock()
	defer r.mu.Unlock()
	state := r.state
	state.Counts = maps.Clone(state.Counts)
	return state
}

// record writes the current state to the journal.
func (r *run) record(ctx context.Context) error {
	s := r.snapshot()
	return r.service.engine.Log(ctx, s.Account, journal.CheckRun{ID: s.ID, What: s.Kind, Provider: s.Provider, URL: s.URL, State: s.State, Seed: s.Seed,
		Total: s.Total, Done: s.Done, Counts: s.Counts, Code: s.Code, Headline: s.Headline, Conclusion: s.Conclusion})
}

// execute runs the checks, and records each result and the end in the journal.
func (r *run) execute(ctx context.Context) {
	defer close(r.ended)
	report, err := r.check(ctx, func(result conformance.Result) { r.add(context.WithoutCancel(ctx), result) })
	if err == nil {
		report.Waive(r.waivers)
		report.Finish()
	}
	r.end(report, err)
	_ = r.record(context.WithoutCancel(ctx)) // fails only if the store is closed
}

// end sets the final state.
func (r *run) end(report *conformance.Report, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.Ended = time.Now().UTC()
	if err != nil {
		r.state.State, r.state.Conclusion = stateFailed, message(err)
		return
	}
	code := report.ExitCode()
	r.final, r.results = report, nil
	r.state.State, r.state.Code, r.state.Conclusion, r.state.Headline, r.state.Advice = stateEnded, &code, report.Sentence(), report.Headline, report.Advice
	if !report.Complete {
		r.state.State = stateStopped
	}
	r.state.Done, r.state.Counts = len(report.Results), map[string]int{}
	for _, result := range report.Results {
		r.state.Counts[string(result.Verdict)]++
	}
}

// add adds a result and records it in the journal.
func (r *run) add(ctx context.Context, result conformance.Result) {
	r.mu.Lock()
	r.results = append(r.results, result)
	r.state.Done++
	r.state.Counts[string(result.Verdict)]++
	entry := journal.Check{CheckRun: r.state.ID, ID: result.ID, Level: string(result.Level), Verdict: string(result.Verdict), Reason: result.Reason, Done: r.state.Done, Total: r.state.Total}
	account := r.state.Account
	r.mu.Unlock()
	_ = r.service.engine.Log(ctx, account, entry) // fails only if the store is closed
}

// report returns the results so far. The caller must not change it.
func (r *run) report() *conformance.Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.final != nil {
		return r.final
	}
	s := r.state
	report := &conformance.Report{Tool: "idmock " + r.service.engine.Version(), Kind: s.Kind, Target: s.URL, Profile: s.Provider, Seed: s.Seed, Began: s.Started, Took: time.Since(s.Started),
		Strict: r.strict, FailOn: r.failOn, Headline: s.Conclusion, Untested: s.State == stateFailed, Results: slices.Clone(r.results)}
	report.Finish()
	return report
}

// encode encodes a result as reports do, without escaping < and &.
func encode(result conformance.Result) (json.RawMessage, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(result); err != nil {
		return nil, fmt.Errorf("result of %s: %w", result.ID, err)
	}
	return b.Bytes(), nil
}
