package evidence

import (
	"context"
	"fmt"
	"html"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/conformance/receiver/outcome"
	"github.com/idmock/idmock/conformance/receiver/wire"
)

// Tick is the interval at which an awaited effect is looked for at first. It grows with the time waited, to maxTick: looking
// costs the application time that it needs for the effect.
const (
	Tick    = 20 * time.Millisecond
	maxTick = 250 * time.Millisecond
)

// tick is the interval after a time of waiting.
func tick(waited time.Duration) time.Duration { return min(max(waited/8, Tick), maxTick) }

// NoProbe is why effects are untestable without a probe.
const NoProbe = "no evidence of effects: set --probe or --probe-command"

// Observer awaits effects in the application. Its methods are safe for concurrent use.
type Observer struct {
	Probe  Probe
	API    *API
	Settle time.Duration // the longest time that an effect may take
	// Allowance is how much longer to wait because this machine is busy. Nil: not at all.
	Allowance func() time.Duration

	latency atomic.Int64           // of the slowest effect so far, in nanoseconds
	blind   atomic.Pointer[string] // why effects are not visible although there is a probe
}

// Learn records how long an effect took.
func (o *Observer) Learn(took time.Duration) {
	if int64(took) > o.latency.Load() {
		o.latency.Store(int64(took))
	}
}

// Forget forgets how long effects took: those of an application that has just been started say little about later ones.
func (o *Observer) Forget() { o.latency.Store(0) }

// Latency is how long the slowest effect took.
func (o *Observer) Latency() time.Duration { return time.Duration(o.latency.Load()) }

// GoBlind makes all further effects untestable, for this reason.
func (o *Observer) GoBlind(reason string) { o.blind.Store(&reason) }

// quiet is how long to wait before concluding that an event has no effect: well above the slowest effect so far.
func (o *Observer) quiet() time.Duration {
	wait := max(3*time.Duration(o.latency.Load())+100*time.Millisecond, 150*time.Millisecond)
	if o.Allowance != nil {
		wait += o.Allowance()
	}
	return min(wait, o.Settle)
}

// Await looks at the application's view until it matches or the timeout expires. It returns the last view.
func (o *Observer) Await(ctx context.Context, who *Person, timeout time.Duration, matches func(View) bool) (View, outcome.Outcome) {
	if !o.Probe.IsSet() {
		return View{}, outcome.Outcome{Untestable: NoProbe}
	}
	if reason := o.blind.Load(); reason != nil {
		return View{}, outcome.Outcome{Untestable: *reason}
	}
	began := time.Now()
	for {
		v, err := o.Probe.Look(ctx, o.API.SubjectOf(who))
		if err != nil {
			return v, outcome.Outcome{Untestable: err.Error()}
		}
		waited := time.Since(began)
		if matches(v) || waited >= timeout || ctx.Err() != nil {
			return v, outcome.Fine
		}
		wire.Pause(min(tick(waited), timeout-waited))
	}
}

// Granted matches a view in which the subject has access.
func Granted(v View) bool { return v.Granted }

func withheld(v View) bool { return !v.Granted }

func never(View) bool { return false }

// State awaits a change of access, granted or withdrawn, or the absence of one: withheld, kept.
func (o *Observer) State(ctx context.Context, who *Person, want string) outcome.Outcome {
	switch want {
	case "granted":
		v, result := o.Await(ctx, who, o.Settle, Granted)
		if result == outcome.Fine && !v.Granted {
			return outcome.Wrong("the application to grant the subject access", "state %q after %v", v.Value, o.Settle)
		}
		return result
	case "withdrawn":
		v, result := o.Await(ctx, who, o.Settle, withheld)
		if result == outcome.Fine && v.Granted {
			return outcome.Wrong("the application to withdraw the subject's access", "still state %q after %v", v.Value, o.Settle)
		}
		return result
	case "withheld":
		v, result := o.Await(ctx, who, o.quiet(), Granted)
		if result == outcome.Fine && v.Granted {
			return outcome.Wrong("the application to grant nothing", "state %q", v.Value)
		}
		return result
	case "kept":
		if _, result := o.Await(ctx, who, o.quiet(), never); result != outcome.Fine {
			return result
		}
		v, result := o.Await(ctx, who, 0, Granted)
		if result == outcome.Fine && !v.Granted {
			return outcome.Wrong("the application to keep the subject's access", "state %q", v.Value)
		}
		return result
	}
	return outcome.Failed(fmt.Errorf("unknown state %q", want))
}

// Effects waits for exactly want effects.
func (o *Observer) Effects(ctx context.Context, who *Person, want int) outcome.Outcome {
	v, result := o.Await(ctx, who, o.Settle, func(v View) bool { return !v.Counted || v.Effects >= want })
	if result == outcome.Fine && v.Counted {
		v, result = o.Await(ctx, who, o.quiet(), func(v View) bool { return v.Effects > want })
	}
	switch {
	case result != outcome.Fine:
		return result
	case !v.Counted:
		return outcome.Untestable("the probe does not count the effects on the subject: set --probe-effects")
	case v.Effects != want:
		return outcome.Wrong(effects(want)+" on the subject", "%s", effects(v.Effects))
	}
	return outcome.Fine
}

func effects(n int) string {
	if n == 1 {
		return "one effect"
	}
	return fmt.Sprintf("%d effects", n)
}

// Text awaits a text in the application exactly as it was sent.
func (o *Observer) Text(ctx context.Context, who *Person, want string) outcome.Outcome {
	v, result := o.Await(ctx, who, o.Settle, func(v View) bool { return !v.HasText || text(v.Text, want) })
	switch {
	case result != outcome.Fine:
		return result
	case !v.HasText:
		return outcome.Untestable("the probe does not report the text that was sent: set --probe-text")
	case !text(v.Text, want):
		return outcome.Wrong(fmt.Sprintf("the text %q unchanged", want), "%q", v.Text)
	}
	return outcome.Fine
}

// text reports whether a stored text is the one that was sent: as it was, or safe for HTML.
func text(stored, sent string) bool {
	return stored == sent || html.UnescapeString(stored) == sent
}

// Asked awaits a request of the application about the subject, as Called does. It fails if there was one about another person
// instead.
func (o *Observer) Asked(ctx context.Context, who *Person, another func() bool) outcome.Outcome {
	called := o.Called(ctx, who)
	if called != outcome.Fine && another() {
		return outcome.Wrong("a request to the API about the event's own verification", "a request about another one")
	}
	return called
}

// Called awaits a request of the application to the API about the subject.
func (o *Observer) Called(ctx context.Context, who *Person) outcome.Outcome {
	deadline := time.Now().Add(o.quiet())
	for o.API.Calls(who) == 0 {
		if time.Now().After(deadline) || ctx.Err() != nil {
			return outcome.Untestable("the application did not query the API about the subject, so the API's response had no influence: if it queries the API at all, start it with the API's address (%s)", o.API.URL)
		}
		wire.Pause(Tick)
	}
	return outcome.Fine
}
