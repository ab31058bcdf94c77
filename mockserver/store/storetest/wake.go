package storetest

import (
	"context"
	"errors"
	"slices"
	"testing/synctest"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// woken checks the accounts that Wake returns now; without any, it must block.
func (k *kit) woken(want ...string) {
	k.Helper()
	var got []string
	ended, cancel := k.background(func(ctx context.Context) (err error) {
		got, err = k.Wake(ctx)
		return err
	})
	synctest.Wait()
	cancel()
	err := <-ended
	slices.Sort(got)
	switch {
	case len(want) > 0 && err != nil:
		k.Errorf("wake: %v, want %v", err, want)
	case len(want) == 0 && !errors.Is(err, context.Canceled):
		k.Errorf("wake: %v, %v; want it to block and then the context's error", got, err)
	default:
		k.same("woken accounts", want, got)
	}
}

var wakeTests = []test{
	{"by an earlier job", func(k *kit) {
		k.woken()
		k.jobs(job("b", "x", "", 5))
		k.woken("x")
		k.woken()
		k.next("x", 5)
		k.jobs(job("c", "x", "", 9))
		k.woken() // still 5
		k.jobs(job("a", "x", "", 1))
		k.woken("x")
	}},
	{"reports each changed account once", func(k *kit) {
		k.jobs(job("a", "x", "", 5), job("b", "y", "", 5))
		k.jobs(job("c", "x", "", 3), job("d", "z", "", 5))
		k.woken("x", "y", "z")
		k.woken()
	}},
	{"by a done job", func(k *kit) {
		k.jobs(job("a", "x", "", 1), job("b", "x", "", 2))
		k.woken("x")
		k.done("a")
		k.woken("x")
		k.done("b")
		k.woken("x")
		k.next("x", -1)
	}},
	{"by a lane that is available again", func(k *kit) {
		k.jobs(job("a", "x", "l", 1), job("b", "x", "l", 1))
		k.woken("x")
		k.claim("x", 1, 10, "a")
		k.woken()
		k.done("a")
		k.woken("x")
		k.next("x", 1)
	}},
	{"by a retry", func(k *kit) {
		k.jobs(job("a", "x", "", 1))
		k.woken("x")
		k.claim("x", 1, 10, "a")
		k.commit(store.Change{Done: []string{"a"}, Jobs: []store.Job{job("a2", "x", "", 30)}})
		k.woken("x")
		k.next("x", 30)
	}},
	{"by the end of a lease", func(k *kit) {
		k.jobs(job("a", "x", "", 1), job("b", "y", "", 1))
		k.woken("x", "y")
		k.claim("x", 1, 10, "a")
		time.Sleep(lease / 2)
		k.claim("y", 1, 10, "b")
		began := time.Now()
		for _, want := range []string{"x", "y"} {
			names, err := k.Wake(k.Context())
			if err != nil {
				k.Fatal(err)
			}
			k.same("woken accounts", []string{want}, names)
			k.same("after", lease/2, time.Since(began))
			began = time.Now()
		}
	}},
	{"by the end of a lease that began while waiting", func(k *kit) {
		k.jobs(job("a", "x", "", 1))
		k.woken("x")
		ended, cancel := k.background(func(ctx context.Context) error {
			_, err := k.Wake(ctx)
			return err
		})
		defer cancel()
		synctest.Wait() // blocked, without a lease yet
		k.claim("x", 1, 10, "a")
		began := time.Now()
		if err := <-ended; err != nil {
			k.Fatal(err)
		}
		k.same("woken after", lease, time.Since(began))
	}},
	{"not by the lease of a done job", func(k *kit) {
		k.jobs(job("a", "x", "", 1))
		k.woken("x")
		k.claim("x", 1, 10, "a")
		k.done("a")
		ctx, cancel := context.WithTimeout(k.Context(), 10*lease)
		defer cancel()
		if names, err := k.Wake(ctx); err == nil {
			if _, ok, _ := k.Next(k.Context(), "x"); ok {
				k.Errorf("woken for %v, whose job is done", names)
			}
		}
	}},
	{"until the store closes", func(k *kit) {
		ended, cancel := k.background(func(ctx context.Context) error {
			_, err := k.Wake(ctx)
			return err
		})
		defer cancel()
		synctest.Wait()
		if err := k.Close(); err != nil {
			k.Fatal(err)
		}
		if err := <-ended; !errors.Is(err, store.ErrClosed) {
			k.Errorf("wake ended with %v, want ErrClosed", err)
		}
	}},
}
