//go:build unix

package main

import (
	"fmt"
	"strconv"
	"time"
)

// call compares a provider's call with a bare server.
func (b *bench) call() error {
	idmock, err := b.serve()
	if err != nil {
		return err
	}
	bare, err := b.serveBare()
	if err != nil {
		return err
	}
	idle, err := idmock.resident()
	if err != nil {
		return err
	}
	b.report("MB resident, idle", "at most 30", idle)
	for _, connections := range []int{16, 64} {
		if err := b.compareCalls(idmock, bare, connections); err != nil {
			return err
		}
	}
	return b.allocation()
}

func (b *bench) compareCalls(idmock, bare *process, connections int) error {
	var share, rate, p99, cpu, own []float64
	for i := range b.rounds + 1 {
		ours, err := idmock.wrk(connections, b.length)
		if err != nil {
			return err
		}
		theirs, err := bare.wrk(connections, b.length)
		if err != nil {
			return err
		}
		if i == 0 { // to warm up
			continue
		}
		share, rate = append(share, ours.rate/theirs.rate), append(rate, ours.rate)
		p99 = append(p99, ratio(ours.p99, theirs.p99))
		cpu, own = append(cpu, ratio(ours.cpu, theirs.cpu)), append(own, micros(ours.cpu))
	}
	at := fmt.Sprintf(" at %d connections", connections)
	wanted := map[int]string{16: "at least 0.48", 64: "at least 0.58"}
	b.report("calls a second of a provider, share of bare net/http"+at, wanted[connections], share...)
	b.report("calls a second"+at, "", rate...)
	if connections == 16 {
		b.report("99th percentile of latency, times bare's"+at, "at most 3", p99...)
		b.report("CPU per call, times bare's"+at, "at most 2.7", cpu...)
		b.report("CPU per call, µs"+at, "", own...)
	}
	return nil
}

// allocation measures the memory that a call allocates, from the trace of the garbage collector.
func (b *bench) allocation() error {
	p, err := b.launch([]string{"GODEBUG=gctrace=1"}, b.idmock, "serve", "--addr", "127.0.0.1:0", "--log-level", "error")
	if err != nil {
		return err
	}
	if _, err := p.wrk(16, b.length); err != nil {
		return err
	}
	var perCall []float64
	for range 3 {
		before := p.trace.megabytes()
		r, err := p.wrk(16, max(b.length, 3*time.Second))
		if err != nil {
			return err
		}
		perCall = append(perCall, (p.trace.megabytes()-before)*(1<<20)/1000/float64(r.calls))
	}
	b.report("allocated per call, kB", "at most 8", perCall...)
	return nil
}

// start measures the time from the start of the process to its first response.
func (b *bench) start() error {
	first := func(launch func() (*process, error)) (time.Duration, error) {
		began := time.Now()
		p, err := launch()
		if err != nil {
			return 0, err
		}
		client := tuned(1)
		defer client.CloseIdleConnections()
		err = post(client, p.URL+b.request.Path, []byte(b.request.Body))
		took := time.Since(began)
		b.stopAll()
		return took, err
	}
	var ours, theirs []float64
	for range 4 * b.rounds {
		took, err := first(func() (*process, error) { return b.serve() })
		if err != nil {
			return err
		}
		ours = append(ours, millis(took))
		if took, err = first(b.serveBare); err != nil {
			return err
		}
		theirs = append(theirs, millis(took))
	}
	b.report("start to first response, all providers, ms", "at most 45", ours...)
	b.report("the same of the bare server, ms", "", theirs...)
	return nil
}

// memory measures resident memory after many calls.
func (b *bench) memory() error {
	p, err := b.serve()
	if err != nil {
		return err
	}
	if err := p.drive(b.calls); err != nil {
		return err
	}
	after, err := p.resident()
	if err != nil {
		return err
	}
	b.report(fmt.Sprintf("MB resident after %s calls, journal on", thousands(b.calls)), "at most 110", after)
	return nil
}

// manyRuns compares a server that holds many runs with an empty one.
func (b *bench) manyRuns() error {
	full, err := b.serve("--live-bytes", strconv.Itoa(4<<30)) // by default, fewer runs may be under way
	if err != nil {
		return err
	}
	empty, err := b.serve()
	if err != nil {
		return err
	}
	if _, err := full.Control("POST", "/clock?account=bench", `{"frozen":true}`); err != nil {
		return err
	}
	if err := full.drive(20_000); err != nil { // fills the retention, so that only runs add memory afterwards
		return err
	}
	before, err := full.resident()
	if err != nil {
		return err
	}
	if err := full.drive(b.runs); err != nil {
		return err
	}
	after, err := full.resident()
	if err != nil {
		return err
	}
	times, err := b.alternate(full, empty)
	if err != nil {
		return err
	}
	b.report(fmt.Sprintf("a call with %s runs held, times one with none", thousands(b.runs)), "at most 1.1", times...)
	b.report("bytes resident for each run held", "at most 3000", (after-before)*1e6/float64(b.runs))
	return nil
}

// alternate drives two servers in turns and returns how many times as long the first takes for a call.
func (b *bench) alternate(one, other *process, env ...string) ([]float64, error) {
	var times []float64
	for i := range min(3, b.rounds) + 1 {
		first, err := one.wrk(16, b.length, env...)
		if err != nil {
			return nil, err
		}
		second, err := other.wrk(16, b.length)
		if err != nil {
			return nil, err
		}
		if i > 0 { // the first is to warm up
			times = append(times, second.rate/first.rate)
		}
	}
	return times, nil
}
