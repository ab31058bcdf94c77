package receiver

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// Storm is what comes when a provider lets its queue go after a pause: many events in a short time, each about somebody
// else, so that it shows when one of them is lost.
type Storm struct {
	Events int    `yaml:"events"`
	Within string `yaml:"within"`  // the time in which they are sent; 0s: all at once
	PutOff bool   `yaml:"put_off"` // they may be put off, with 429 or 503 and a Retry-After
}

func (s *Storm) check() error {
	if s.Events < 1 {
		return errors.New("a storm has at least one event")
	}
	_, err := time.ParseDuration(s.Within)
	return err
}

const (
	// putOffPatience is how long a receiver may put an event of a storm off.
	putOffPatience = 15 * time.Second
	// manyAtOnce is how many subjects the application is told of, or asked about, at the same time.
	manyAtOnce = 8
)

// storm sends the events, those that may be and are put off again when they may come, and looks whether each had its effect.
func (p *play) storm(s *Storm) outcome {
	within, err := time.ParseDuration(s.Within)
	if err != nil {
		return outcome{err: err}
	}
	people, err := p.crowd(s.Events)
	if err != nil {
		return outcome{err: err}
	}
	came := make([]outcome, s.Events)
	var all sync.WaitGroup
	for i, who := range people {
		id := p.id("", i)
		all.Go(func() {
			if p.wait(time.Duration(i) * within / time.Duration(s.Events)) {
				came[i] = p.deliver(s, who, id, time.Duration(i%50)*20*time.Millisecond)
			}
		})
	}
	all.Wait()
	if o := together(came, "answered otherwise"); o != fine {
		p.mark(o.wanted)
		return o
	}
	deadline := time.Now().Add(p.target.Settle)
	someAtATime(people, func(i int, who *person) {
		v, o := p.await(who, time.Until(deadline), func(v view) bool { return v.granted })
		if came[i] = o; o == fine && !v.granted {
			came[i] = wrong("each of the events to have its effect in the end", "the state %q", v.value)
		}
	})
	return together(came, "lost")
}

// mark notes what was wanted at the first exchange of those kept that was not so.
func (p *play) mark(wanted string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.exchanges {
		if p.exchanges[i].Error != "" || !p.accept.Has(p.exchanges[i].Status) {
			p.exchanges[i].Wanted = wanted
			return
		}
	}
}

// together is the first outcome that is not fine, with the number of those that are wrong.
func together(all []outcome, what string) outcome {
	made, n := fine, 0
	for _, o := range all {
		if o.wanted != "" {
			n++
		}
		if made == fine || made.wanted == "" && o.wanted != "" {
			made = o
		}
	}
	if n > 0 {
		made.got = fmt.Sprintf("%d of %d %s: %s", n, len(all), what, made.got)
	}
	return made
}

// crowd makes people up whom the API knows as approved, and tells the application of them.
func (p *play) crowd(n int) ([]*person, error) {
	people := make([]*person, n)
	for i := range people {
		s, err := p.newSubject(p.check.ID, "crowd", fmt.Sprint(i))
		if err != nil {
			return nil, err
		}
		people[i] = p.api.know(s)
		p.api.turn(people[i], "approved")
	}
	failed := make([]error, n)
	someAtATime(people, func(i int, who *person) { failed[i] = p.prepare(p.ctx, who) })
	return people, errors.Join(failed...)
}

// someAtATime does something for all of them.
func someAtATime(people []*person, do func(i int, who *person)) {
	var all sync.WaitGroup
	room := make(chan struct{}, manyAtOnce)
	for i, who := range people {
		room <- struct{}{}
		all.Go(func() {
			defer func() { <-room }()
			do(i, who)
		})
	}
	all.Wait()
}

// deliver sends an event until it is accepted, as a provider does that was asked to come again later; so much later than
// asked, because a provider does not send all at the same moment again.
func (p *play) deliver(s *Storm, who *person, id string, later time.Duration) outcome {
	wanted := p.inWords(words{"accept"})
	if s.PutOff {
		wanted += ", or 429 or 503 with Retry-After"
	}
	v := (&Shot{}).variants()[0]
	deadline := time.Now().Add(putOffPatience)
	for {
		r, err := p.build(v, who.subject, id, p.wire)
		if err != nil {
			return outcome{err: err}
		}
		got := p.exchange(r, v)
		if got.err == nil && p.accept.Has(got.status) {
			return fine
		}
		if !throttled(got) || !s.PutOff {
			return wrong(wanted, "%s", describe(got))
		}
		after, ok := retryAfter(got, time.Now())
		switch {
		case !ok:
			return wrong(wanted, "status %d with the Retry-After %q", got.status, got.header.Get("Retry-After"))
		case time.Until(deadline) < after:
			return outcome{missing: fmt.Sprintf("it put an event off for %v more, and the checks wait no longer than %v", after, putOffPatience)}
		case !p.wait(after + later):
			return fine // the run was stopped
		}
	}
}

// wait waits, and reports whether the run goes on.
func (p *play) wait(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-p.ctx.Done():
		return false
	}
}
