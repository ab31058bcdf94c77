package receiver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/evidence"
	"github.com/idmock/idmock/conformance/receiver/mutate"
	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/conformance/receiver/wire"
	"github.com/idmock/idmock/internal/fake"
)

// errBudget ends a run that takes longer than its budget.
var errBudget = errors.New("the budget of time was used up")

// stopReason is why checks are skipped once ctx has ended.
func stopReason(ctx context.Context, when string) string {
	if errors.Is(context.Cause(ctx), errBudget) {
		return "not run: " + errBudget.Error() + " (--budget)"
	}
	return "stopped " + when + " this check"
}

// restartTimeout bounds the restart hook: the application may have to finish its work first.
const restartTimeout = time.Minute

// runner performs the checks of one run.
type runner struct {
	profile  *Profile
	target   Target
	client   *http.Client // of the hooks; nil: the default client
	wire     *wire.Target
	api      *evidence.API
	observer *evidence.Observer
	builder  *mutate.Builder
	redactor *conformance.Redactor
	random   *rand.Rand
	throttle throttle       // deferred events of all checks
	side     sync.WaitGroup // requests that continue beside the checks
	lag      lag

	tolerance time.Duration // accepted age of an event, if less than usual; 0: not known

	mu     sync.Mutex // guards report; onResult is called with mu held
	report *conformance.Report

	onResult func(conformance.Result)
}

// Run tests a receiver. onResult, if not nil, receives every result as soon as it is known, one at a time. When ctx ends,
// the report contains the results so far and says that it is incomplete. The error is [ErrUsage] if the target cannot be
// tested as it is described.
func Run(ctx context.Context, t Target, onResult func(conformance.Result)) (*conformance.Report, error) {
	began := time.Now()
	t.setDefaults()
	if t.Seed == 0 {
		t.Seed = fake.RandomSeed()
	}
	if t.nonce == "" {
		t.nonce = strconv.FormatInt(began.UnixNano(), 36)
	}
	if err := t.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	chosen, err := Select(t)
	if err != nil {
		return nil, err
	}
	r, err := newRunner(t, onResult)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if t.Serving != nil {
		t.Serving(r.api.URL)
	}
	r.report = &conformance.Report{Tool: "idmock " + t.Version, Kind: "receiver", Target: t.URL, Profile: r.profile.Name, Seed: t.Seed, Began: began.UTC(),
		Complete: true, FailOn: t.FailOn, Strict: t.Strict, Evidence: r.evidence()}
	if t.Budget > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, t.Budget, errBudget)
		defer cancel()
	}
	measuring, stopMeasuring := context.WithCancel(ctx)
	var meter sync.WaitGroup
	meter.Go(func() { r.lag.measure(measuring) })
	r.all(ctx, chosen)
	stopMeasuring()
	meter.Wait()
	if err := r.api.Close(); err != nil { // it also sends the responses that side requests wait for
		r.report.Evidence = append(r.report.Evidence, err.Error())
	}
	r.side.Wait()
	if r.client != nil {
		r.client.CloseIdleConnections()
	}
	r.report.Took = time.Since(began)
	r.fold(chosen)
	r.redactor.Report(r.report)
	r.report.Finish()
	return r.report, nil
}

// newRunner connects the rooms. It starts the API.
func newRunner(t Target, onResult func(conformance.Result)) (*runner, error) {
	p, err := t.Profile()
	if err != nil {
		return nil, err
	}
	to, err := wire.New(t.URL, t.CAFile)
	if err != nil {
		return nil, err
	}
	if t.Dial != nil {
		to.Open = t.Dial
	}
	var client *http.Client
	if to.Roots != nil || t.Dial != nil { // the application's other URLs have the same certificate and the same dial rules
		client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: to.Roots}, DialContext: t.Dial}}
		for _, h := range t.hooks() {
			h.Client = client
		}
	}
	t.Restart.Timeout = restartTimeout
	api, err := evidence.StartAPI(p, t.apiConfig())
	if err != nil {
		return nil, err
	}
	r := &runner{profile: p, target: t, client: client, wire: to, api: api, onResult: onResult,
		builder:  &mutate.Builder{Profile: p, Target: to, KeysURL: api.KeysURL},
		redactor: t.redactor(p), random: rand.New(rand.NewPCG(t.Seed, 1))}
	r.observer = &evidence.Observer{Probe: t.Probe, API: api, Settle: t.Settle, Allowance: r.lag.allowance}
	return r, nil
}

// evidence lists the sources of evidence.
func (r *runner) evidence() []string {
	var all []string
	if r.target.Probe.IsSet() {
		all = append(all, "probe "+r.target.Probe.URL+r.target.Probe.Command)
	}
	return append(all, "requests to the API at "+r.api.URL)
}

// add puts a result into the report.
func (r *runner) add(result conformance.Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	result.Repeat = r.target.repeat(result.ID)
	r.redactor.Result(&result)
	r.report.Results = append(r.report.Results, result)
	if r.onResult != nil {
		r.onResult(result)
	}
}

// headline sets the report's headline and the advice, unless there is one already.
func (r *runner) headline(advice, headline string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.report.Headline == "" {
		r.report.Headline, r.report.Advice = fmt.Sprintf(headline, args...), advice
	}
}

