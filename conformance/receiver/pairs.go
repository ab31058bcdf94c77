package receiver

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance/receiver/evidence"
	"github.com/idmock/idmock/conformance/receiver/mutate"
	"github.com/idmock/idmock/conformance/receiver/outcome"
	"github.com/idmock/idmock/conformance/receiver/suite"
)

// newerAgo is how long ago the newer event of a pair happened.
const newerAgo = time.Minute

// pairs sends each pair of events, the newer one first, and checks that it decides.
func (s *session) pairs(ctx context.Context, p *suite.Pairs) outcome.Outcome {
	var all []func() outcome.Outcome
	var sessions []*session // one each, so that ids and transcripts do not depend on the order of the responses
	for _, newer := range rolesOf(s, p.Newer) {
		for _, older := range p.Older {
			if !hasRole(s.profile, newer) || !hasRole(s.profile, older) {
				continue
			}
			who, err := s.person(ctx, newer+" over "+older)
			if err != nil {
				return outcome.Failed(err)
			}
			own := s.newSession(s.check)
			own.began, own.ids = s.began, newIDs(s.profile, s.check.ID+" "+newer+" over "+older)
			sessions = append(sessions, own)
			all = append(all, func() outcome.Outcome {
				if p.InOrder {
					o := pairInOrder(ctx, own, who, newer, older, p)
					if o.Expected != "" {
						o.Expected += fmt.Sprintf(" (first %s, then %s)", older, newer)
					}
					return o
				}
				o := own.pair(ctx, who, newer, older, p)
				if o.Expected != "" {
					o.Expected += fmt.Sprintf(" (first %s, then %s that is %v older)", newer, older, p.Distance())
				}
				return o
			})
		}
	}
	if len(all) == 0 {
		return outcome.Fine
	}
	outcomes := make([]outcome.Outcome, len(all))
	var running sync.WaitGroup
	for i, perform := range all {
		running.Go(func() { outcomes[i] = perform() })
	}
	running.Wait()
	first := max(slices.IndexFunc(outcomes, func(o outcome.Outcome) bool { return o.Expected != "" }), 0)
	for _, e := range sessions[first].transcript.list() {
		s.transcript.add(&e)
	}
	return outcome.First(outcomes, "in the wrong order")
}

func hasRole(p *Profile, role string) bool {
	_, has := p.Events.Roles[role]
	return has
}

// pairInOrder sends the older event first. The newer one decides: an earlier decision does not stay for ever.
func pairInOrder(ctx context.Context, s *session, who *evidence.Person, newer, older string, p *suite.Pairs) outcome.Outcome {
	s.api.Turn(who, older)
	got, o := s.sendRole(ctx, who, older, s.ids.next(), -newerAgo-p.Distance())
	if o != outcome.Fine || got/100 == 4 { // it knows no such subject yet
		return o
	}
	before := map[bool]string{true: "granted", false: "withheld"}[older == "approved"]
	if o = s.observer.State(ctx, who, before); o.Untestable != "" {
		return o
	}
	if o != outcome.Fine {
		return outcome.Fine // another check is about that
	}
	s.api.Turn(who, newer)
	if _, o = s.sendRole(ctx, who, newer, s.ids.next(), -newerAgo); o != outcome.Fine {
		return o
	}
	if p.Then == "granted" && ordered(s, who) != outcome.Fine {
		return outcome.Fine
	}
	return s.observer.State(ctx, who, p.Then)
}

// ordered reports that the check does not apply unless the application can know the order of events.
func ordered(s *session, who *evidence.Person) outcome.Outcome {
	if s.profile.Events.Happened != "" || s.api.Calls(who) > 0 {
		return outcome.Fine
	}
	return outcome.Outcome{Moot: "the events have no time, and the application did not query the API: it cannot know which of two is newer"}
}

func (s *session) pair(ctx context.Context, who *evidence.Person, newer, older string, p *suite.Pairs) outcome.Outcome {
	then := p.Then
	if s.profile.Events.Happened == "" && then == "granted" {
		return outcome.Fine // without a time in the event, a receiver may be careful
	}
	s.api.Turn(who, newer)
	got, o := s.sendRole(ctx, who, newer, s.ids.next(), -newerAgo)
	if o != outcome.Fine || got/100 == 4 { // it knows no such subject yet: nothing is known to be newer
		return o
	}
	if o := s.observer.State(ctx, who, then); o != outcome.Fine {
		return o
	}
	if s.profile.Events.Happened == "" && (s.api.Calls(who) == 0 || s.sameInAPI(newer, older)) {
		return outcome.Fine // without a time in the event, only the API shows the order
	}
	if _, o = s.sendRole(ctx, who, older, s.ids.next(), -newerAgo-p.Distance()); o != outcome.Fine {
		return o
	}
	if then == "granted" {
		then = "kept"
	}
	return s.observer.State(ctx, who, then)
}

// sameInAPI reports whether the API says the same after either event: a face, for example, is only in the event.
func (s *session) sameInAPI(a, b string) bool {
	first, second := s.profile.Events.Roles[a], s.profile.Events.Roles[b]
	if first.Outcome != "" {
		return first.Outcome == second.Outcome
	}
	return reflect.DeepEqual(first.Run, second.Run)
}

// sendRole sends an event of a role and returns the status of the response, which accepts it or is a 4xx.
func (s *session) sendRole(ctx context.Context, who *evidence.Person, role, id string, happened time.Duration) (int, outcome.Outcome) {
	v := (&suite.Shot{Role: suite.Words{role}}).Variants()[0]
	v.Note = role
	v.Event = mutate.Event{Role: role, ID: id, Happened: happened, Began: s.began}
	o, status := s.deliverTo(ctx, v, who)
	return status, o
}

// deliverTo sends an event, and again when the receiver defers it.
func (s *session) deliverTo(ctx context.Context, v *suite.Variant, who *evidence.Person) (outcome.Outcome, int) {
	for deadline := time.Now().Add(maxDeferral); ; {
		r, err := s.builder.Build(v.Event, s.api.SubjectOf(who))
		if err != nil {
			return outcome.Failed(err), 0
		}
		got := s.trade(ctx, r, v)
		s.transcript.add(got.exchange)
		if s.deferred(ctx, got.Response, deadline) {
			continue
		}
		if got.Err == nil && (got.Status/100 == 4 && got.Status != http.StatusTooManyRequests) {
			return outcome.Fine, got.Status
		}
		return s.compareStatus(suite.Words{"accept"}, got.Response), got.Status
	}
}

// others sends events about another subject, some of them concurrently.
func (s *session) others(ctx context.Context, n int) outcome.Outcome {
	who, err := s.person(ctx, "others")
	if err != nil {
		return outcome.Failed(err)
	}
	s.api.Turn(who, "approved")
	outcomes := make([]outcome.Outcome, n)
	ids := make([]string, n)
	for i := range ids {
		ids[i] = s.ids.next()
	}
	crowd := make([]*evidence.Person, n)
	forEach(crowd, func(i int, _ *evidence.Person) {
		_, outcomes[i] = s.sendRole(ctx, who, "approved", ids[i], 0)
	})
	return outcome.First(outcomes, "answered otherwise")
}
