package receiver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/evidence"
	"github.com/idmock/idmock/conformance/receiver/mutate"
	"github.com/idmock/idmock/conformance/receiver/outcome"
	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/conformance/receiver/suite"
	"github.com/idmock/idmock/conformance/receiver/wire"
)

// maxRetries bounds how often a refused event is sent again, at intervals of 100 ms.
const maxRetries = 20

// answered is a response and its exchange.
type answered struct {
	wire.Response
	exchange *conformance.Exchange
}

// send sends the variants of a shot one after the other and evaluates every response.
func (s *session) send(ctx context.Context, step *suite.Step) outcome.Outcome {
	shot := step.Send
	s.queries = callsOfOthers(s, s.people[cmp.Or(shot.Subject, "a")])
	if shot.Each {
		s.each = nil
	}
	var all []answered
	for n, v := range s.variants(shot) {
		if _, has := s.profile.Events.Roles[v.Event.Role]; !has || !mutate.CanSign(s.profile, v.Event.Sign) {
			continue // a list names the values of all providers
		}
		who, err := s.person(ctx, v.Label)
		if err != nil {
			return outcome.Failed(err)
		}
		subject, err := s.subject(ctx, who, shot.Reference)
		if err != nil {
			return outcome.Failed(err)
		}
		if step.Want.Has("accept") && step.Else == "" {
			v.Event.Sent = s.within(v.Event.Sent)
		}
		r, err := s.request(v, subject, n)
		if err != nil {
			return outcome.Failed(err)
		}
		s.sent[shot.ID] = r
		if text, ok := profile.TextAt(r.Body, s.profile.Events.Text); ok {
			s.texts[v.Label] = text
		}
		if shot.Each {
			s.each = append(s.each, v.Label)
		}
		if v.Honest() {
			s.api.Turn(who, v.Event.Role)
		}
		if v.Beside {
			r.Until = s.over
			s.side.Go(func() { s.exchange(ctx, r, v) })
			continue
		}
		responses, o := s.deliverVariant(ctx, step, v, r, subject)
		if o != outcome.Fine {
			if v.Note != "" && o.Got != "" {
				o.Got += " (" + v.Note + ")"
			}
			return o
		}
		all = append(all, responses...)
	}
	return s.compareAll(step, all)
}

// callsOfOthers counts the requests to the API about the people of the check, except one. Requests about other people prove
// nothing: an application can look for overdue results at any time.
func callsOfOthers(s *session, who *evidence.Person) (n int) {
	for _, other := range s.people {
		if other != who {
			n += s.api.Calls(other)
		}
	}
	return n
}

// request returns the request of a variant; n is its number in the step.
func (s *session) request(v *suite.Variant, subject *profile.Subject, n int) (*wire.Request, error) {
	v.Event.Began, v.Event.ID = s.began, s.ids.of(v.ID, n)
	if v.ID != "" { // the attempts of one event have the same body
		if s.first[v.ID].IsZero() {
			s.first[v.ID] = time.Now()
		}
		v.Event.At = s.first[v.ID]
	}
	if v.IDForm != "" {
		v.Event.ID = s.ids.like(v.ID, v.IDForm)
		if v.IDForm != "upper" { // the same UUID, where an id is one
			v.Event.Like = s.ids.of(v.ID, 0)
		}
	}
	if v.Digits {
		v.Event.ID = s.ids.number(v.ID)
	}
	var r *wire.Request
	if v.Replay {
		last := s.sent[v.ID]
		if last == nil {
			return nil, errors.New("no event to replay")
		}
		again := *last
		r = &again
	} else {
		var err error
		if r, err = s.builder.Build(v.Event, subject); err != nil {
			return nil, err
		}
	}
	if before := s.sent[v.HeadOf]; v.HeadOf != "" && before != nil {
		r.Header = before.Header
	}
	if v.Slash {
		r.ToggleSlash()
	}
	return r, nil
}

// deliverVariant sends the copies of a variant, and repeats it until it is accepted where the step says so. The outcome is
// that of the first response that is not as expected.
func (s *session) deliverVariant(ctx context.Context, step *suite.Step, v *suite.Variant, r *wire.Request, subject *profile.Subject) ([]answered, outcome.Outcome) {
	responses, err := s.sendCopies(ctx, v, r, subject)
	for tries := 0; err == nil && step.Retry && tries < maxRetries && !s.profile.Accepted.Has(responses[0].Status); tries++ {
		wire.Pause(100 * time.Millisecond)
		if r, err = s.builder.Build(v.Event, subject); err == nil {
			got := s.trade(ctx, r, v)
			s.transcript.add(got.exchange)
			responses = []answered{got}
		}
	}
	for deadline := time.Now().Add(maxDeferral); err == nil && v.Copies == 1 && !step.Want.Has("5xx") && s.deferred(ctx, responses[0].Response, deadline); {
		responses, err = sendAgain(ctx, s, v, r, subject)
	}
	if err != nil {
		return nil, outcome.Failed(err)
	}
	for _, got := range responses {
		if o := s.evaluate(step, r, got); o != outcome.Fine {
			return nil, o
		}
	}
	return responses, outcome.Fine
}

