package receiver

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/internal/fake"
)

// ErrUsage says that the target cannot be judged as it is described.
var ErrUsage = conformance.ErrUsage

// runner makes the checks.
type runner struct {
	*Profile
	target Target
	wire   *wireTarget
	api    *api
	hide   *conformance.Redactor
	random *rand.Rand
	tell   func(conformance.Result)
	report *conformance.Report

	latency atomic.Int64           // how long the slowest effect took until it was seen
	blind   atomic.Pointer[string] // why effects cannot be seen although there is a probe
	saying  sync.Mutex             // guards the report's headline
	side    sync.WaitGroup         // calls that go on beside the checks

	throttle throttle // what was put off, in all checks
}

// Select lists the checks that a target asks for.
func Select(t Target) ([]*Check, error) {
	all, err := Checks()
	if err != nil {
		return nil, err
	}
	return conformance.Select(all, conformance.Selection{Only: t.Only, Skip: t.Skip, Core: t.Core})
}

// Run judges a receiver. tell, if not nil, gets every result as soon as it is known, never two at a time. When ctx ends,
// the report is what is known by then, and says that it is not complete. The error is [ErrUsage] where the target cannot
// be judged as it is described.
func Run(ctx context.Context, t Target, tell func(conformance.Result)) (*conformance.Report, error) {
	t.fill()
	if t.Seed == 0 {
		t.Seed = fake.RandomSeed()
	}
	usage := func(err error) (*conformance.Report, error) { return nil, fmt.Errorf("%w: %w", ErrUsage, err) }
	if err := t.Check(); err != nil {
		return usage(err)
	}
	chosen, err := Select(t)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	p, err := NewProfile(t.Provider, t, t.Seed, cmp.Or(t.nonce, strconv.FormatInt(began.UnixNano(), 36)))
	if err != nil {
		return usage(err)
	}
	wire, err := newWireTarget(t.URL, t.CAFile)
	if err != nil {
		return usage(err)
	}
	if t.Dial != nil {
		wire.open = t.Dial
	}
	if wire.roots != nil || t.Dial != nil { // the application's other pages have the same certificate, and the same fence
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: wire.roots}, DialContext: t.Dial}}
		defer client.CloseIdleConnections()
		for _, h := range t.hooks() {
			h.client = client
		}
	}
	t.Restart.patience = restartPatience
	api, err := newAPI(p, t, t.Seed)
	if err != nil {
		return usage(err)
	}
	p.keysAt = api.keys
	if t.Serving != nil {
		t.Serving(api.url)
	}
	r := &runner{Profile: p, target: t, wire: wire, api: api, hide: p.redactor(t), random: rand.New(rand.NewPCG(t.Seed, 1)),
		report: &conformance.Report{Tool: "idmock " + t.Version, Kind: "receiver", Target: t.URL, Profile: p.Name, Seed: t.Seed, Began: began.UTC(),
			Complete: true, Strict: t.Strict, Evidence: t.evidence(api)}}
	var one sync.Mutex
	r.tell = func(result conformance.Result) {
		one.Lock()
		defer one.Unlock()
		result.Repeat = t.repeat(result.ID)
		r.hide.Result(&result)
		r.report.Results = append(r.report.Results, result)
		if tell != nil {
			tell(result)
		}
	}
	r.all(ctx, chosen)
	api.close()
	r.side.Wait()
	if api.broken != nil { // effects that hang on it were judged wrongly
		r.report.Evidence = append(r.report.Evidence, api.broken.Error())
	}
	r.report.Took = time.Since(began)
	r.hide.Report(r.report)
	r.report.Finish()
	return r.report, nil
}

// evidence says by what effects are judged.
func (t Target) evidence(a *api) []string {
	var all []string
	if t.Probe.IsSet() {
		all = append(all, "probe "+t.Probe.URL+t.Probe.Command)
	}
	return append(all, "calls to the API at "+a.url)
}

// repeat is the command that makes one check again.
func (t Target) repeat(id string) string {
	command := t.Command
	if command == "" {
		command = "idmock check receiver " + t.URL + " --provider " + t.Provider.Name
	}
	return conformance.Repeat(command, id, t.Seed)
}

