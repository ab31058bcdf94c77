//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	cutAccounts   = 64
	cutDeliveries = 50_000
	cutEvery      = 5 * time.Second
)

// cuts runs two and then three servers on one database, of which every five seconds one is killed or loses its connections to the
// database for a while, until every account has made its share of the calls or the time is over. An attempt of each account may
// be under way at each.
func (s *soak) cuts() (string, error) {
	var figures []string
	var err error
	for _, store := range s.stores {
		if strings.HasPrefix(store, "sqlite:") { // cannot be shared
			continue
		}
		for servers := 2; servers <= 3; servers++ {
			text, oneErr := s.cut(store, servers, min(s.most, cutDeliveries))
			figures, err = append(figures, fmt.Sprintf("%d servers: %s", servers, text)), errors.Join(err, oneErr)
		}
	}
	if len(figures) == 0 {
		return "not run: needs -postgres", nil
	}
	return strings.Join(figures, "; "), err
}

// replica is a server that reaches its database through a link of its own.
type replica struct {
	*process
	address string
	link    *link
}

func (s *soak) cut(store string, servers, deliveries int) (string, error) {
	var replicas []*replica
	var urls []string
	for range servers {
		l, err := newLink(store)
		if err != nil {
			return "", err
		}
		defer l.close()
		one := &replica{link: l}
		if one.address, err = freeAddress(); err != nil {
			return "", err
		}
		if one.process, err = s.serve("--addr", one.address, "--store", l.url); err != nil {
			return "", err
		}
		replicas, urls = append(replicas, one), append(urls, one.URL)
	}
	r, err := s.receive()
	if err != nil {
		return "", err
	}
	defer r.close()
	all, err := s.open(replicas[0].process, r, cutAccounts, behaviours()[:1])
	if err != nil {
		return "", err
	}
	t := &target{}
	t.set(urls...)
	ctx, cancel := context.WithTimeout(context.Background(), s.length/2) // of two runs
	defer cancel()
	began := time.Now()
	var driveErr error
	var driving sync.WaitGroup
	driving.Go(func() {
		defer cancel()
		driveErr = s.drive(ctx, t, all, (deliveries+len(all)-1)/len(all))
	})
	kills, cuts, err := s.disturb(ctx, replicas)
	cancel()
	driving.Wait()
	took := time.Since(began)
	settle(all, 90*time.Second)
	v, bad := judgeAll(all)
	if most := (kills + cuts) * len(all); v.doubled <= most && v.foreign <= most {
		bad = lostOrDisordered(all)
	}
	return fmt.Sprintf("%d kills and %d cuts in %.0f s: %v", kills, cuts, took.Seconds(), v), errors.Join(err, driveErr, v.err(bad))
}

// lostOrDisordered names the accounts with lost or disordered deliveries. A call that was answered with 503, because its commit was
// cut off, may have been committed: its webhook comes unasked.
func lostOrDisordered(all []*ledger) (bad string) {
	for _, l := range all {
		if v := l.judge(); v.missing+v.disordered > 0 {
			bad += " " + l.name
		}
	}
	return bad
}

// disturb kills or cuts off one server after the other until ctx ends, and starts or connects it again.
func (s *soak) disturb(ctx context.Context, replicas []*replica) (kills, cuts int, err error) {
	for n := 0; ; n++ {
		select {
		case <-time.After(cutEvery):
		case <-ctx.Done():
			return kills, cuts, nil
		}
		one := replicas[n/2%len(replicas)] // each in both ways
		if n%2 == 0 {
			kills++
			if _, err = one.Stop(syscall.SIGKILL, drainTimeout); err != nil {
				return kills, cuts, fmt.Errorf("%w: %s", err, one.stderr.text())
			}
			if one.process, err = s.serve("--addr", one.address, "--store", one.link.url); err != nil {
				return kills, cuts, err
			}
			continue
		}
		cuts++
		one.link.cut(true)
		time.Sleep(rand.N(cutEvery))
		one.link.cut(false)
	}
}

// link passes connections on to a database, unless it is cut.
type link struct {
	url      string
	to       string
	listener net.Listener
	mu       sync.Mutex
	down     bool
	conns    map[net.Conn]struct{}
}

// newLink listens in front of a database and replaces its address in the URL.
func newLink(database string) (*link, error) {
	u, err := url.Parse(database)
	if err != nil {
		return nil, err
	}
	l := &link{to: u.Host, conns: map[net.Conn]struct{}{}}
	if l.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	u.Host = l.listener.Addr().String()
	l.url = u.String()
	go l.serve()
	return l, nil
}

func (l *link) serve() {
	for {
		from, err := l.listener.Accept()
		if err != nil {
			return // closed
		}
		to, err := net.Dial("tcp", l.to)
		if err != nil || !l.keep(from, to) {
			_ = from.Close() // the server sees a lost connection
			if to != nil {
				_ = to.Close()
			}
			continue
		}
		go l.pass(from, to)
		go l.pass(to, from)
	}
}

// pass copies until one side ends, and closes both.
func (l *link) pass(from, to net.Conn) {
	io.Copy(to, from) //nolint:errcheck // ends with either connection
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range []net.Conn{from, to} {
		delete(l.conns, c)
		_ = c.Close() // may be closed already
	}
}

func (l *link) keep(all ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return false
	}
	for _, c := range all {
		l.conns[c] = struct{}{}
	}
	return true
}

// cut ends all connections, and while down all new ones.
func (l *link) cut(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
	for c := range l.conns {
		_ = c.Close() // pass removes it
	}
}

func (l *link) close() {
	_ = l.listener.Close() // was open
	l.cut(true)
}
