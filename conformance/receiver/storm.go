package receiver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/evidence"
	"github.com/idmock/idmock/conformance/receiver/outcome"
	"github.com/idmock/idmock/conformance/receiver/suite"
)

const (
	// maxDeferral is how long a receiver may defer an event of a storm.
	maxDeferral = 15 * time.Second
	// maxConcurrent is the number of subjects that are prepared or probed concurrently.
	maxConcurrent = 8
)

// storm sends the events, deferred ones again when they are due, and checks that each has its effect.
func (s *session) storm(ctx context.Context, storm *suite.Storm) outcome.Outcome {
	within, err := time.ParseDuration(storm.Within)
	if err != nil {
		return outcome.Failed(err)
	}
	if storm.Restart && !s.target.Restart.IsSet() {
		return s.restart(ctx)
	}
	people, err := s.crowd(ctx, storm.Events)
	if err != nil {
		return outcome.Failed(err)
	}
	outcomes := make([]outcome.Outcome, storm.Events)
	var running sync.WaitGroup
	for i, who := range people {
		event := (&suite.Shot{}).Variants()[0]
		event.Event.ID, event.Event.At = s.ids.of("", i), time.Now()
		running.Go(func() {
			if sleep(ctx, time.Duration(i)*within/time.Duration(storm.Events)) {
				jitter := time.Duration(i%50) * 20 * time.Millisecond
				outcomes[i] = s.deliver(ctx, event, who, deferral{storm.PutOff, jitter})
			}
		})
	}
	running.Wait()
	if o := outcome.First(outcomes, "answered otherwise"); o != outcome.Fine {
		s.transcript.markFirst(o.Expected, func(e *conformance.Exchange) bool { return e.Error == "" && s.profile.Accepted.Has(e.Status) })
		return o
	}
	if storm.Restart {
		if o := s.restart(ctx); o != outcome.Fine {
			return o
		}
	}
	deadline := time.Now().Add(s.target.Settle)
	forEach(people, func(i int, who *evidence.Person) {
		v, o := s.observer.Await(ctx, who, time.Until(deadline), evidence.Granted)
		if outcomes[i] = o; o == outcome.Fine && !v.Granted {
			outcomes[i] = outcome.Severe("an effect of each event in the end", "state %q", v.Value)
		}
	})
	return outcome.First(outcomes, "lost")
}

// crowd generates subjects that the API reports as approved, and prepares the application for them.
func (s *session) crowd(ctx context.Context, n int) ([]*evidence.Person, error) {
	people := make([]*evidence.Person, n)
	for i := range people {
		subject, err := s.profile.NewSubject(s.check.ID, "crowd", fmt.Sprint(i))
		if err != nil {
			return nil, err
		}
		people[i] = s.api.Know(subject)
		s.api.Turn(people[i], "approved")
	}
	failed := make([]error, n)
	forEach(people, func(i int, who *evidence.Person) { failed[i] = s.prepare(ctx, who) })
	return people, errors.Join(failed...)
}

// forEach calls do for all people, some of them concurrently.
func forEach(people []*evidence.Person, do func(i int, who *evidence.Person)) {
	var running sync.WaitGroup
	slots := make(chan struct{}, maxConcurrent)
	for i, who := range people {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			do(i, who)
		})
	}
	running.Wait()
}

// deferral is whether the receiver may defer an event, and the jitter that is added: providers do not send all deferred
// events at the same moment.
type deferral struct {
	allowed bool
	jitter  time.Duration
}

// deliver sends an event until it is accepted.
func (s *session) deliver(ctx context.Context, v *suite.Variant, who *evidence.Person, d deferral) outcome.Outcome {
	expected := s.describe(suite.Words{"accept"})
	if d.allowed {
		expected += ", or 429 or 503 with Retry-After"
	}
	deadline := time.Now().Add(maxDeferral)
	for {
		r, err := s.builder.Build(v.Event, s.api.SubjectOf(who))
		if err != nil {
			return outcome.Failed(err)
		}
		got := s.exchange(ctx, r, v)
		if got.Err == nil && s.profile.Accepted.Has(got.Status) {
			return outcome.Fine
		}
		if !got.Throttled() || !d.allowed {
			return outcome.Wrong(expected, "%s", got)
		}
		after, ok := got.RetryAfter(time.Now())
		switch {
		case !ok:
			return outcome.Wrong(expected, "status %d with Retry-After %q", got.Status, got.Header.Get("Retry-After"))
		case time.Until(deadline) < after:
			return outcome.Untestable("it deferred an event for another %v; the checks wait at most %v", after, maxDeferral)
		case !sleep(ctx, after+d.jitter):
			return outcome.Fine // the run was stopped
		}
	}
}

// histories are the events about people of a backlog, the newest last.
var histories = []suite.Words{{"rejected", "approved"}, {"approved", "rejected"}, {"approved", "reversal"}, {"pending", "rejected", "approved"}}

// backlog sends all events of a number of people at once, some of them twice and none in order, and checks that the newest
// decides.
func backlog(ctx context.Context, s *session, people int) outcome.Outcome {
	crowd, err := s.crowd(ctx, people)
	if err != nil {
		return outcome.Failed(err)
	}
	type piece struct {
		who  int
		role string
		id   string
		ago  time.Duration
	}
	var pieces []piece
	last := make([]string, people)
	for i, who := range crowd {
		history := slices.DeleteFunc(slices.Clone(histories[i%len(histories)]), func(role string) bool { return !hasRole(s.profile, role) })
		for n, role := range history {
			pieces = append(pieces, piece{i, role, s.ids.next(), time.Duration(len(history)-n) * time.Minute})
		}
		last[i] = history[len(history)-1]
		s.api.Turn(who, last[i])
	}
	pieces = append(pieces, pieces[:people/2]...)
	slices.Reverse(pieces) // the newest of each person first
	outcomes := make([]outcome.Outcome, len(pieces))
	forEach(make([]*evidence.Person, len(pieces)), func(i int, _ *evidence.Person) {
		p := pieces[i]
		_, outcomes[i] = s.sendRole(ctx, crowd[p.who], p.role, p.id, -p.ago)
	})
	if o := outcome.First(outcomes, "answered otherwise"); o != outcome.Fine {
		return o
	}
	outcomes = make([]outcome.Outcome, people)
	forEach(crowd, func(i int, who *evidence.Person) {
		outcomes[i] = s.observer.State(ctx, who, map[bool]string{true: "granted", false: "withdrawn"}[last[i] == "approved"])
	})
	forEach(crowd, func(i int, who *evidence.Person) {
		if settled := map[bool]string{true: "kept", false: "withheld"}[last[i] == "approved"]; outcomes[i] == outcome.Fine {
			outcomes[i] = s.observer.State(ctx, who, settled)
		}
	})
	return outcome.First(outcomes, "not as the newest event says")
}
