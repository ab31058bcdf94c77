//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"
)

// store returns the n-th lasting store, with a new database where that is a file.
func (s *soak) store(n int) string {
	return strings.ReplaceAll(s.stores[n], "{dir}/", fmt.Sprintf("%s/%d-", s.dir, time.Now().UnixNano()))
}

// driveOne calls for one account from several callers at once: its order is not checked.
func (s *soak) driveOne(t *target, l *ledger, callers, calls int) error {
	client := newClient()
	defer client.CloseIdleConnections()
	failures := make(chan error, callers)
	for range callers {
		go func() { failures <- caller{l, client, t, s.call, 0, 0}.run(context.Background(), calls) }()
	}
	var err error
	for range callers {
		err = errors.Join(err, <-failures)
	}
	return err
}

// restart stops the server with SIGTERM again and again while accounts call and webhooks are sent: nothing may be lost or doubled.
func (s *soak) restart() (string, error) { return s.eachStore(1, syscall.SIGTERM, false) }

// kill is restart with SIGKILL: webhooks under way may be sent again, and nothing else.
func (s *soak) kill() (string, error) { return s.eachStore(1, syscall.SIGKILL, false) }

// rolling is restart with two servers on one database, of which one at a time is stopped: one of them takes every call.
func (s *soak) rolling() (string, error) { return s.eachStore(2, syscall.SIGTERM, true) }

// replicas is kill with two servers on one database, of which one at a time is killed.
func (s *soak) replicas() (string, error) { return s.eachStore(2, syscall.SIGKILL, true) }

// eachStore runs restarts on every lasting store that several servers can share.
func (s *soak) eachStore(servers int, signal syscall.Signal, shared bool) (string, error) {
	var figures []string
	var err error
	length := s.length / time.Duration(len(s.stores))
	for n, store := range s.stores {
		kind, _, _ := strings.Cut(store, ":")
		if shared && kind == "sqlite" {
			continue
		}
		text, oneErr := s.restarts(s.store(n), servers, signal, length)
		figures, err = append(figures, kind+": "+text), errors.Join(err, oneErr)
	}
	if len(figures) == 0 {
		return "not run: needs -postgres", nil
	}
	return strings.Join(figures, "; "), err
}

// restarts signals one server after the other, and starts it again at its address.
func (s *soak) restarts(store string, servers int, signal syscall.Signal, length time.Duration) (string, error) {
	var addresses, urls []string
	var procs []*process
	for range servers {
		address, err := freeAddress()
		if err != nil {
			return "", err
		}
		p, err := s.serve("--addr", address, "--store", store)
		if err != nil {
			return "", err
		}
		addresses, urls, procs = append(addresses, address), append(urls, p.URL), append(procs, p)
	}
	r, err := s.receive()
	if err != nil {
		return "", err
	}
	defer r.close()
	all, err := s.open(procs[0], r, 24, behaviours()[:3])
	if err != nil {
		return "", err
	}
	t := &target{}
	t.set(urls...)
	ctx, cancel := context.WithTimeout(context.Background(), length)
	defer cancel()
	var driving sync.WaitGroup
	var driveErr error
	driving.Go(func() { driveErr = s.drive(ctx, t, all, 0) })
	signals := 0
	for ; ctx.Err() == nil; signals++ {
		select {
		case <-time.After(time.Second + rand.N(2*time.Second)):
		case <-ctx.Done():
		}
		n := signals % servers
		if _, err = procs[n].Stop(signal, drainTimeout+time.Second); err != nil {
			break
		}
		if procs[n], err = s.serve("--addr", addresses[n], "--store", store); err != nil {
			break
		}
	}
	cancel()
	driving.Wait()
	settle(all, 90*time.Second)
	v, bad := judgeAll(all)
	refused := int64(0)
	for _, l := range all {
		refused += l.refused.Load()
	}
	if servers > 1 && signal == syscall.SIGTERM && refused > 0 {
		err = errors.Join(err, fmt.Errorf("%d calls were taken by no server", refused))
	}
	if signal == syscall.SIGKILL { // one attempt of each account may have been under way at each
		if most := signals * len(all); v.doubled <= most {
			bad = v.withoutDoubled(all)
		}
	}
	return fmt.Sprintf("%d times %v: %v; %d calls not taken at once", signals, signal, v, refused), errors.Join(err, driveErr, v.err(bad))
}

// withoutDoubled names the accounts with anything wrong but doubled deliveries.
func (verdict) withoutDoubled(all []*ledger) (bad string) {
	for _, l := range all {
		if v := l.judge(); v.missing+v.foreign+v.disordered > 0 {
			bad += " " + l.name
		}
	}
	return bad
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
