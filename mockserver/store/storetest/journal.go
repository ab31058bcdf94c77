package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing/synctest"

	"github.com/idmock/idmock/mockserver/store"
)

// follower collects the entries of a Follow.
type follower struct {
	got    []string
	ended  <-chan error
	cancel context.CancelFunc
}

func (k *kit) follow(account string, after uint64) *follower {
	f := &follower{}
	f.ended, f.cancel = k.background(func(ctx context.Context) (err error) {
		var batch []store.Entry
		for batch, err = range k.Follow(ctx, account, after) {
			if err == nil && (len(batch) == 0 || len(batch) > 256) {
				k.Errorf("a batch of %d", len(batch))
			}
			f.got = append(f.got, kinds(batch)...)
		}
		return err
	})
	return f
}

// saw checks the entries a follower has received so far.
func (k *kit) saw(f *follower, want ...string) {
	k.Helper()
	synctest.Wait()
	k.same("followed", want, f.got)
}

func (k *kit) entries(entries ...store.Entry) uint64 {
	k.Helper()
	return k.commit(store.Change{Entries: entries})
}

var journalTests = []test{
	{"returns the committed entry", func(k *kit) {
		want := store.Entry{At: at(1), Wall: at(2), Account: "x", Kind: "call", Data: []byte(`{"a":1}`)}
		k.entries(want)
		want.Seq = 1
		k.same("all", []store.Entry{want}, k.read("", 0, 10))
		k.same("one account", []store.Entry{want}, k.read("x", 0, 10))
	}},
	{"one order across all accounts", func(k *kit) {
		k.entries(entry("x", "a"), entry("y", "b"), entry("x", "c"))
		k.same("last", uint64(5), k.entries(entry("", "d"), entry("y", "e")))
		k.same("all", []string{"1 a", "2 b", "3 c", "4 d", "5 e"}, kinds(k.read("", 0, 10)))
		k.same("x", []string{"1 a", "3 c"}, kinds(k.read("x", 0, 10)))
		k.same("y", []string{"2 b", "5 e"}, kinds(k.read("y", 0, 10)))
		k.same("unknown account", []string(nil), kinds(k.read("z", 0, 10)))
	}},
	{"from any Seq, up to the limit", func(k *kit) {
		for i := range 20 {
			k.entries(entry([]string{"x", "y"}[i%2], "e"))
		}
		for after := range uint64(25) {
			for limit := range 12 {
				var all, single []string
				for seq := after + 1; seq <= 20; seq++ {
					if len(all) < limit {
						all = append(all, fmt.Sprint(seq, " e"))
					}
					if seq%2 == 1 && len(single) < limit {
						single = append(single, fmt.Sprint(seq, " e"))
					}
				}
				k.same("all", all, kinds(k.read("", after, limit)))
				k.same("one account", single, kinds(k.read("x", after, limit)))
			}
		}
		k.same("far ahead", []string(nil), kinds(k.read("", ^uint64(0), 10)))
	}},
	{"follow stored and new entries", func(k *kit) {
		k.entries(entry("x", "a"), entry("y", "b"))
		all, x, late := k.follow("", 0), k.follow("x", 0), k.follow("y", 2)
		k.saw(all, "1 a", "2 b")
		k.saw(x, "1 a")
		k.saw(late)
		k.entries(entry("y", "c"), entry("x", "d"))
		k.entries(entry("z", "e"))
		k.saw(all, "1 a", "2 b", "3 c", "4 d", "5 e")
		k.saw(x, "1 a", "4 d")
		k.saw(late, "3 c")
		for _, f := range []*follower{all, x, late} {
			f.cancel()
			if err := <-f.ended; !errors.Is(err, context.Canceled) {
				k.Errorf("follow ended with %v, want the context's error", err)
			}
		}
	}},
	{"follow an account before it exists", func(k *kit) {
		f := k.follow("x", 0)
		k.saw(f)
		k.entries(entry("y", "a"))
		k.saw(f)
		k.entries(entry("x", "b"))
		k.saw(f, "2 b")
		f.cancel()
	}},
	{"follow in batches", func(k *kit) {
		var c store.Change
		for range 1000 {
			c.Entries = append(c.Entries, entry("x", "e"))
		}
		k.commit(c)
		f := k.follow("x", 0)
		k.saw(f, kinds(k.read("x", 0, 1000))...)
		f.cancel()
	}},
	{"stop following", func(k *kit) {
		k.entries(entry("x", "a"), entry("x", "b"))
		for entries, err := range k.Follow(k.Context(), "x", 0) {
			if err != nil || len(entries) != 2 {
				k.Errorf("got %v, %v", entries, err)
			}
			break
		}
		ctx, cancel := context.WithCancel(k.Context())
		cancel()
		for entries, err := range k.Follow(ctx, "x", 0) {
			if !errors.Is(err, context.Canceled) {
				k.Errorf("got %v, %v; want the context's error at once", entries, err)
			}
		}
	}},
	{"follow until the store closes", func(k *kit) {
		f := k.follow("x", 0)
		k.saw(f)
		if err := k.Close(); err != nil {
			k.Fatal(err)
		}
		if err := <-f.ended; !errors.Is(err, store.ErrClosed) {
			k.Errorf("follow ended with %v, want ErrClosed", err)
		}
	}},
	{"a reader cannot modify stored entries", func(k *kit) {
		k.entries(entry("x", "a"))
		got := k.read("", 0, 10)
		got[0].Kind = "changed by the reader"
		k.entries(entry("x", "b"))
		k.same("read again", []string{"1 a", "2 b"}, kinds(k.read("", 0, 10)))
	}},
}
