package receiver

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance"
)

// play is one check as it is made.
type play struct {
	*runner
	ctx   context.Context
	check *Check

	began     time.Time
	people    map[string]*person
	lines     map[string]*line
	ids       map[string]string
	sent      map[string]*request
	canaries  int
	exchanges []*conformance.Exchange
	mu        sync.Mutex // guards exchanges and lines while copies are sent together
}

// outcome is what came of a step: right, unless one of the others is set.
type outcome struct {
	wanted, got string // it was not as wanted
	missing     string // why it cannot be told
	unseen      bool   // because of what must have had an effect, none was seen
	moot        string // why it does not apply after all
	err         error  // it could not be done
}

var fine outcome

func wrong(wanted, got string, args ...any) outcome {
	return outcome{wanted: wanted, got: fmt.Sprintf(got, args...)}
}

// run makes the steps, as far as they are as wanted.
func (p *play) run() conformance.Result {
	result := conformance.Result{Check: p.check.Check, Verdict: conformance.Pass}
	result.Level = p.Level(p.check)
	began := time.Now()
	p.began = began
	defer p.end()
	missing := ""
	if p.check.Secret != "" && p.more[p.check.Secret] == "" {
		result.Verdict, result.Reason = conformance.Inconclusive, moreSecrets[p.check.Secret]
		return result
	}
	for i := range p.check.Steps {
		step := &p.check.Steps[i]
		o := p.do(step)
		if o.wanted != "" && step.Else != "" {
			o = outcome{missing: fmt.Sprintf("%s (wanted %s, got %s)", step.Else, o.wanted, o.got)}
		}
		if o.err != nil {
			result.Verdict, result.Reason = conformance.Error, o.err.Error()
			break
		}
		if o.wanted != "" {
			result.Wanted, result.Got, result.Cause = o.wanted, o.got, p.check.Cause
			result.Reason = "wanted " + o.wanted + ", got " + o.got
			result.Verdict = map[conformance.Level]conformance.Verdict{conformance.Must: conformance.Fail,
				conformance.Should: conformance.Warn, conformance.Info: conformance.Noted}[result.Level]
			break
		}
		if o.moot != "" {
			result.Verdict, result.Reason = conformance.NotApplicable, o.moot
			break
		}
		if missing == "" {
			missing = o.missing
		}
		if o.missing != "" && (step.Begin || step.Else != "") { // what follows would be about nobody, or mean nothing
			break
		}
		if o.missing != "" && p.check.Steps[i].Restart { // what follows would show nothing
			break
		}
	}
	if result.Verdict == conformance.Pass && missing != "" {
		result.Verdict, result.Reason = conformance.Inconclusive, missing
	}
	result.Exchanges, result.Took = p.told(), time.Since(began)
	return result
}

func (p *play) end() {
	for _, l := range p.lines {
		l.Close()
	}
	p.api.mu.Lock()
	defer p.api.mu.Unlock()
	for _, who := range p.people {
		who.set("up")
		who.release()
	}
}

// stranger is the subject of whom the application was not told.
const stranger = "stranger"

// person is the subject of this name in this check, whom nobody knows before.
func (p *play) person(label string) (*person, error) {
	if label == "" {
		label = "a"
	}
	if who := p.people[label]; who != nil {
		return who, nil
	}
	s, err := p.newSubject(p.check.ID, label)
	if err != nil {
		return nil, err
	}
	who := p.api.know(s)
	if label != stranger {
		if err := p.prepare(p.ctx, who); err != nil {
			return nil, err
		}
	}
	p.people[label] = who
	return who, nil
}

// mixed is a person under the name of another one's run, or as they are.
func (p *play) mixed(who *person, other string) (*subject, error) {
	if other == "" {
		return who.subject, nil
	}
	theirs, err := p.person(other)
	if err != nil {
		return nil, err
	}
	mixed := *who.subject
	mixed.reference = theirs.reference
	return &mixed, nil
}

func (p *play) do(s *Step) outcome {
	who, err := p.person(s.Of)
	if err != nil {
		return outcome{err: err}
	}
	switch {
	case s.Send != nil:
		return p.send(s)
	case s.Shake != "":
		return p.handshake(s.Shake)
	case s.Timing:
		return p.timing(who)
	case s.State != "":
		return p.state(who, s.State)
	case s.Effects != nil:
		return p.effects(who, *s.Effects)
	case s.Text != "":
		return p.text(who)
	case s.Called:
		return p.called(who)
	case s.API != "":
		p.api.turn(who, s.API)
		return fine
	case s.Begin:
		return p.begin(who)
	case s.End:
		p.api.mu.Lock()
		defer p.api.mu.Unlock()
		who.release()
		return fine
	case s.Pause != "":
		d, err := time.ParseDuration(s.Pause)
		if err == nil && !p.wait(d) {
			err = p.ctx.Err()
		}
		return outcome{err: err}
	case s.Reuse != "":
		if l := p.lines[s.Reuse]; l != nil {
			l.Close()
		}
		return fine
	case s.TLS != "":
		return p.shake(s.TLS)
	case s.Canary:
		o, _ := p.canary(p.ctx, p)
		return o
	case s.Storm != nil:
		return p.storm(s.Storm)
	case s.Throttled:
		return p.throttle.judge()
	case s.Restart:
		return p.restart()
	}
	return outcome{err: fmt.Errorf("%s has a step that does nothing", p.check.ID)}
}
