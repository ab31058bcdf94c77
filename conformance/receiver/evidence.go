package receiver

import (
	"fmt"
	"net/http"
	"time"
)

// tick is how often the application is asked for its view while an effect is awaited.
const tick = 20 * time.Millisecond

const noProbe = "nothing shows what the application made of it: give --probe or --probe-command"

// await asks for the application's view until it is as wanted, or the patience is over. The view is the last one.
func (p *play) await(who *person, patience time.Duration, wanted func(view) bool) (view, outcome) {
	if !p.target.Probe.IsSet() {
		return view{}, outcome{missing: noProbe}
	}
	if blind := p.blind.Load(); blind != nil {
		return view{}, outcome{missing: *blind}
	}
	deadline := time.Now().Add(patience)
	for {
		v, err := p.target.Probe.look(p.ctx, who.subject)
		if err != nil {
			return v, outcome{missing: err.Error()}
		}
		if wanted(v) || time.Now().After(deadline) || p.ctx.Err() != nil {
			return v, fine
		}
		pause(tick)
	}
}

// quiet is how long to wait before saying that there was no effect: well longer than effects took until now.
func (p *play) quiet() time.Duration {
	return min(max(3*time.Duration(p.latency.Load())+100*time.Millisecond, 150*time.Millisecond), p.target.Settle)
}

func (p *play) state(who *person, wanted string) outcome {
	granted := func(v view) bool { return v.granted }
	withheld := func(v view) bool { return !v.granted }
	never := func(view) bool { return false }
	switch wanted {
	case "granted":
		v, o := p.await(who, p.target.Settle, granted)
		if o == fine && !v.granted {
			return wrong("the application to grant the subject access", "its state %q after %v", v.value, p.target.Settle)
		}
		return o
	case "withdrawn":
		v, o := p.await(who, p.target.Settle, withheld)
		if o == fine && v.granted {
			return wrong("the application to take the subject's access away", "its state %q still after %v", v.value, p.target.Settle)
		}
		return o
	case "withheld":
		v, o := p.await(who, p.quiet(), granted)
		if o == fine && v.granted {
			return wrong("the application to grant nothing", "its state %q", v.value)
		}
		return o
	case "kept":
		if _, o := p.await(who, p.quiet(), never); o != fine {
			return o
		}
		v, o := p.await(who, 0, granted)
		if o == fine && !v.granted {
			return wrong("the application to leave the subject's access as it was", "its state %q", v.value)
		}
		return o
	}
	return outcome{err: fmt.Errorf("%s wants the state %q, which is not known", p.check.ID, wanted)}
}

func (p *play) effects(who *person, wanted int) outcome {
	v, o := p.await(who, p.target.Settle, func(v view) bool { return !v.counted || v.effects >= wanted })
	if o != fine {
		return o
	}
	if v.counted {
		v, o = p.await(who, p.quiet(), func(v view) bool { return v.effects > wanted })
	}
	switch {
	case o != fine:
		return o
	case !v.counted:
		return outcome{missing: "the probe does not say how often something was done for the subject: give --probe-effects"}
	case v.effects != wanted:
		return wrong(fmt.Sprintf("%s for the subject", times(wanted)), "%s", times(v.effects))
	}
	return fine
}

func times(n int) string {
	if n == 1 {
		return "one effect"
	}
	return fmt.Sprintf("%d effects", n)
}

func (p *play) text(who *person) outcome {
	if p.conf.Text == "" { // it stood where no application looks
		return fine
	}
	v, o := p.await(who, p.target.Settle, func(v view) bool { return !v.told || v.text == awkward })
	switch {
	case o != fine:
		return o
	case !v.told:
		return outcome{missing: "the probe does not tell the text that was sent: give --probe-text"}
	case v.text != awkward:
		return wrong(fmt.Sprintf("the text %q to be kept as it was sent", awkward), "%q", v.text)
	}
	return fine
}

// called waits until the application has asked the API about the subject.
func (p *play) called(who *person) outcome {
	deadline := time.Now().Add(p.quiet())
	for p.api.callsAbout(who) == 0 {
		if time.Now().After(deadline) || p.ctx.Err() != nil {
			return outcome{missing: "the application did not ask the API about the subject, so what the API says could not matter: if it asks at all, start it with the API's address (" + p.api.url + ")"}
		}
		pause(tick)
	}
	return fine
}

// begin lets the application begin a verification, whose call gets no answer yet.
func (p *play) begin(who *person) outcome {
	if !p.target.Start.IsSet() {
		return outcome{missing: "nothing lets the application begin a verification by itself: give --start"}
	}
	p.api.mu.Lock()
	who.answer = make(chan struct{})
	p.api.mu.Unlock()
	failed := make(chan error, 1)
	p.side.Go(func() {
		if _, err := p.target.Start.call(p.ctx, http.MethodPost, who.subject); err != nil {
			failed <- err
		}
	})
	select {
	case reference := <-who.begun:
		p.api.mu.Lock()
		// The same person under the name that the API gave the run.
		named := *who.subject
		named.reference = reference
		who.subject = &named
		p.api.mu.Unlock()
		return fine
	case err := <-failed:
		return outcome{missing: "the application could not be made to begin a verification: " + err.Error()}
	case <-p.ctx.Done():
		return outcome{missing: "stopped while the application began a verification"}
	case <-time.After(p.target.Settle):
		return outcome{missing: "the application did not call " + p.conf.Start.Operation + " for the subject when it was told to begin"}
	}
}
