package provider

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/internal/fake"
)

// runner makes the checks.
type runner struct {
	Target
	ctx    context.Context
	client *http.Client
	hide   *conformance.Redactor
	mock   bool // the server says that it is an idmock, which can be asked for more
	local  bool // and that it calls the machine that it runs on, and private networks
	sent   map[string][]sent

	requests []*message // that the document shows, once they are known
	listener *listener  // nil: nothing can be received
}

// sent is a message that has been answered. A message is sent once, whatever many checks look at its answer.
type sent struct {
	*message
	got *reply
}

// finding is what came of a check.
type finding struct {
	wanted, got  string // it was not as wanted
	lacks        string // there is nothing to judge
	inconclusive string
	exchanges    []conformance.Exchange
}

// nothing reports whether all is as wanted.
func (f finding) nothing() bool {
	return f.wanted == "" && f.lacks == "" && f.inconclusive == ""
}

// Run judges a provider. tell, if not nil, gets every result as soon as it is known. When ctx ends, the report is what is
// known by then, and says that it is not complete. The error is [ErrUsage] where the target cannot be judged as it is
// described.
func Run(ctx context.Context, t Target, tell func(conformance.Result)) (*conformance.Report, error) {
	if t.Seed == 0 {
		t.Seed = fake.RandomSeed()
	}
	if err := t.fill(); err != nil {
		return nil, err
	}
	chosen, err := Select(t)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	transport := &http.Transport{MaxIdleConnsPerHost: 8, DialContext: t.Dial}
	defer transport.CloseIdleConnections()
	r := &runner{Target: t, ctx: ctx, sent: map[string][]sent{}, hide: t.redactor(),
		client: &http.Client{Transport: transport, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if t.Listen != "" {
		if r.listener, err = listen(t.Listen, t.ListenURL); err != nil {
			return nil, fmt.Errorf("%w: --listen %s: %w", ErrUsage, t.Listen, err)
		}
		defer r.listener.close()
	}
	report := &conformance.Report{Tool: "idmock " + t.Version, Kind: "provider", Target: t.URL, Profile: t.Provider.Name, Seed: t.Seed, Began: began.UTC(), Complete: true, Strict: t.Strict}
	down := r.look(report)
	one := func(c *Check) conformance.Result {
		result := conformance.Result{Check: c.Check, Verdict: conformance.Skip, Reason: down, Repeat: t.repeat(c.ID)}
		switch {
		case ctx.Err() != nil:
			result.Reason = "stopped before it was made"
		case down == "":
			result = r.make(c)
			if ctx.Err() != nil { // what was under way says nothing
				result.Verdict, result.Reason = conformance.Skip, "stopped while it was made"
			}
		}
		return result
	}
	told := func(result conformance.Result) {
		r.hide.Result(&result)
		report.Results = append(report.Results, result)
		if tell != nil {
			tell(result)
		}
	}
	slow := make(chan conformance.Result, len(chosen))
	waiting := 0
	for _, c := range chosen { // what waits for time does so beside the others, and is told of after them
		if c.Slow {
			waiting++
			go func() { slow <- one(c) }()
		}
	}
	for _, c := range chosen {
		if !c.Slow {
			told(one(c))
		}
	}
	for range waiting {
		told(<-slow)
	}
	report.Complete = ctx.Err() == nil
	report.Took = time.Since(began)
	r.hide.Report(report)
	report.Finish()
	return report, nil
}

// look finds out who answers. Where nobody does, or the key is refused everywhere, nothing can be judged, and the reason
// is returned.
func (r *runner) look(report *conformance.Report) string {
	answer := r.send(&message{method: http.MethodGet, path: "/"})
	if answer.err != nil {
		report.Untested, report.Headline = true, fmt.Sprintf("nobody answers at %s: %v", r.URL, answer.err)
		report.Advice = "Start the server, or mend the URL: it is the base to which the document's paths are added."
		return "nobody answers"
	}
	r.mock = answer.header.Get("X-Idmock") != ""
	r.targets()
	requests, err := documented(r)
	if err != nil || len(requests) == 0 {
		return ""
	}
	report.Evidence = r.coverage(requests)
	for _, m := range requests {
		if m.op.Public || m.op.Mock || m.op.Dashboard {
			continue
		}
		if got := r.send(m); got.err == nil && (got.status == http.StatusUnauthorized || got.status == http.StatusForbidden) {
			report.Untested, report.Headline = true, fmt.Sprintf("The key is refused: %s is answered %s.", m.op.ID, status(got))
			report.Advice = "Give one that the server knows with --key."
			return "the key is refused"
		}
		break
	}
	return ""
}

// coverage says which operations were not asked, since the document shows no request that it would take itself, or since
// they are a mock's.
func (r *runner) coverage(asked []*message) []string {
	operations, err := r.Provider.Operations()
	if err != nil {
		return nil
	}
	var left []string
	for _, op := range operations {
		if !slices.ContainsFunc(asked, func(m *message) bool { return m.op == op }) {
			left = append(left, op.ID)
		}
	}
	told := []string{fmt.Sprintf("%d of %d operations", len(asked), len(operations))}
	if len(left) > 0 {
		told = append(told, "not asked: "+strings.Join(left, ", "))
	}
	return told
}

// make makes one check.
func (r *runner) make(c *Check) conformance.Result {
	result := conformance.Result{Check: c.Check, Verdict: conformance.Pass, Repeat: r.repeat(c.ID)}
	began := time.Now()
	found, err := r.find(c)
	switch {
	case err != nil:
		result.Verdict, result.Reason = conformance.Error, err.Error()
	case found.wanted != "":
		result.Verdict = map[conformance.Level]conformance.Verdict{conformance.Must: conformance.Fail, conformance.Should: conformance.Warn, conformance.Info: conformance.Noted}[c.Level]
		result.Wanted, result.Got, result.Cause = found.wanted, found.got, c.Cause
		result.Reason = "wanted " + result.Wanted + ", got " + result.Got
	case found.inconclusive != "":
		result.Verdict, result.Reason = conformance.Inconclusive, found.inconclusive
	case found.lacks != "":
		result.Verdict, result.Reason = conformance.NotApplicable, found.lacks
	}
	result.Exchanges, result.Took = found.exchanges, time.Since(began)
	return result
}

// find sends what a check is about, and judges every answer. Of many that are wrong, the first is told, and how many more.
func (r *runner) find(c *Check) (finding, error) {
	if c.Strict && r.local {
		return finding{lacks: "the server says that it calls local addresses, as a mock does for tests on one machine: start it with --targets strict"}, nil
	}
	if c.Deed != "" {
		return deeds[c.Deed](r, c)
	}
	var found finding
	all, wrong := 0, 0
	for _, name := range c.On {
		answered, err := r.all(name)
		if err != nil {
			return found, err
		}
		all += len(answered)
		for _, s := range answered {
			if s.got.err != nil {
				return found, fmt.Errorf("%s: %w", s.name(), s.got.err)
			}
			wanted, is := judges[c.Judge](r, s.message, s.got)
			if wanted == "" {
				continue
			}
			if wrong++; wrong == 1 {
				shown := s.got.shown
				shown.Wanted = wanted
				found.wanted, found.got, found.exchanges = wanted, s.name()+": "+is, []conformance.Exchange{shown}
			}
		}
	}
	if all == 0 {
		found.lacks = c.Lacks
	}
	if wrong > 1 {
		found.got += fmt.Sprintf(" (and %d more of %d)", wrong-1, all)
	}
	return found, nil
}

// all are the messages of a source with their answers, a few at a time.
func (r *runner) all(name string) ([]sent, error) {
	if done, ok := r.sent[name]; ok {
		return done, nil
	}
	messages, err := sources[name](r)
	if err != nil {
		return nil, err
	}
	answered := make([]sent, len(messages))
	var side sync.WaitGroup
	gate := make(chan struct{}, 4)
	for i, m := range messages {
		gate <- struct{}{}
		side.Go(func() {
			answered[i] = sent{m, r.send(m)}
			<-gate
		})
	}
	side.Wait()
	r.sent[name] = answered
	return answered, nil
}
