package receiver

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance"
)

// maxLateCanaries is the number of canaries that a busy receiver may answer late, or mix up with the events of slow
// checks, before it counts as stopped.
const maxLateCanaries = 4

// group performs the checks of a group concurrently, those that must be alone after them, and sends a canary. It returns
// why the receiver cannot be tested further, if so.
func (r *runner) group(ctx context.Context, group []*Check) string {
	results := r.performGroup(ctx, group)
	after := r.newSession(&Check{Check: conformance.Check{ID: "after " + group[0].ID, Level: conformance.Must}})
	o, got := after.canary(ctx)
	for tries := 1; (got.Late || o.Unseen) && tries < maxLateCanaries && ctx.Err() == nil; tries++ {
		o, got = after.canary(ctx)
	}
	r.goBlind(o)
	stopped := ""
	if o.Expected != "" && ctx.Err() == nil {
		stopped = fmt.Sprintf("the receiver refused valid events after the checks of %s (%s)", group[0].Group(), o.Got)
		r.blame(group[0].Group(), stopped, results)
	}
	for _, result := range results {
		r.add(result)
	}
	return stopped
}

func (r *runner) performGroup(ctx context.Context, group []*Check) []conformance.Result {
	var results []conformance.Result
	var mu sync.Mutex
	perform := func(c *Check) {
		result := r.perform(ctx, c)
		mu.Lock()
		defer mu.Unlock()
		results = append(results, result)
	}
	var running sync.WaitGroup
	slots := make(chan struct{}, r.target.Parallel)
	for _, c := range group {
		if !c.Alone {
			running.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				perform(c)
			})
		}
	}
	running.Wait()
	for _, c := range group {
		if c.Alone {
			perform(c)
		}
	}
	return results
}

// blame names the check that stopped the receiver and withdraws the verdicts of the others.
func (r *runner) blame(group, stopped string, results []conformance.Result) {
	id := culprit(results)
	headline := "The receiver stopped working: " + stopped + "."
	for i, result := range results {
		if result.ID == id {
			headline = fmt.Sprintf("The receiver stopped working during %s: %s.", id, result.Got)
			results[i].Verdict = conformance.Fail // whatever its level: nothing works afterwards
			continue
		}
		if v := result.Verdict; v == conformance.Pass || v == conformance.Fail || v == conformance.Warn {
			results[i] = conformance.Result{Check: result.Check, Verdict: conformance.Inconclusive, Reason: stopped, Exchanges: result.Exchanges, Took: result.Took}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Headline = headline
	r.report.Advice = fmt.Sprintf("Look at its log. --run '%s/*' runs only these checks.", group)
}

// culprit returns the ID of the check during which the receiver broke: the first that expected a response and got none.
func culprit(results []conformance.Result) string {
	id, first := "", time.Time{}
	for _, result := range results {
		if result.Verdict != conformance.Fail && result.Verdict != conformance.Warn {
			continue
		}
		for _, e := range result.Exchanges {
			if e.Expected != "" && e.Error != "" && (id == "" || e.Ended.Before(first)) {
				id, first = result.ID, e.Ended
			}
		}
	}
	return id
}
