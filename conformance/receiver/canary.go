package receiver

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance"
)

// prepare tells the application of somebody, if it has to know them before events about them. What it asks the API then
// is no evidence of what it does with events.
func (r *runner) prepare(ctx context.Context, who *person) error {
	if !r.target.Prepare.IsSet() {
		return nil
	}
	if _, err := r.target.Prepare.call(ctx, http.MethodPost, who.subject); err != nil {
		return fmt.Errorf("the application could not be prepared for a subject: %w", err)
	}
	r.api.uncount(who)
	return nil
}

// canary sends a valid event about somebody new, again if it is put off, and waits for its effect. How long that takes
// says how long to wait before it can be said that something had none.
func (r *runner) canary(ctx context.Context, p *play) (o outcome, got reply) {
	p.canaries++
	s, err := r.newSubject("canary", p.check.ID, fmt.Sprint(p.canaries))
	if err != nil {
		return outcome{err: err}, got
	}
	who := r.api.know(s)
	if err := r.prepare(ctx, who); err != nil {
		return outcome{err: err}, got
	}
	who.state = r.conf.Roles["approved"].Run
	v := (&Shot{}).variants()[0]
	v.note = "a valid event"
	var began time.Time
	for deadline := time.Now().Add(r.target.Settle); ; {
		req, err := r.build(v, s, "msg_canary"+s.name+r.nonce, r.wire)
		if err != nil {
			return outcome{err: err}, got
		}
		began = time.Now()
		got = p.exchange(req, v)
		if !throttled(got) || time.Now().After(deadline) {
			break
		}
		after, ok := retryAfter(got, began)
		if !ok {
			after = time.Second
		}
		if !p.wait(min(after, time.Until(deadline))) {
			break
		}
	}
	if o = p.status(words{"accept"}, got); o != fine {
		return o, got
	}
	if !r.target.Probe.IsSet() {
		return outcome{missing: noProbe}, got
	}
	seen, o := p.await(who, r.target.Settle, func(v view) bool { return v.granted })
	if o != fine {
		return o, got
	}
	if !seen.granted && ctx.Err() != nil {
		return outcome{missing: "stopped before an effect was seen"}, got
	}
	if !seen.granted {
		return outcome{missing: fmt.Sprintf("the effect of a valid event is not seen: the probe says %q of its subject after %v", seen.value, r.target.Settle), got: seen.value, unseen: true}, got
	}
	if took := int64(time.Since(began)); took > r.latency.Load() {
		r.latency.Store(took)
	}
	return fine, got
}

// goBlind says of all checks to come that effects cannot be seen, if that is what came of a canary.
func (r *runner) goBlind(o outcome) {
	if !o.unseen {
		return
	}
	r.blind.Store(&o.missing)
	r.saying.Lock()
	defer r.saying.Unlock()
	if r.report.Headline == "" {
		r.report.Headline = fmt.Sprintf("Effects cannot be judged: the probe says %q of somebody who was just approved.", o.got)
		r.report.Advice = "Does the probe ask about the right subject ({subject} is the person, {reference} the provider's name for the run)? Is the state at --probe-value, and among --granted? Must the subject be known first (--prepare)?"
	}
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
	case (got.status == 401 || got.status == 403) && !r.signature.Signs():
		say("The receiver refuses an event that is as the provider sends it (%d).", "The provider signs nothing, as far as is known. Does the receiver want a header that it was told to send? Give it with --header 'NAME: VALUE'"+r.choices()+".", got.status)
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

// choices says how the provider can be made to sign, if it can.
func (p *Profile) choices() string {
	if schemes := p.Switches()["signature"]; len(schemes) > 1 {
		return ", or one of its signatures with --switch signature=NAME (" + strings.Join(schemes, ", ") + ")"
	}
	return ""
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
