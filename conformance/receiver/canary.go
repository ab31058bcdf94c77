package receiver

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/idmock/idmock/conformance"
)

// canary sends a valid event about somebody new, and waits for its effect. How long that takes says how long to wait
// before it can be said that something had none.
func (r *runner) canary(ctx context.Context, p *play) outcome {
	s, err := r.newSubject("canary", fmt.Sprint(r.canaryN.Add(1)))
	if err != nil {
		return outcome{err: err}
	}
	who, err := r.meet(ctx, s)
	if err != nil {
		return outcome{err: err}
	}
	who.state = r.conf.Roles["approved"].Run
	v := (&Shot{}).variants()[0]
	v.note = "a valid event"
	req, err := r.build(v, s, "msg_canary"+s.name+r.nonce, r.wire)
	if err != nil {
		return outcome{err: err}
	}
	began := time.Now()
	got := p.exchange(req, v)
	if o := p.status(words{"accept"}, got); o != fine {
		if ctx.Err() == nil {
			r.diagnose(got)
		}
		return o
	}
	if !r.target.Probe.IsSet() {
		return outcome{missing: noProbe}
	}
	seen, o := p.await(who, r.target.Settle, func(v view) bool { return v.granted })
	if o != fine {
		return o
	}
	if !seen.granted && ctx.Err() != nil {
		return outcome{missing: "stopped before an effect was seen"}
	}
	if !seen.granted {
		blind := fmt.Sprintf("the effect of a valid event is not seen: the probe says %q of its subject after %v", seen.value, r.target.Settle)
		r.blind.Store(&blind)
		r.saying.Lock()
		defer r.saying.Unlock()
		if r.report.Headline == "" {
			r.report.Headline = "Effects cannot be judged: the probe says " + fmt.Sprintf("%q", seen.value) + " of somebody who was just approved."
			r.report.Advice = "Does the probe ask about the right subject ({subject} is the person, {reference} the provider's name for the run)? Is the state at --probe-value, and among --granted? Must the subject be known first (--prepare)?"
		}
		return outcome{missing: blind}
	}
	if took := int64(time.Since(began)); took > r.latency.Load() {
		r.latency.Store(took)
	}
	return fine
}

// meet makes the API know a subject, and tells the application of it. What that asks the API already is no evidence of
// what it does with events.
func (r *runner) meet(ctx context.Context, s *subject) (*person, error) {
	who := r.api.know(s)
	if r.target.Prepare.IsSet() {
		if _, err := r.target.Prepare.call(ctx, http.MethodPost, s); err != nil {
			return nil, fmt.Errorf("the application could not be prepared for a subject: %w", err)
		}
		r.api.uncount(who)
	}
	return who, nil
}

// diagnose makes one clear sentence of why a valid event was not taken.
func (r *runner) diagnose(got reply) {
	r.saying.Lock()
	defer r.saying.Unlock()
	if r.report.Headline != "" {
		return
	}
	say := func(headline, advice string, args ...any) {
		r.report.Headline, r.report.Advice = fmt.Sprintf(headline, args...), advice
	}
	switch class := got.status / 100; {
	case got.late:
		say("The receiver is too slow: a valid event got no answer within %v, when the provider hangs up.", "Answer first and work afterwards.", r.Timeout())
	case got.err != nil:
		say("The receiver breaks off: a valid event got no answer (%v).", "Look at its log: it may have crashed, or expect another protocol.", got.err)
	case class == 3:
		say("The receiver answers with a redirect (%d to %q), which no provider follows.", "Register the address that it redirects to, with the right scheme and slash.", got.status, got.header.Get("Location"))
	case got.status == 401 || got.status == 403:
		say("The receiver refuses a correctly signed event (%d).", "Does it check with another secret? Give its own with --credential "+r.Name+"."+r.signature.Secret+"=…, or start it with the one that is printed. Else it computes the signature over something other than the bytes that came.", got.status)
	case got.status == 404 || got.status == 405:
		say("There is no webhook at this address (%d).", "Correct the path of the URL.", got.status)
	case class == 4:
		say("The receiver refuses a valid event (%d: %s).", "Its answer says why, perhaps. Must the subject be known first (--prepare)?", got.status, clip(firstLine(string(got.body)), 120))
	case class == 5:
		say("The receiver fails at a valid event (%d).", "Look at its log.", got.status)
	default:
		say("The receiver answers a valid event with %d, which the provider does not take for received.", "Answer with 200.", got.status)
	}
}

// forged sends an event that nobody signed, and returns the status if it was accepted.
func (r *runner) forged(ctx context.Context) int {
	s, err := r.newSubject("forged canary")
	if err != nil {
		return 0
	}
	v := (&Shot{Sign: words{"forged"}}).variants()[0]
	req, err := r.build(v, s, "msg_forged"+s.name+r.nonce, r.wire)
	if err != nil {
		return 0
	}
	p := r.play(ctx, &Check{Check: conformance.Check{ID: "auth/forged-signature"}})
	got := p.exchange(req, v)
	if got.err == nil && r.accept.Has(got.status) && !r.target.ForgedAck {
		return got.status
	}
	return 0
}
