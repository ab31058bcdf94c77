//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"
)

const (
	drainTimeout = 5 * time.Second  // the default of serve
	maxMemory    = 512              // MB, under any load
	maxFlat      = 1.5              // memory at the end, times that after a third
	warm         = 90 * time.Second // length from which on the caches are full after a third
	maxRoutines  = 200              // of a server without clients
)

// mixed drives a hundred accounts with every behaviour of receivers and faults, beside viewers of which most read nothing, and a
// thousand idle sockets.
func (s *soak) mixed() (string, error) {
	p, err := s.serve("--addr", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	r, err := s.receive()
	if err != nil {
		return "", err
	}
	defer r.close()
	all, err := s.open(p, r, 104, behaviours())
	if err != nil {
		return "", err
	}
	watching := p.watch(r)
	sockets, err := p.crowd(1000, 100)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.length)
	defer cancel()
	type figure struct {
		megabytes float64
		err       error
	}
	third := make(chan figure, 1)
	time.AfterFunc(s.length/3, func() {
		n, err := p.Memory("VmRSS")
		third <- figure{n, err}
	})
	t := &target{}
	t.set(p.URL)
	err = s.drive(ctx, t, all, 0)
	settle(all, 60*time.Second)
	early := <-third
	late, memoryErr := p.Memory("VmRSS")
	most, mostErr := p.Memory("VmHWM")
	for _, c := range sockets {
		_ = c.Close() // the server may have closed it
	}
	watching.stop()
	v, bad := judgeAll(all)
	if timeouts, err := p.timeouts(all); err != nil {
		return "", err
	} else if v.doubled <= timeouts { // each was repeated after a response that came too late
		bad = v.withoutDoubled(all)
	}
	r.close() // ends the hanging attempts
	time.Sleep(time.Second)
	routines, quitErr := p.goroutines()
	figures := fmt.Sprintf("%v; %.0f MB at most, %.0f after a third, %.0f at the end; %d goroutines", v, most, early.megabytes, late, routines)
	err = errors.Join(err, watching.err(v), early.err, memoryErr, mostErr, quitErr, v.err(bad))
	grown := s.length >= warm && late > early.megabytes*maxFlat+32
	if most > maxMemory || grown || routines > maxRoutines || routines == 0 {
		err = errors.Join(err, fmt.Errorf("beyond %d MB, %g times, or %d goroutines", maxMemory, maxFlat, maxRoutines))
	}
	return figures, err
}

// err is nil if nothing went wrong.
func (v verdict) err(bad string) error {
	if v.calls == 0 || bad != "" {
		return fmt.Errorf("wrong: %s", bad)
	}
	return nil
}

// crowd opens idle sockets, and viewers of the journal that read nothing after the first bytes.
func (p *process) crowd(idle, viewers int) ([]net.Conn, error) {
	var all []net.Conn
	host := strings.TrimPrefix(p.URL, "http://")
	for i := range idle + viewers {
		c, err := net.Dial("tcp", host)
		if err != nil {
			return all, err
		}
		all = append(all, c)
		if i >= idle {
			fmt.Fprintf(c, "GET /_idmock/v1/events HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
				"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", host)
		}
	}
	return all, nil
}

// deliveries sends many webhooks to many endpoints of one account, some of them failing, and counts each.
func (s *soak) deliveries() (string, error) {
	const endpoints, batch = 64, 50
	p, err := s.serve("--addr", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	r, err := s.receive()
	if err != nil {
		return "", err
	}
	defer r.close()
	var all []*ledger
	kinds := behaviours()
	for i := range endpoints {
		b := kinds[0]
		if i%8 == 7 { // one in eight is slow now and then, or fails, or goes down
			b = kinds[1+i/8%3]
			b.respond = failSome
			if b.name == "slow" {
				b.respond = slowSome
			}
		}
		l := &ledger{name: fmt.Sprintf("%s-%d", b.name, i), behave: b}
		if _, err := p.Control("POST", "/endpoints?account=many", s.endpoint(r.add(l))); err != nil {
			return "", err
		}
		all = append(all, l)
	}
	watching := p.watch(r)
	client := newClient()
	defer client.CloseIdleConnections()
	began, sent := time.Now(), 0
	for sent < s.most && time.Since(began) < s.length {
		for range batch {
			reference, err := s.call.make(client, p.URL, "many")
			if err != nil {
				return "", err
			}
			for _, l := range all {
				l.wanted = append(l.wanted, reference)
			}
			sent += endpoints
		}
		if _, err := p.Control("POST", "/wait/idle?account=many", `{"timeout":"2m"}`); err != nil {
			return "", err
		}
	}
	took := time.Since(began)
	settle(all, 60*time.Second)
	watching.stop()
	v, bad := judgeAll(all)
	most, err := p.Memory("VmHWM")
	return fmt.Sprintf("%d webhooks in %.0f s (%.0f a second): %v; %.0f MB at most", sent, took.Seconds(), float64(sent)/took.Seconds(), v, most),
		errors.Join(err, watching.err(v), v.err(bad))
}

// queued sends SIGTERM while ten thousand webhooks wait behind one that hangs, and starts the server again.
func (s *soak) queued() (string, error) {
	const calls, callers = 10_000, 16
	store := s.store(0)
	p, err := s.serve("--addr", "127.0.0.1:0", "--store", store)
	if err != nil {
		return "", err
	}
	r, err := s.receive()
	if err != nil {
		return "", err
	}
	defer r.close()
	gate := make(chan struct{})
	l := &ledger{name: "queued", behave: behaviour{name: "queued", copies: 1, respond: gated(gate)}}
	if _, err := p.Control("POST", "/endpoints?account=queued", s.endpoint(r.add(l))); err != nil {
		return "", err
	}
	t := &target{}
	t.set(p.URL)
	if err := s.driveOne(t, l, callers, calls/callers); err != nil {
		return "", err
	}
	took, err := p.Stop(syscall.SIGTERM, drainTimeout+time.Second)
	if err != nil {
		return "", err
	}
	again := time.Now()
	if _, err = s.serve("--addr", "127.0.0.1:0", "--store", store); err != nil {
		return "", err
	}
	started := time.Since(again)
	close(gate)
	settle([]*ledger{l}, 4*time.Minute)
	v, bad := judgeAll([]*ledger{l})
	return fmt.Sprintf("ended %.1f s after SIGTERM, ready again in %.1f s, all sent after %.0f s: %v", took.Seconds(), started.Seconds(), time.Since(again).Seconds(), v),
		v.err(bad)
}

// gated responds once the gate is open.
func gated(gate <-chan struct{}) respond {
	return func(l *ledger, try int, r *request) int {
		select {
		case <-gate:
			return accept(l, try, r)
		case <-r.Context().Done():
			return 0
		}
	}
}
