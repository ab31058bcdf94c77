package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/store/sqlstore"
)

var due = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// TestReplicas tests how two processes on one database learn from each other, with notifications and by looking.
func TestReplicas(t *testing.T) {
	url := testenv.Postgres(t)
	for _, c := range []struct {
		name   string
		listen bool
	}{{"listening", true}, {"looking", false}} {
		t.Run(c.name, func(t *testing.T) {
			a, b := shared(t, url), shared(t, url)
			if !c.listen {
				_ = b.Close()
				var err error
				if b, err = sqlstore.OpenDeaf(sqlstore.Config{URL: url}, 50*time.Millisecond); err != nil {
					t.Fatal(err)
				}
			}
			defer a.Close()
			defer b.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			head, err := a.Stats(ctx)
			if err != nil {
				t.Fatal(err)
			}
			followed := make(chan store.Entry, 1)
			go func() {
				for entries, err := range b.Follow(ctx, c.name, head.Head) {
					if err != nil {
						return
					}
					followed <- entries[0]
				}
			}()
			job := store.Job{ID: c.name, Account: c.name, Lane: "l", Due: due, Payload: []byte("p")}
			if _, err := a.Commit(ctx, store.Change{Jobs: []store.Job{job}, Entries: []store.Entry{{Account: c.name, Kind: "k", Data: []byte("{}")}}}); err != nil {
				t.Fatal(err)
			}
			select {
			case e := <-followed:
				if e.Account != c.name || e.Kind != "k" {
					t.Errorf("followed %+v", e)
				}
			case <-ctx.Done():
				t.Fatal("the other process's entry was not followed")
			}
			wake(ctx, t, b, c.name)
			takeOver(ctx, t, a, b, c.name)
		})
	}
}

// wake waits until an account is woken.
func wake(ctx context.Context, t *testing.T, s store.Store, account string) {
	t.Helper()
	for {
		names, err := s.Wake(ctx)
		if err != nil {
			t.Fatalf("%s was not woken: %v", account, err)
		}
		for _, name := range names {
			if name == account {
				return
			}
		}
	}
}

// takeOver has b claim a job once a's claim has ended, and measures how long that takes.
func takeOver(ctx context.Context, t *testing.T, a, b *sqlstore.Store, account string) {
	t.Helper()
	const lease = 300 * time.Millisecond
	jobs, err := a.Claim(ctx, account, due, 1, lease)
	if err != nil || len(jobs) != 1 || jobs[0].Again {
		t.Fatalf("claimed %+v, %v", jobs, err)
	}
	claimed := time.Now()
	if busy, err := b.Busy(ctx, account); err != nil || !busy {
		t.Errorf("busy: %v, %v; want true", busy, err)
	}
	if jobs, err := b.Claim(ctx, account, due, 1, lease); err != nil || len(jobs) != 0 {
		t.Fatalf("a claimed job was claimed again: %+v, %v", jobs, err)
	}
	for len(jobs) == 0 || !jobs[0].Again {
		wake(ctx, t, b, account)
		if jobs, err = b.Claim(ctx, account, due, 1, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	after := time.Since(claimed) - lease
	t.Logf("taken over %v after the end of the claim", after)
	if after < -20*time.Millisecond {
		t.Errorf("taken over %v before the end of the claim", -after)
	}
	if _, err := b.Commit(ctx, store.Change{Done: []string{jobs[0].ID}}); err != nil {
		t.Error(err)
	}
}

// TestConcurrentStarts opens an empty database from several processes at once.
func TestConcurrentStarts(t *testing.T) {
	url := testenv.Postgres(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: url})
			if err != nil {
				t.Error(err)
				return
			}
			_ = s.Close()
		})
	}
	all.Wait()
}