// deferred reports whether a receiver deferred an event, with a valid Retry-After before the deadline, after waiting for it.
func (s *session) deferred(ctx context.Context, got wire.Response, deadline time.Time) bool {
	if !got.Throttled() {
		return false
	}
	after, ok := got.RetryAfter(time.Now())
	return ok && time.Until(deadline) > after && sleep(ctx, max(after, 100*time.Millisecond))
}

// sendAgain sends a deferred event again: signed anew, unless the very bytes matter.
func sendAgain(ctx context.Context, s *session, v *suite.Variant, r *wire.Request, subject *profile.Subject) ([]answered, error) {
	if !v.Replay && v.HeadOf == "" && !v.Slash {
		again, err := s.builder.Build(v.Event, subject)
		if err != nil {
			return nil, err
		}
		*r = *again
	}
	return s.sendCopies(ctx, v, r, subject)
}

// compareAll evaluates the responses of a step together.
func (s *session) compareAll(step *suite.Step, all []answered) outcome.Outcome {
	var took []time.Duration
	var classes []string
	for _, got := range all {
		took = append(took, got.Took)
		classes = append(classes, strconv.Itoa(got.Status/100)+"xx")
	}
	if step.Same && len(slices.Compact(slices.Clone(classes))) > 1 {
		return outcome.Wrong("the same response in every order", "%s", strings.Join(classes, " and "))
	}
	if step.P95 != "" && len(took) > 0 {
		limit, err := time.ParseDuration(step.P95)
		if err != nil {
			return outcome.Failed(err)
		}
		slices.Sort(took)
		if at := took[(len(took)*95+99)/100-1]; at > limit+s.lag.allowance() {
			return outcome.Wrong(fmt.Sprintf("19 of 20 responses within %v", limit), "%v for the 95th percentile", at.Round(time.Millisecond))
		}
	}
	return outcome.Fine
}

// sendCopies sends a request as often as the variant says, together or one after the other.
func (s *session) sendCopies(ctx context.Context, v *suite.Variant, r *wire.Request, subject *profile.Subject) ([]answered, error) {
	responses := make([]answered, v.Copies)
	var barrier *wire.Barrier
	if v.Together && !v.Distinct { // of one event: only overlapping copies show a race
		barrier = wire.NewBarrier(v.Copies)
	}
	var running sync.WaitGroup
	for i := range responses {
		each := r
		if v.Distinct && i > 0 {
			event := v.Event
			event.ID = s.ids.next()
			var err error
			if each, err = s.builder.Build(event, subject); err != nil {
				return nil, err
			}
		}
		if v.Together {
			own := *each
			own.Barrier = barrier
			each := &own
			running.Go(func() { responses[i] = patiently(ctx, s, each, v) })
		} else {
			responses[i] = s.trade(ctx, each, v)
		}
	}
	running.Wait()
	for _, got := range responses { // in the order of sending, whichever was answered first
		s.transcript.add(got.exchange)
	}
	return responses, nil
}

// patiently sends one of several copies, and by itself again when the receiver defers it: limiting a rate is legal.
func patiently(ctx context.Context, s *session, r *wire.Request, v *suite.Variant) answered {
	deadline := time.Now().Add(maxDeferral)
	got := s.trade(ctx, r, v)
	for s.deferred(ctx, got.Response, deadline) {
		r.Barrier = nil
		got = s.trade(ctx, r, v)
	}
	return got
}

// exchange sends a request and adds the exchange to the transcript.
func (s *session) exchange(ctx context.Context, r *wire.Request, v *suite.Variant) wire.Response {
	got := s.trade(ctx, r, v)
	s.transcript.add(got.exchange)
	return got.Response
}

// trade sends a request and describes the exchange.
func (s *session) trade(ctx context.Context, r *wire.Request, v *suite.Variant) answered {
	began := time.Now()
	got := s.carry(ctx, r, v.Conn)
	s.throttle.record(got)
	e := &conformance.Exchange{Note: v.Note, Request: r.Text(), Curl: r.Curl(s.wire), Response: wire.Clip(s.redactor.Text(got.Raw), 4<<10), Status: got.Status, Took: time.Since(began), Ended: time.Now()}
	if got.Err != nil {
		e.Error = got.Err.Error()
	}
	return answered{got, e}
}

// carry sends a request over its transport, over the named connection, or over a new one.
func (s *session) carry(ctx context.Context, r *wire.Request, conn string) wire.Response {
	if r.Transport != "" {
		return s.wire.SendOver(ctx, r)
	}
	c, got := s.wire.Send(ctx, s.conns[conn], r)
	switch {
	case c == nil:
	case conn != "" && got.Err == nil && got.Header.Get("Connection") != "close":
		s.conns[conn] = c
		return got
	default:
		c.Close()
	}
	if conn != "" {
		delete(s.conns, conn)
	}
	return got
}
