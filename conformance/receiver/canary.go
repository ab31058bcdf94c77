package receiver

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/evidence"
	"github.com/idmock/idmock/conformance/receiver/outcome"
	"github.com/idmock/idmock/conformance/receiver/suite"
	"github.com/idmock/idmock/conformance/receiver/wire"
)

// first sends a canary and a forged event. It returns the remaining checks, or settles them if the receiver refuses the
// canary.
func (r *runner) first(ctx context.Context, ready []*Check) ([]*Check, bool) {
	check := &Check{Check: conformance.Check{ID: "auth/valid-accepted", Level: conformance.Must}}
	selected := false
	if i := slices.IndexFunc(ready, func(c *Check) bool { return c.ID == check.ID }); i >= 0 {
		check, selected = ready[i], true
		ready = slices.Delete(slices.Clone(ready), i, i+1)
	}
	s := r.newSession(check)
	began := time.Now()
	o, got := s.canary(ctx)
	for tries := 1; got.Late && r.lag.allowance() > busy && tries < maxLateCanaries; tries++ { // the machine was slow
		o, got = s.canary(ctx)
	}
	if o == outcome.Fine && s.observer.Latency() > coldStart { // it may have loaded code, or opened a database: later events show how long an effect takes
		first := s.observer.Latency()
		s.observer.Forget()
		// In a session of its own, because the exchanges of a check do not depend on the receiver's speed.
		if again, _ := r.newSession(&Check{Check: conformance.Check{ID: "latency", Level: conformance.Must}}).canary(ctx); again != outcome.Fine {
			s.observer.Learn(first)
		}
	}
	if ctx.Err() != nil { // an interrupted request proves nothing
		if selected {
			ready = append(ready, check)
		}
		r.cancelled(ctx, ready)
		return nil, false
	}
	r.goBlind(o)
	result := conformance.Result{Check: check.Check, Verdict: conformance.Pass, Exchanges: s.transcript.list(), Took: time.Since(began)}
	switch {
	case o.Expected != "":
		r.diagnose(got)
		result.Verdict, result.Expected, result.Got, result.Cause = conformance.Fail, o.Expected, o.Got, check.Cause
		result.Reason = "expected " + o.Expected + ", got " + o.Got
		r.add(result)
		r.settleAll(ready, conformance.Inconclusive, "the receiver refuses a valid event, so its other responses prove nothing")
		return nil, false
	case o.Err != nil:
		result.Verdict, result.Reason = conformance.Error, o.Err.Error()
		r.report.Untested = true
		r.headline("", "%v", o.Err)
		r.add(result)
		r.settleAll(ready, conformance.Skip, "the checks could not start")
		return nil, false
	case o.Untestable != "":
		result.Verdict, result.Reason = conformance.Inconclusive, o.Untestable
	}
	if selected {
		r.add(result)
	}
	r.sendForged(ctx)
	r.findTolerance(ctx)
	return ready, true
}

// coldStart is the time from which on the first effect may have been slow because the application was just started.
const coldStart = 150 * time.Millisecond

// ages are the ages of the events that find out the receiver's tolerance, the usual one first.
var ages = []time.Duration{290 * time.Second, 140 * time.Second, 65 * time.Second, 35 * time.Second, 18 * time.Second}

// findTolerance finds out how old an event may be: a receiver can be stricter than usual. Later checks stay within it.
func (r *runner) findTolerance(ctx context.Context) {
	if !r.profile.Signing.CoversTime() {
		return
	}
	s := r.newSession(&Check{Check: conformance.Check{ID: "tolerance"}})
	for n, age := range ages {
		who, err := s.person(ctx, age.String())
		if err != nil {
			return
		}
		s.api.Turn(who, "approved")
		v := (&suite.Shot{}).Variants()[0]
		v.Event.ID, v.Event.Sent = s.ids.next(), -age
		o, status := s.deliverTo(ctx, v, who)
		switch {
		case o != outcome.Fine || status/100 != 2 && status/100 != 4:
			return
		case status/100 == 2 && n > 0:
			r.tolerance = age
			r.report.Evidence = append(r.report.Evidence, fmt.Sprintf("tolerance: it accepts events that are %v old and refuses those of %v; the checks stay within that", age, ages[n-1]))
			return
		case status/100 == 2:
			return
		}
	}
}

// within returns a time of sending that the receiver tolerates, for an event that it must accept.
func (r *runner) within(sent time.Duration) time.Duration {
	if r.tolerance == 0 {
		return sent
	}
	return max(min(sent, r.tolerance-3*time.Second), -r.tolerance)
}

// sendForged sends a forged event and makes its acceptance the headline, since many failures follow from it.
func (r *runner) sendForged(ctx context.Context) {
	if !r.profile.Signing.Signs() || r.target.ForgedAck {
		return
	}
	subject, err := r.profile.NewSubject("forged canary")
	if err != nil {
		return
	}
	v := (&suite.Shot{Sign: suite.Words{"forged"}}).Variants()[0]
	v.Event.ID = "msg_forged" + subject.Name + r.profile.Options.Nonce
	req, err := r.builder.Build(v.Event, subject)
	if err != nil {
		return
	}
	s := r.newSession(&Check{Check: conformance.Check{ID: "auth/forged-signature"}})
	if got := s.exchange(ctx, req, v); got.Err == nil && r.profile.Accepted.Has(got.Status) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.report.Headline = fmt.Sprintf("The receiver accepts forged events: one was answered with %d.", got.Status)
		r.report.Advice = "It does not compare the signature, or continues after a mismatch. Fix this first: many of the failures below follow from it."
	}
}

