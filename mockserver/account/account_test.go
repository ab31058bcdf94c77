package account_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
)

var began = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// accounts returns accounts with frozen clocks in a store of their own.
func accounts(t *testing.T, seed uint64) *account.Accounts {
	t.Helper()
	s, err := account.New(t.Context(), account.Config{
		Store: store.NewMemory(store.Retention{}), Seed: seed, NewClock: func() *clock.Clock { return clock.NewFrozen(began) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t *testing.T, s *account.Accounts, name string) *account.Account {
	t.Helper()
	a, err := s.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestNextIDIsUnique(t *testing.T) {
	const n = 1_000_000
	a := open(t, accounts(t, 1), "a")
	seen := make(map[string]struct{}, n)
	for range n {
		seen[a.NextID("d")] = struct{}{}
	}
	if len(seen) != n || a.Order() != n {
		t.Errorf("%d different IDs of %d, order %d", len(seen), n, a.Order())
	}
}

func TestNextIDFollowsFromSeedAndOrder(t *testing.T) {
	ids := func(seed uint64, name string) string {
		a := open(t, accounts(t, seed), name)
		var all []string
		for range 5 {
			all = append(all, a.NextID("d"), a.NextID("e"), a.UUID("p"))
		}
		return strings.Join(all, " ")
	}
	first := ids(1, "a")
	if again := ids(1, "a"); again != first {
		t.Errorf("the same seed: %s, then %s", first, again)
	}
	for _, other := range []string{ids(2, "a"), ids(1, "b")} {
		if strings.Fields(other)[0] == strings.Fields(first)[0] {
			t.Errorf("another seed or account: the same ID %s", strings.Fields(first)[0])
		}
	}
}

func TestOfIDFindsTheAccount(t *testing.T) {
	s := accounts(t, 1)
	for i := range 200 {
		a := open(t, s, fmt.Sprint("key ", i))
		found := s.OfID("d", a.NextID("d"))
		if len(found) != 1 || found[0] != a {
			t.Errorf("%s: found %v", a.Name(), found)
		}
	}
	for _, id := range []string{"", "d", "d!", "e1", "dzzzzzzzzzzzzzzzzzzzz"} {
		if found := s.OfID("d", id); len(found) > 0 {
			t.Errorf("ID %q: found %v", id, found)
		}
	}
}

// Two names can have the same tag of 24 bits. An ID then finds both accounts.
func TestOfIDWithEqualTags(t *testing.T) {
	s := accounts(t, 1)
	names := map[string]string{} // by the tag in an ID, from all accounts that share a store
	var one, other string
	for i := 0; one == "" && i < 100_000; i++ {
		name := fmt.Sprint("n", i)
		key := account.Tag(name)
		if have, ok := names[key]; ok {
			one, other = have, name
		}
		names[key] = name
	}
	if one == "" {
		t.Fatal("no two names with the same tag")
	}
	a, b := open(t, s, one), open(t, s, other)
	for _, x := range []*account.Account{a, b} {
		if found := s.OfID("d", x.NextID("d")); len(found) != 2 {
			t.Errorf("%s: found %d accounts, want both of the tag", x.Name(), len(found))
		}
	}
	if err := s.Delete(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if found := s.OfID("d", b.NextID("d")); len(found) != 1 || found[0] != b {
		t.Errorf("after deleting %s: found %v", one, found)
	}
}

func TestLayers(t *testing.T) {
	s := accounts(t, 1)
	a, d := open(t, s, "a"), open(t, s, account.Default)
	for _, c := range []struct {
		a        *account.Account
		scenario string
	}{{a, "own"}, {d, "inherited"}} {
		if err := s.Change(t.Context(), c.a, func(set *account.Settings) (journal.Data, error) {
			set.Defaults = map[string]string{"p": c.scenario}
			return journal.Account{Account: c.a.Name()}, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	for a, want := range map[*account.Account]string{a: "a=own =inherited ", d: "=inherited ", open(t, s, "b"): "b= =inherited "} {
		layers, err := s.Layers(t.Context(), nil, a)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, layer := range layers {
			got += layer.Name() + "=" + layer.Defaults["p"] + " "
		}
		if got != want {
			t.Errorf("layers of %q: %q, want %q", a.Name(), got, want)
		}
	}
	// A unit of work sees what it has edited itself, and nothing else does.
	work := a.Begin(a.Now())
	if err := s.Edit(t.Context(), work, a, func(set *account.Settings) error { set.Defaults["p"] = "edited"; return nil }); err != nil {
		t.Fatal(err)
	}
	inside, err := s.Layers(t.Context(), work, a)
	if err != nil {
		t.Fatal(err)
	}
	outside, err := s.Layers(t.Context(), nil, a)
	if err != nil {
		t.Fatal(err)
	}
	if inside[0].Defaults["p"] != "edited" || outside[0].Defaults["p"] != "own" {
		t.Errorf("inside %v, outside %v", inside[0].Defaults, outside[0].Defaults)
	}
}

func TestChangeRetriesAfterAConflict(t *testing.T) {
	s := accounts(t, 1)
	a := open(t, s, "a")
	add := func(id string) func(set *account.Settings) (journal.Data, error) {
		return func(set *account.Settings) (journal.Data, error) {
			set.Holds = append(set.Holds, account.Hold{ID: id})
			return journal.Account{Account: "a"}, nil
		}
	}
	calls := 0
	err := s.Change(t.Context(), a, func(set *account.Settings) (journal.Data, error) {
		if calls++; calls == 1 {
			if err := s.Change(t.Context(), a, add("first")); err != nil {
				return nil, err
			}
		}
		return add("second")(set)
	})
	if err != nil {
		t.Fatal(err)
	}
	set, err := s.Settings(t.Context(), a)
	if err != nil || calls != 2 || len(set.Holds) != 2 || set.Holds[0].ID != "first" {
		t.Errorf("after %d calls: %+v, %v", calls, set.Holds, err)
	}
}

func TestResetEndsUnitsOfWork(t *testing.T) {
	s := accounts(t, 1)
	a := open(t, s, "a")
	id := a.NextID("d")
	work := a.Begin(a.Now())
	work.Put(store.Doc{Key: tx.RunKey("a", "p", "r"), Data: []byte("{}")})
	if err := s.Reset(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if err := work.Commit(t.Context()); !errors.Is(err, store.ErrConflict) || !a.IsGone() || a.NotGone() {
		t.Errorf("commit after a reset: %v", err)
	}
	next := open(t, s, "a")
	if next == a || next.NextID("d") != id {
		t.Error("an account that was reset does not start its IDs anew")
	}
}

func TestDelete(t *testing.T) {
	s := accounts(t, 1)
	open(t, s, "a")
	if err := s.Delete(t.Context(), "a"); err != nil || s.Known("a") != nil {
		t.Errorf("delete: %v, known %v", err, s.Known("a"))
	}
	for _, name := range []string{"a", "never used", account.Default} {
		if err := s.Delete(t.Context(), name); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("delete %q: %v", name, err)
		}
	}
}

func TestSetSeed(t *testing.T) {
	s := accounts(t, 1)
	if err := s.SetSeed(t.Context(), "a", 7); err != nil || open(t, s, "a").Seed() != 7 {
		t.Errorf("seed %d, %v", open(t, s, "a").Seed(), err)
	}
	open(t, s, "a").NextID("d")
	if err := s.SetSeed(t.Context(), "a", 7); err != nil {
		t.Errorf("the same seed again: %v", err)
	}
	if err := s.SetSeed(t.Context(), "a", 8); err == nil {
		t.Error("another seed after the first ID: no error")
	}
	if err := s.SetSeed(t.Context(), account.Default, 8); err == nil {
		t.Error("seed of the default account: no error")
	}
	if err := s.Reset(t.Context(), "a"); err != nil || open(t, s, "a").Seed() != 7 {
		t.Errorf("after a reset: seed %d, %v", open(t, s, "a").Seed(), err)
	}
	if err := s.Delete(t.Context(), "a"); err != nil || open(t, s, "a").Seed() != s.SeedFor("a") {
		t.Errorf("after deleting: seed %d, %v", open(t, s, "a").Seed(), err)
	}
}

func TestScope(t *testing.T) {
	for _, test := range []struct {
		scope account.Scope
		want  bool
	}{
		{account.Scope{}, true},
		{account.Scope{Provider: "p"}, true},
		{account.Scope{Provider: "q"}, false},
		{account.Scope{Event: "verification.*"}, true},
		{account.Scope{Event: "verification"}, false},
		{account.Scope{Endpoint: "e"}, true},
		{account.Scope{Provider: "p", Event: "*", Endpoint: "f"}, false},
	} {
		if got := test.scope.Matches("p", "verification.completed", "e"); got != test.want {
			t.Errorf("%+v: %t", test.scope, got)
		}
	}
}

// The clock is frozen while the account is advanced, and shows what was asked for.
func TestPauseAndResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := account.New(t.Context(), account.Config{Store: store.NewMemory(store.Retention{}), NewClock: func() *clock.Clock { return clock.New(began) }})
		if err != nil {
			t.Fatal(err)
		}
		a := open(t, s, "a")
		time.Sleep(time.Minute) // of the bubble
		if at := a.Pause(); !at.Equal(began.Add(time.Minute)) || a.ClockState().Frozen {
			t.Errorf("paused at %v, shown frozen: %t", at, a.ClockState().Frozen)
		}
		time.Sleep(time.Hour)
		if !a.Now().Equal(began.Add(time.Minute)) {
			t.Errorf("the paused clock shows %v", a.Now())
		}
		if _, err := s.SetClock(t.Context(), "a", control.ClockChange{Frozen: new(true)}); err != nil {
			t.Fatal(err)
		}
		if state := a.Resume(); !state.Frozen {
			t.Error("the clock runs, though it was frozen meanwhile")
		}
		time.Sleep(time.Hour)
		if !a.Now().Equal(began.Add(time.Minute)) {
			t.Errorf("the frozen clock shows %v", a.Now())
		}
	})
}

func TestWaitQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := open(t, accounts(t, 1), "a")
		a.StartWork()
		ended := make(chan error, 1)
		go func() { ended <- a.WaitQuiet(t.Context()) }()
		synctest.Wait()
		a.Wake()
		synctest.Wait()
		select {
		case err := <-ended:
			t.Fatalf("quiet with work under way: %v", err)
		default:
		}
		a.EndWork()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		a.StartWork()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := a.WaitQuiet(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("WaitQuiet: %v", err)
		}
	})
}

func TestExpects(t *testing.T) {
	a := open(t, accounts(t, 1), "a")
	a.Expect(map[string]time.Time{"j": began.Add(time.Minute)}, nil)
	if a.Expects(began) || !a.Expects(began.Add(time.Minute)) {
		t.Error("the deadline does not count from its own time")
	}
	a.Expect(nil, []string{"j"})
	if a.Expects(began.Add(time.Hour)) {
		t.Error("a settled job still has a deadline")
	}
}

func TestWakeSet(t *testing.T) {
	s := accounts(t, 1)
	s.Woken.Add("a")
	s.Woken.Add("b")
	s.Woken.Add("a")
	<-s.Woken.Ready()
	if names := s.Woken.Take(); len(names) != 2 {
		t.Errorf("took %v", names)
	}
	if names := s.Woken.Take(); len(names) != 0 {
		t.Errorf("took %v twice", names)
	}
}
