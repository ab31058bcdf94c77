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

// How a run stands.
const (
	running = "running"
	over    = "ended"
	stopped = "stopped"
	failed  = "failed" // it could not be made as it was asked for
)

// run is one run of checks.
type run struct {
	runs    *Runs
	make    func(ctx context.Context, tell func(conformance.Result)) (*conformance.Report, error)
	strict  bool
	waivers conformance.Waivers
	stop    context.CancelFunc
	ended   chan struct{} // closed when it has

	mu      sync.Mutex
	told    control.CheckRun // its ID and Account do not change once it goes
	results []conformance.Result
	end     *conformance.Report // nil while it goes on
}

// now is how the run stands.
func (r *run) now() control.CheckRun {
	r.mu.Lock()
	defer r.mu.Unlock()
	told := r.told
	told.Counts = maps.Clone(told.Counts)
	return told
}

// tell writes how the run stands into the journal.
func (r *run) tell(ctx context.Context) error {
	t := r.now()
	return r.runs.engine.Log(ctx, t.Account, journal.CheckRun{ID: t.ID, What: t.Kind, Provider: t.Provider, URL: t.URL, State: t.State, Seed: t.Seed,
		Total: t.Total, Done: t.Done, Counts: t.Counts, Code: t.Code, Headline: t.Headline, Sentence: t.Sentence})
}

// play makes the checks, and tells the journal of each and of the end.
func (r *run) play(ctx context.Context) {
	defer close(r.ended)
	report, err := r.make(ctx, func(result conformance.Result) { r.take(context.WithoutCancel(ctx), result) })
	r.mu.Lock()
	r.told.Ended = time.Now().UTC()
	if err != nil {
		r.told.State, r.told.Sentence = failed, explain(err)
	} else {
		report.Waive(r.waivers)
		report.Finish()
		code := report.ExitCode()
		r.end, r.results = report, nil
		r.told.State, r.told.Code, r.told.Sentence, r.told.Headline, r.told.Advice = over, &code, report.Sentence(), report.Headline, report.Advice
		if !report.Complete {
			r.told.State = stopped
		}
		r.told.Done, r.told.Counts = len(report.Results), map[string]int{}
		for _, result := range report.Results {
			r.told.Counts[string(result.Verdict)]++
		}
	}
	r.mu.Unlock()
	_ = r.tell(context.WithoutCancel(ctx)) // a store that is closed has nobody who reads
}

// take notes a result.
func (r *run) take(ctx context.Context, result conformance.Result) {
	r.mu.Lock()
	r.results = append(r.results, result)
	r.told.Done++
	r.told.Counts[string(result.Verdict)]++
	told := journal.Check{CheckRun: r.told.ID, ID: result.ID, Level: string(result.Level), Verdict: string(result.Verdict), Reason: result.Reason, Done: r.told.Done, Total: r.told.Total}
	account := r.told.Account
	r.mu.Unlock()
	_ = r.runs.engine.Log(ctx, account, told) // as above
}

// report is what is known by now. It must not be changed.
func (r *run) report() *conformance.Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.end != nil {
		return r.end
	}
	t := r.told
	made := &conformance.Report{Tool: "idmock " + r.runs.engine.Version(), Kind: t.Kind, Target: t.URL, Profile: t.Provider, Seed: t.Seed, Began: t.Began, Took: time.Since(t.Began),
		Strict: r.strict, Headline: t.Sentence, Untested: t.State == failed, Results: slices.Clone(r.results)}
	for i := range made.Results { // Finish writes into them
		made.Results[i].Exchanges = slices.Clone(made.Results[i].Exchanges)
	}
	made.Finish()
	return made
}

// encode writes a result as a report does, with < and & as they are.
func encode(result conformance.Result) (json.RawMessage, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(result); err != nil {
		return nil, fmt.Errorf("result of %s: %w", result.ID, err)
	}
	return b.Bytes(), nil
}