// all makes the checks: the canary, the slow ones beside all others, group by group with a canary after each, first those
// of the core, and then those that come last.
func (r *runner) all(ctx context.Context, chosen []*Check) {
	var ready []*Check
	for _, c := range chosen {
		if reason := r.Lacks(c); reason != "" {
			r.settle(c, conformance.NotApplicable, reason)
			continue
		}
		ready = append(ready, c)
	}
	if r.target.Reset.IsSet() {
		if _, err := r.target.Reset.call(ctx, http.MethodPost, &subject{}); err != nil {
			if r.stopped(ctx, ready) {
				return
			}
			r.report.Untested, r.report.Headline = true, "the application could not be reset: "+err.Error()
			r.report.Advice = "Let --reset name what empties it: a URL that answers a POST with 2xx, or a command that ends with 0."
			r.rest(ready, conformance.Skip, "the application could not be reset")
			return
		}
	}
	l, err := r.wire.dial(ctx, nil)
	if err != nil && r.stopped(ctx, ready) {
		return
	}
	if untrusted(err) {
		r.report.Headline = "The receiver's certificate is refused: it shows " + distrust(err) + "."
		r.report.Advice = "Providers check the chain, the name and the dates. --ca gives the authority of a certificate of your own."
		for _, c := range ready {
			if c.ID == "http/tls-chain" {
				r.one(ctx, c)
				continue
			}
			r.settle(c, conformance.Inconclusive, "no provider would speak to a receiver with this certificate")
		}
		return
	}
	if err != nil {
		r.report.Untested = true
		r.report.Headline, r.report.Advice = "nobody answers at "+r.target.URL+": "+err.Error(), "Start the receiver, or correct the URL."
		r.rest(ready, conformance.Skip, "the receiver could not be reached")
		return
	}
	l.Close()
	if !r.first(ctx, &ready) {
		return
	}
	r.random.Shuffle(len(ready), func(i, j int) { ready[i], ready[j] = ready[j], ready[i] })
	var slow sync.WaitGroup
	var groups, last [][]*Check
	for _, c := range ready {
		if c.Slow {
			slow.Go(func() { r.one(ctx, c) })
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
	stopped := r.groups(ctx, groups, "")
	slow.Wait()
	r.groups(ctx, last, stopped)
	if ctx.Err() != nil {
		r.report.Complete = false
	}
}

// groups makes the checks group by group. It returns why nothing more can be told, if that is so, or was so before.
func (r *runner) groups(ctx context.Context, groups [][]*Check, stopped string) string {
	for _, group := range groups {
		switch {
		case ctx.Err() != nil:
			r.rest(group, conformance.Skip, "stopped before its turn")
		case stopped != "":
			r.rest(group, conformance.Inconclusive, stopped)
		default:
			stopped = r.group(ctx, group)
		}
	}
	return stopped
}

// stopped reports whether the run was stopped, and then settles what is left.
func (r *runner) stopped(ctx context.Context, left []*Check) bool {
	if ctx.Err() == nil {
		return false
	}
	r.report.Complete = false
	r.rest(left, conformance.Skip, "stopped before its turn")
	return true
}

// first sends the canary, and a forged event. Where either shows that nothing else can be told, the rest is settled.
func (r *runner) first(ctx context.Context, ready *[]*Check) bool {
	canary := &Check{Check: conformance.Check{ID: "auth/valid-accepted", Level: conformance.Must}}
	for i, c := range *ready {
		if c.ID == canary.ID {
			canary = c
			*ready = slices.Delete(slices.Clone(*ready), i, i+1)
			break
		}
	}
	p := r.play(ctx, canary)
	began := time.Now()
	o, got := r.canary(ctx, p)
	if canary.Title != "" && ctx.Err() != nil {
		*ready = append(*ready, canary)
	}
	if r.stopped(ctx, *ready) { // what was under way says nothing
		return false
	}
	result := conformance.Result{Check: canary.Check, Verdict: conformance.Pass, Exchanges: p.told(), Took: time.Since(began)}
	r.goBlind(o)
	if o.wanted != "" {
		r.diagnose(got)
		result.Verdict, result.Wanted, result.Got, result.Cause = conformance.Fail, o.wanted, o.got, canary.Cause
		result.Reason = "wanted " + o.wanted + ", got " + o.got
		r.tell(result)
		r.rest(*ready, conformance.Inconclusive, "the receiver does not take a valid event, so what it does with others shows nothing")
		return false
	}
	if o.err != nil {
		result.Verdict, result.Reason = conformance.Error, o.err.Error()
		r.report.Untested, r.report.Headline = true, o.err.Error()
		r.tell(result)
		r.rest(*ready, conformance.Skip, "the checks could not begin")
		return false
	}
	if canary.Title != "" {
		if o.missing != "" {
			result.Verdict, result.Reason = conformance.Inconclusive, o.missing
		}
		r.tell(result)
	}
	if r.signature.Signs() {
		if got := r.forged(ctx); got != 0 {
			r.report.Headline = fmt.Sprintf("The receiver takes events that nobody signed: a forged one was answered with %d.", got)
			r.report.Advice = "It compares no signature, or goes on after the comparison fails. Mend that first: many of the failures below follow from it."
		}
	}
	return true
}

func (r *runner) one(ctx context.Context, c *Check) { r.tell(r.judge(ctx, c)) }

func (r *runner) judge(ctx context.Context, c *Check) conformance.Result {
	if ctx.Err() != nil {
		return conformance.Result{Check: c.Check, Verdict: conformance.Skip, Reason: "stopped before its turn"}
	}
	result := r.play(ctx, c).run()
	if ctx.Err() != nil && result.Verdict != conformance.Pass {
		result.Verdict, result.Reason = conformance.Skip, "stopped before its end"
	}
	return result
}

func (r *runner) play(ctx context.Context, c *Check) *play {
	return &play{runner: r, ctx: ctx, check: c, people: map[string]*person{}, lines: map[string]*line{}, ids: map[string]string{}, sent: map[string]*request{}}
}

// settle gives a check its verdict without making it.
func (r *runner) settle(c *Check, v conformance.Verdict, reason string) {
	result := conformance.Result{Check: c.Check, Verdict: v, Reason: reason}
	result.Level = r.Level(c)
	r.tell(result)
}

func (r *runner) rest(all []*Check, v conformance.Verdict, reason string) {
	for _, c := range all {
		r.settle(c, v, reason)
	}
}