func TestRefusedDatabases(t *testing.T) {
	newer := testenv.Postgres(t)
	shared(t, newer).Close()
	execute(t, newer, "UPDATE idmock_schema SET version = 1000")
	other := testenv.Postgres(t)
	execute(t, other, "CREATE TABLE customers (id INTEGER)")
	wrong, err := url.Parse(other)
	if err != nil {
		t.Fatal(err)
	}
	wrong.User = url.UserPassword("idmock", "wrong")
	for name, c := range map[string]struct {
		url    string
		schema bool
	}{"newer": {newer, true}, "other program": {other, true}, "wrong password": {wrong.String(), false}} {
		s, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: c.url})
		if err == nil {
			_ = s.Close()
		}
		if err == nil || errors.Is(err, store.ErrUnavailable) || errors.Is(err, sqlstore.ErrSchema) != c.schema {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// proxy passes connections to a database until it is cut.
type proxy struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
	isCut bool
}

func newProxy(t *testing.T, database string) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: l}
	t.Cleanup(func() { _ = l.Close(); p.cut(true) })
	target := u.Host
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", target)
			if err != nil || !p.add(near, far) {
				_ = near.Close()
				continue
			}
			go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
			go func() { _, _ = io.Copy(near, far); _ = near.Close() }()
		}
	}()
	u.Host = l.Addr().String()
	return p, u.String()
}

func (p *proxy) add(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns = append(p.conns, conns...)
	if p.isCut {
		for _, c := range conns {
			_ = c.Close()
		}
	}
	return !p.isCut
}

// cut closes all connections, and refuses further ones if it stays cut.
func (p *proxy) cut(stays bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isCut = stays
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}

// TestOutage loses the database and gets it back.
func TestOutage(t *testing.T) {
	p, url := newProxy(t, testenv.Postgres(t))
	s := shared(t, url)
	defer s.Close()
	ctx := t.Context()
	commit := func(key string) error {
		_, err := s.Commit(ctx, store.Change{Docs: []store.Doc{{Key: key, Data: []byte("x")}}, Entries: []store.Entry{{Account: "a", Kind: key, Data: []byte("{}")}}})
		return err
	}
	if err := commit("before"); err != nil {
		t.Fatal(err)
	}
	p.cut(true)
	for _, err := range []error{commit("lost"), func() error { _, err := s.Get(ctx, "before"); return err }()} {
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("during the outage: %v, want ErrUnavailable", err)
		}
	}
	p.cut(false)
	deadline := time.Now().Add(20 * time.Second)
	for commit("after") != nil {
		if time.Now().After(deadline) {
			t.Fatal("the store does not recover")
		}
	}
	for key, want := range map[string]error{"before": nil, "lost": store.ErrNotFound, "after": nil} {
		if _, err := s.Get(ctx, key); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", key, err, want)
		}
	}
}

// TestCutsLoseNothingAcknowledged cuts all connections at random moments under load: each change that was acknowledged is there,
// and each number of the journal once.
func TestCutsLoseNothingAcknowledged(t *testing.T) {
	database := testenv.Postgres(t)
	p, url := newProxy(t, database)
	s := shared(t, url)
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				key := fmt.Sprint(worker, "/", i)
				_, err := s.Commit(t.Context(), store.Change{Docs: []store.Doc{{Key: key, Data: []byte("x")}}, Entries: []store.Entry{{Account: "a", Kind: key, Data: []byte("{}")}}})
				if err == nil {
					mu.Lock()
					acknowledged[key] = true
					mu.Unlock()
				}
			}
		})
	}
	ticker := time.NewTicker(70 * time.Millisecond)
	defer ticker.Stop()
	for ctx.Err() == nil {
		<-ticker.C
		p.cut(false)
	}
	all.Wait()
	direct := shared(t, database)
	defer direct.Close()
	entries, err := direct.Read(t.Context(), "", 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for i, e := range entries {
		seen[e.Kind]++
		if e.Seq != uint64(i+1) {
			t.Fatalf("entry %d has number %d", i+1, e.Seq)
		}
	}
	for key := range acknowledged {
		if seen[key] != 1 {
			t.Errorf("%s is in the journal %d times", key, seen[key])
		}
	}
	t.Logf("%d acknowledged, %d in the journal", len(acknowledged), len(entries))
	if len(acknowledged) == 0 {
		t.Error("nothing was acknowledged between the cuts")
	}
}
