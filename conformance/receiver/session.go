package receiver

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/evidence"
	"github.com/idmock/idmock/conformance/receiver/outcome"
	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/conformance/receiver/suite"
	"github.com/idmock/idmock/conformance/receiver/wire"
	table "github.com/idmock/idmock/mockserver/webhook/mutate"
)

// session is one check while it is performed.
type session struct {
	*runner
	check *Check

	began      time.Time
	people     map[string]*evidence.Person // by label
	conns      map[string]*wire.Conn       // by name
	sent       map[string]*wire.Request    // the last of each id label
	first      map[string]time.Time        // when the event of each id label happened
	ids        *ids
	transcript transcript
	canaries   int
	each       []string          // labels of the subjects of the last send with each
	queries    int               // of the API about the check's people, before the last step that sent
	texts      map[string]string // sent, by the subject's label
	over       chan struct{}     // closed at the end, for requests beside the check
}

func (r *runner) newSession(c *Check) *session {
	return &session{runner: r, check: c, people: map[string]*evidence.Person{}, conns: map[string]*wire.Conn{}, sent: map[string]*wire.Request{}, first: map[string]time.Time{},
		ids: newIDs(r.profile, c.ID), over: make(chan struct{}), texts: map[string]string{}}
}

// run performs the steps until one fails.
func (s *session) run(ctx context.Context) conformance.Result {
	result := conformance.Result{Check: s.check.Check, Verdict: conformance.Pass}
	result.Level = s.check.LevelFor(s.profile)
	s.began = time.Now()
	defer s.close()
	if s.check.Secret != "" && s.profile.Secrets[secretWords[s.check.Secret]] == "" {
		result.Verdict, result.Reason = conformance.Inconclusive, suite.SecretHints[s.check.Secret]
		return result
	}
	o := outcome.Outcome{Moot: noReconcile}
	if s.target.Reconcile > 0 || !slices.ContainsFunc(s.check.Steps, func(step suite.Step) bool { return step.Recover }) {
		o = s.steps(ctx)
	}
	switch {
	case o.Err != nil:
		result.Verdict, result.Reason = conformance.Error, o.Err.Error()
	case o.Expected != "":
		if o.Severe {
			result.Level = conformance.Must
		}
		result.Expected, result.Got, result.Cause = o.Expected, o.Got, s.check.Cause
		result.Verdict, result.Reason = result.Level.Missed(), "expected "+o.Expected+", got "+o.Got
	case o.Moot != "":
		result.Verdict, result.Reason = conformance.NotApplicable, o.Moot
	case o.Untestable != "":
		result.Verdict, result.Reason = conformance.Inconclusive, o.Untestable
	}
	result.Exchanges, result.Took = s.transcript.list(), time.Since(s.began)
	return result
}

// steps performs the steps and returns the first outcome that ends the check or, without one, the first untestable one:
// later steps can still fail.
func (s *session) steps(ctx context.Context) outcome.Outcome {
	untestable := outcome.Fine
	for i := range s.check.Steps {
		step := &s.check.Steps[i]
		o := s.do(ctx, step)
		if o.Err != nil {
			return outcome.Failed(fmt.Errorf("step %d: %w", i+1, o.Err))
		}
		if (o.Expected != "" || step.Called && o.Untestable != "") && step.Unless != "" {
			o = outcome.Outcome{Moot: step.Unless}
		}
		o.Severe = o.Expected != "" && (o.Severe || step.Severe)
		if o.Expected != "" && step.Else != "" {
			o = outcome.Untestable("%s (expected %s, got %s)", step.Else, o.Expected, o.Got)
		}
		if o.Expected != "" || o.Moot != "" {
			return o
		}
		if o.Untestable == "" {
			continue
		}
		if untestable == outcome.Fine {
			untestable = o
		}
		if step.Begin || step.Restart || step.Else != "" { // the following steps depend on it
			return untestable
		}
	}
	return untestable
}

// secretWords maps the words of the checks to the further secrets.
var secretWords = map[string]table.Secret{"next": table.Next, "other": table.OtherTenant, "old": table.Previous}