// prepare creates a subject in the application, if it must exist before its events. The application's requests to the API
// until then are not counted: they are no reaction to an event.
func (r *runner) prepare(ctx context.Context, who *evidence.Person) error {
	if !r.target.Prepare.IsSet() {
		return nil
	}
	if _, err := r.target.Prepare.Call(ctx, http.MethodPost, r.api.SubjectOf(who)); err != nil {
		return fmt.Errorf("the application could not be prepared for a subject: %w", err)
	}
	r.api.ResetCalls(who)
	return nil
}

// canary sends a valid event about a new subject, again if it is deferred, and awaits its effect. The time that takes
// determines how long later checks wait before they conclude that an event had no effect.
func (s *session) canary(ctx context.Context) (o outcome.Outcome, got wire.Response) {
	s.canaries++
	subject, err := s.profile.NewSubject("canary", s.check.ID, fmt.Sprint(s.canaries))
	if err != nil {
		return outcome.Failed(err), got
	}
	who := s.api.Know(subject)
	if err := s.prepare(ctx, who); err != nil {
		return outcome.Failed(err), got
	}
	s.api.Turn(who, "approved")
	v := (&suite.Shot{}).Variants()[0]
	v.Note, v.Event.ID = "a valid event", "msg_canary"+subject.Name+s.profile.Options.Nonce
	began := time.Now()
	v.Event.At = began
	for deadline := began.Add(s.target.Settle); ; {
		req, err := s.builder.Build(v.Event, subject)
		if err != nil {
			return outcome.Failed(err), got
		}
		began = time.Now()
		got = s.exchange(ctx, req, v)
		if !got.Throttled() || time.Now().After(deadline) {
			break
		}
		after, ok := got.RetryAfter(began)
		if !ok {
			after = time.Second
		}
		if !sleep(ctx, min(after, time.Until(deadline))) {
			break
		}
	}
	if o = s.compareStatus(suite.Words{"accept"}, got); o != outcome.Fine {
		return o, got
	}
	if !s.target.Probe.IsSet() {
		return outcome.Outcome{Untestable: evidence.NoProbe}, got
	}
	seen, o := s.observer.Await(ctx, who, s.target.Settle, evidence.Granted)
	switch {
	case o != outcome.Fine:
		return o, got
	case !seen.Granted && ctx.Err() != nil:
		return outcome.Untestable("stopped before an effect was visible"), got
	case !seen.Granted:
		o = outcome.Untestable("the effect of a valid event is not visible: the probe reports %q for its subject after %v", seen.Value, s.target.Settle)
		o.Got, o.Unseen = seen.Value, true
		return o, got
	}
	s.observer.Learn(time.Since(began))
	return outcome.Fine, got
}

// goBlind makes effects untestable from now on, if the effect of a canary was not visible.
func (r *runner) goBlind(o outcome.Outcome) {
	if !o.Unseen {
		return
	}
	r.observer.GoBlind(o.Untestable)
	r.headline("Does the probe query the right subject ({subject} is the person, {reference} the provider's name for the run)? Is the state at --probe-value, and in --granted? Must the subject exist first (--prepare)?",
		"Effects cannot be tested: the probe reports %q for a subject that was just approved.", o.Got)
}

// diagnose explains in one headline why a valid event was refused.
func (r *runner) diagnose(got wire.Response) {
	switch class := got.Status / 100; {
	case got.Late:
		r.headline("Respond first and work afterwards.", "The receiver is too slow: it did not respond to a valid event within %v, when the provider disconnects.", r.profile.SendTimeout())
	case got.Err != nil:
		r.headline("Look at its log: it may have crashed, or expect another protocol.", "The receiver disconnects: it did not respond to a valid event (%v).", got.Err)
	case class == 3:
		r.headline("Register the address that it redirects to, with the right scheme and slash.", "The receiver redirects (%d to %q), and providers do not follow.", got.Status, got.Header.Get("Location"))
	case (got.Status == 401 || got.Status == 403) && !r.profile.Signing.Signs():
		r.headline("The provider signs nothing by default. If the receiver requires a configured header, set it with --header 'NAME: VALUE'"+r.signatureChoices()+".",
			"The receiver refuses an event as the provider sends it (%d).", got.Status)
	case got.Status == 401 || got.Status == 403:
		r.headline("If it verifies with another secret, set that with --credential "+r.profile.Name+"."+r.profile.Signing.Secret+"=…, or start it with the one printed above. Otherwise it does not compute the signature over the exact bytes of the body.",
			"The receiver refuses a correctly signed event (%d).", got.Status)
	case got.Status == 404 || got.Status == 405:
		r.headline("Correct the path of the URL.", "No webhook at this address (%d).", got.Status)
	case class == 4:
		r.headline("Its response may say why. Must the subject exist first (--prepare)?", "The receiver refuses a valid event (%d: %s).", got.Status, wire.Clip(wire.FirstLine(string(got.Body)), 120))
	case class == 5:
		r.headline("Look at its log.", "The receiver fails on a valid event (%d).", got.Status)
	default:
		r.headline("Respond with 200.", "The receiver responds to a valid event with %d, which the provider does not accept as acknowledgement.", got.Status)
	}
}

// signatureChoices lists the provider's signatures, if it has several.
func (r *runner) signatureChoices() string {
	if schemes := r.profile.Switches()["signature"]; len(schemes) > 1 {
		return ", or choose one of its signatures with --switch signature=NAME (" + strings.Join(schemes, ", ") + ")"
	}
	return ""
}
