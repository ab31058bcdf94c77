// Package storetest is the test suite for store drivers.
//
// It tests the contract of store.Store, not implementations. Retention is tested for its bounds and for the gaps that
// readers get; the exact point of eviction is up to the driver. Tests of a driver's internals belong to its package.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver/store"
)

// Run tests a driver. open returns an empty store with a retention; the suite closes it. It is called inside
// testing/synctest bubbles, so that leases expire without delay.
func Run(t *testing.T, open func(t *testing.T, r store.Retention) store.Store) {
	for _, group := range []struct {
		name  string
		tests []test
	}{
		{"docs", docTests}, {"change", changeTests}, {"claim", claimTests}, {"wake", wakeTests},
		{"journal", journalTests}, {"retention", retentionTests}, {"drop", dropTests}, {"list", listTests}, {"peek", peekTests}, {"hold", holdTests}, {"many", manyTests},
	} {
		t.Run(group.name, func(t *testing.T) {
			if group.name == "many" {
				testenv.Long(t)
			}
			for _, test := range group.tests {
				t.Run(test.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						r := store.Retention{}
						if group.name == "retention" {
							r = small
						}
						k := &kit{t, open(t, r)}
						defer k.close()
						test.run(k)
					})
				})
			}
		})
	}
}

type test struct {
	name string
	run  func(k *kit)
}

// kit is a store under test with helpers.
type kit struct {
	*testing.T
	store.Store
}

func (k *kit) close() {
	k.Helper()
	if err := k.Close(); err != nil {
		k.Errorf("close: %v", err)
	}
	synctest.Wait()
}

var epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// at returns epoch plus n seconds.
func at(n int) time.Time { return epoch.Add(time.Duration(n) * time.Second) }

const (
	lease   = time.Minute
	forever = 1 << 30 // seconds; far enough for any test
)

func doc(key string, rev uint64, data string) store.Doc {
	return store.Doc{Key: key, Rev: rev, Data: []byte(data)}
}

func job(id, account, lane string, due int) store.Job {
	return store.Job{ID: id, Account: account, Lane: lane, Due: at(due), Payload: []byte("payload of " + id)}
}

func entry(account, kind string) store.Entry {
	return store.Entry{At: at(1), Wall: at(2), Account: account, Kind: kind, Data: []byte(`{"kind":"` + kind + `"}`)}
}

func (k *kit) commit(c store.Change) uint64 {
	k.Helper()
	last, err := k.Commit(k.Context(), c)
	if err != nil {
		k.Fatalf("commit: %v", err)
	}
	return last
}

func (k *kit) conflict(c store.Change) {
	k.Helper()
	if _, err := k.Commit(k.Context(), c); !errors.Is(err, store.ErrConflict) {
		k.Errorf("commit: %v, want ErrConflict", err)
	}
}

// has checks the document at key; rev 0 means that there is none.
func (k *kit) has(key string, rev uint64, data string) {
	k.Helper()
	got, err := k.Get(k.Context(), key)
	if rev == 0 {
		if !errors.Is(err, store.ErrNotFound) {
			k.Errorf("get %s: %v, %v; want ErrNotFound", key, got, err)
		}
		return
	}
	if err != nil {
		k.Errorf("get %s: %v", key, err)
	} else if got.Key != key || got.Rev != rev || string(got.Data) != data {
		k.Errorf("get %s: key %q revision %d %q, want revision %d %q", key, got.Key, got.Rev, got.Data, rev, data)
	}
}

// claim checks the IDs of claimed jobs, in order, and returns the jobs.
func (k *kit) claim(account string, until, limit int, want ...string) []store.Job {
	k.Helper()
	jobs, err := k.Claim(k.Context(), account, at(until), limit, lease)
	if err != nil {
		k.Fatalf("claim: %v", err)
	}
	var got []string
	for _, j := range jobs {
		got = append(got, j.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		k.Errorf("claimed jobs (-want +got):\n%s", diff)
	}
	return jobs
}

// next checks the due time of the account's earliest job; -1 means that there is none.
func (k *kit) next(account string, want int) {
	k.Helper()
	due, ok, err := k.Next(k.Context(), account)
	switch {
	case err != nil:
		k.Fatalf("next: %v", err)
	case ok != (want >= 0):
		k.Errorf("next of %s: %v, %v; want second %d", account, due, ok, want)
	case ok && !due.Equal(at(want)):
		k.Errorf("next of %s: %v, want second %d", account, due, want)
	}
}

func (k *kit) read(account string, after uint64, limit int) []store.Entry {
	k.Helper()
	entries, err := k.Read(k.Context(), account, after, limit)
	if err != nil {
		k.Fatalf("read: %v", err)
	}
	return entries
}

func (k *kit) stats() store.Stats {
	k.Helper()
	s, err := k.Stats(k.Context())
	if err != nil {
		k.Fatalf("stats: %v", err)
	}
	return s
}

func kinds(entries []store.Entry) []string {
	var out []string
	for _, e := range entries {
		out = append(out, fmt.Sprintf("%d %s", e.Seq, e.Kind))
	}
	return out
}

func (k *kit) same(name string, want, got any) {
	k.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		k.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// background runs f in the bubble; ended receives its error.
func (k *kit) background(f func(ctx context.Context) error) (ended <-chan error, cancel context.CancelFunc) {
	ctx, cancel := context.WithCancel(k.Context())
	ch := make(chan error, 1)
	go func() { ch <- f(ctx) }()
	return ch, cancel
}