// close ends connections and makes the API respond normally.
func (s *session) close() {
	close(s.over)
	for _, c := range s.conns {
		c.Close()
	}
	for _, who := range s.people {
		s.api.Restore(who)
	}
}

// unknown labels the subject that the application is not prepared for.
const unknown = "stranger"

// person returns the subject with this label in this check; empty: a.
func (s *session) person(ctx context.Context, label string) (*evidence.Person, error) {
	if label == "" {
		label = "a"
	}
	if who := s.people[label]; who != nil {
		return who, nil
	}
	words, form := []string{s.check.ID, label}, ""
	if after, ok := strings.CutPrefix(label, "named "); ok { // forms of one name
		words, form = []string{s.check.ID, "named"}, after
	}
	subject, err := s.profile.NamedSubject(form, words...)
	if err != nil {
		return nil, err
	}
	who := s.api.Know(subject)
	if label != unknown {
		if err := s.prepare(ctx, who); err != nil {
			return nil, err
		}
	}
	s.people[label] = who
	return who, nil
}

// subject returns the subject of a person, with the reference of the person labelled other unless that is empty.
func (s *session) subject(ctx context.Context, who *evidence.Person, other string) (*profile.Subject, error) {
	own := s.api.SubjectOf(who)
	if other == "" {
		return own, nil
	}
	them, err := s.person(ctx, other)
	if err != nil {
		return nil, err
	}
	return own.Named(s.api.SubjectOf(them).Reference), nil
}

// do performs a step.
func (s *session) do(ctx context.Context, step *suite.Step) outcome.Outcome {
	if step.Of == each {
		return s.ofEach(ctx, step)
	}
	who, err := s.person(ctx, step.Of)
	if err != nil {
		return outcome.Failed(err)
	}
	switch {
	case step.Send != nil:
		return s.send(ctx, step)
	case step.Shake != "":
		return s.handshake(ctx, step.Shake)
	case step.Timing:
		return s.timing(ctx, who)
	case step.State != "":
		return s.observer.State(ctx, who, step.State)
	case step.Effects != nil:
		return s.observer.Effects(ctx, who, *step.Effects)
	case step.Text != "":
		text := s.texts[step.Of]
		if s.profile.Events.Text == "" || text == "" { // the text was in a member of its own
			return outcome.Fine
		}
		return s.observer.Text(ctx, who, text)
	case step.Asked:
		return s.observer.Asked(ctx, who, func() bool { return callsOfOthers(s, who) > s.queries })
	case step.Called:
		return s.observer.Called(ctx, who)
	case step.Begin:
		return s.begin(ctx, who)
	case step.TLS != "":
		return s.tls(ctx, step.TLS)
	case step.Canary:
		o, _ := s.canary(ctx)
		return o
	case step.Storm != nil:
		return s.storm(ctx, step.Storm)
	case step.Backlog > 0:
		return backlog(ctx, s, step.Backlog)
	case step.Pairs != nil:
		return s.pairs(ctx, step.Pairs)
	case step.Others > 0:
		return s.others(ctx, step.Others)
	case step.Recover:
		return recovered(ctx, s, who)
	case step.Ordered:
		return ordered(s, who)
	case step.Throttled:
		return s.throttle.outcome()
	case step.Restart:
		return s.restart(ctx)
	}
	return s.arrange(ctx, who, step)
}

// arrange performs a step that changes the receiver's surroundings.
func (s *session) arrange(ctx context.Context, who *evidence.Person, step *suite.Step) outcome.Outcome {
	switch {
	case step.API != "":
		s.api.Turn(who, step.API)
	case step.End:
		s.api.Release(who)
	case step.Pause != "":
		d, err := time.ParseDuration(step.Pause)
		if err == nil && !sleep(ctx, d) {
			err = ctx.Err()
		}
		return outcome.Failed(err)
	case step.Reuse != "":
		if c := s.conns[step.Reuse]; c != nil {
			c.Close()
		}
	default:
		return outcome.Failed(fmt.Errorf("%s has a step without a verb", s.check.ID))
	}
	return outcome.Fine
}

// sleep waits and reports whether the run continues.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