// all performs the checks: the canary, then the slow ones beside all others, group by group with a canary after each, the
// core first, and at last those that come last.
func (r *runner) all(ctx context.Context, chosen []*Check) {
	var ready []*Check
	for _, c := range chosen {
		if reason := c.Inapplicable(r.profile); reason != "" {
			r.settle(c, conformance.NotApplicable, reason)
			continue
		}
		ready = append(ready, c)
	}
	if !r.reset(ctx, ready) || !r.reachable(ctx, ready) {
		return
	}
	ready, ok := r.first(ctx, ready)
	if !ok {
		return
	}
	r.random.Shuffle(len(ready), func(i, j int) { ready[i], ready[j] = ready[j], ready[i] })
	var slow sync.WaitGroup
	var groups, last [][]*Check
	for _, c := range ready {
		if c.Slow {
			slow.Go(func() { r.add(r.perform(ctx, c)) })
			continue
		}
		if c.Last {
			last = append(last, []*Check{c})
			continue
		}
		i := slices.IndexFunc(groups, func(g []*Check) bool { return g[0].Core == c.Core && g[0].Group() == c.Group() })
		if i < 0 {
			i, groups = len(groups), append(groups, nil)
		}
		groups[i] = append(groups[i], c)
	}
	slices.SortStableFunc(groups, func(a, b []*Check) int { // the core first
		switch {
		case a[0].Core == b[0].Core:
			return 0
		case a[0].Core:
			return -1
		}
		return 1
	})
	ordinary, cancel := r.reserve(ctx, len(last))
	stopped := r.groups(ordinary, groups, "")
	cancel()
	slow.Wait()
	r.groups(ctx, last, stopped)
	if ctx.Err() != nil || ordinary.Err() != nil && context.Cause(ordinary) == errBudget {
		r.report.Complete = false
	}
}

// lastReserve is the part of the budget that is left to the checks that come last.
const lastReserve = 40 * time.Second

// reserve returns the context of the other checks, which ends before the budget: a slow receiver can lose events, too.
func (r *runner) reserve(ctx context.Context, last int) (context.Context, context.CancelFunc) {
	if last == 0 || r.target.Budget <= 2*lastReserve {
		return ctx, func() {}
	}
	deadline, _ := ctx.Deadline() // of the budget
	return context.WithDeadlineCause(ctx, deadline.Add(-lastReserve), errBudget)
}

// reset empties the application. If it fails, the checks are settled.
func (r *runner) reset(ctx context.Context, ready []*Check) bool {
	if !r.target.Reset.IsSet() {
		return true
	}
	_, err := r.target.Reset.Call(ctx, http.MethodPost, &profile.Subject{})
	if err == nil {
		return true
	}
	if !r.cancelled(ctx, ready) {
		r.report.Untested = true
		r.headline("--reset must be a URL that responds to a POST with 2xx, or a command that exits with 0.", "The application could not be reset: %v", err)
		r.settleAll(ready, conformance.Skip, "the application could not be reset")
	}
	return false
}

// reachable connects once. If that fails, the checks are settled.
func (r *runner) reachable(ctx context.Context, ready []*Check) bool {
	c, err := r.wire.Dial(ctx, nil)
	switch {
	case err == nil:
		c.Close()
		return true
	case r.cancelled(ctx, ready):
	case wire.Untrusted(err):
		r.headline("Providers verify the chain, the name and the dates. Set --ca to the authority of a certificate of your own.",
			"The receiver's certificate is not trusted: it presents %s.", wire.Distrust(err))
		for _, c := range ready {
			if c.ID == "http/tls-chain" {
				r.add(r.perform(ctx, c))
				continue
			}
			r.settle(c, conformance.Inconclusive, "providers do not connect to a receiver with this certificate")
		}
	default:
		r.report.Untested = true
		r.headline("Start the receiver, or correct the URL.", "Cannot connect to %s: %v", r.target.URL, err)
		r.settleAll(ready, conformance.Skip, "the receiver is not reachable")
	}
	return false
}

// groups performs the checks group by group. It returns why the receiver cannot be tested further, if so.
func (r *runner) groups(ctx context.Context, groups [][]*Check, stopped string) string {
	for _, group := range groups {
		switch {
		case ctx.Err() != nil:
			r.settleAll(group, conformance.Skip, stopReason(ctx, "before"))
		case stopped != "":
			r.settleAll(group, conformance.Inconclusive, stopped)
		default:
			stopped = r.group(ctx, group)
		}
	}
	return stopped
}

// cancelled reports whether the run was cancelled, and then settles the remaining checks.
func (r *runner) cancelled(ctx context.Context, remaining []*Check) bool {
	if ctx.Err() == nil {
		return false
	}
	r.report.Complete = false
	r.settleAll(remaining, conformance.Skip, stopReason(ctx, "before"))
	return true
}

// perform performs a check.
func (r *runner) perform(ctx context.Context, c *Check) conformance.Result {
	if ctx.Err() != nil {
		return conformance.Result{Check: c.Check, Verdict: conformance.Skip, Reason: stopReason(ctx, "before")}
	}
	result := r.newSession(c).run(ctx)
	if ctx.Err() != nil && result.Verdict != conformance.Pass {
		result.Verdict, result.Reason = conformance.Skip, stopReason(ctx, "during")
	}
	return result
}

// settle gives a check a verdict without performing it.
func (r *runner) settle(c *Check, v conformance.Verdict, reason string) {
	result := conformance.Result{Check: c.Check, Verdict: v, Reason: reason}
	result.Level = c.LevelFor(r.profile)
	r.add(result)
}

func (r *runner) settleAll(all []*Check, v conformance.Verdict, reason string) {
	for _, c := range all {
		r.settle(c, v, reason)
	}
}
