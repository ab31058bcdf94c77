package receiver

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance"
)

// respite is how many events a receiver may answer late that has much to work off, or mix up with those of the checks that
// go on beside, until it counts as stopped.
const respite = 4

// group makes the checks of a group side by side, those that want to be alone after them, and sends a canary. It returns
// why nothing more can be told, if that is so.
func (r *runner) group(ctx context.Context, group []*Check) string {
	var results []conformance.Result
	var mu sync.Mutex
	judged := func(c *Check) {
		result := r.judge(ctx, c)
		mu.Lock()
		defer mu.Unlock()
		results = append(results, result)
	}
	var all sync.WaitGroup
	room := make(chan struct{}, r.target.Parallel)
	for _, c := range group {
		if !c.Alone {
			all.Go(func() {
				room <- struct{}{}
				defer func() { <-room }()
				judged(c)
			})
		}
	}
	all.Wait()
	for _, c := range group {
		if c.Alone {
			judged(c)
		}
	}
	after := r.play(ctx, &Check{Check: conformance.Check{ID: "after " + group[0].ID, Level: conformance.Must}})
	o, got := r.canary(ctx, after)
	for tries := 1; (got.late || o.unseen) && tries < respite && ctx.Err() == nil; tries++ {
		o, got = r.canary(ctx, after)
	}
	r.goBlind(o)
	stopped := ""
	if o.wanted != "" && ctx.Err() == nil {
		name := group[0].Group()
		stopped = fmt.Sprintf("after the checks of %s the receiver took no valid event any more (%s)", name, o.got)
		r.report.Headline = "The receiver stopped working: " + stopped + "."
		r.report.Advice = fmt.Sprintf("Look at its log. --run '%s/*' makes only these checks.", name)
		blame := culprit(results)
		for i := range results {
			if results[i].ID == blame {
				r.report.Headline = fmt.Sprintf("The receiver stopped working during %s: %s.", blame, results[i].Got)
				results[i].Verdict = conformance.Fail // however strongly it is required: nothing works after it
				continue
			}
			if v := results[i].Verdict; v == conformance.Pass || v == conformance.Fail || v == conformance.Warn {
				results[i] = conformance.Result{Check: results[i].Check, Verdict: conformance.Inconclusive, Reason: stopped, Exchanges: results[i].Exchanges, Took: results[i].Took}
			}
		}
	}
	for _, result := range results {
		r.tell(result)
	}
	return stopped
}

// culprit is the check during which the receiver broke: the first that got no answer where it wanted one.
func culprit(results []conformance.Result) string {
	id, first := "", time.Time{}
	for _, result := range results {
		if result.Verdict != conformance.Fail && result.Verdict != conformance.Warn {
			continue
		}
		for _, e := range result.Exchanges {
			if e.Wanted != "" && e.Error != "" && (id == "" || e.Ended.Before(first)) {
				id, first = result.ID, e.Ended
			}
		}
	}
	return id
}
