package mockserver_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// A reset returns an account to its initial state, and only that account.
func TestReset(t *testing.T) {
	t.Parallel()
	var n mockservertest.Network
	flag := n.NewReceiver(t)
	s := n.Start(t, mockserver.Config{Start: began, Frozen: true, Webhooks: map[string]string{provider: flag.URL}})
	a, r := with(t, s, "reset")
	b, other := with(t, s, "bystander")
	run := func(account *mockservertest.Account) string {
		return reference(t, account.Call(provider, bvn, number(pending)))
	}
	first, theirs := run(a), run(b)
	a.Control("POST", "/arm", `{"provider":"identitypass","scenario":"not-found"}`)
	a.Advance(10 * time.Second)
	a.Reset()

	if entries := a.Journal(); len(entries) != 1 || entries[0].Kind != journal.KindReset {
		t.Errorf("the journal after the reset: %v, want the reset alone", entries)
	}
	if !a.Now().Equal(began) {
		t.Errorf("the clock shows %v after the reset, want the beginning", a.Now())
	}
	if got := a.Call(provider, status, map[string]string{"reference": first}).At("data.verification_status"); got != "" {
		t.Errorf("a run from before the reset is %q", got)
	}
	if got := a.Control("GET", "/endpoints", nil); string(got.Body) != "[]" {
		t.Errorf("endpoints after the reset: %s", got.Body)
	}
	if got := a.Call(provider, bvn, number(found)); got.At("response_code") != "00" {
		t.Errorf("what was armed is armed after the reset: %s", got.Body)
	}
	a.Advance(time.Hour)
	if len(r.Got()) != 0 || len(flag.Got()) != 1 {
		t.Errorf("%d deliveries to the old endpoint and %d to the flag's, want none and the new check's", len(r.Got()), len(flag.Got()))
	}
	b.Advance(time.Hour)
	if got := other.Next(); got.Header.Get("Token") != theirs {
		t.Errorf("the bystander got %v, want %s", got, theirs)
	}

	s.DefaultAccount().Reset()
	for _, account := range []*mockservertest.Account{a, b} {
		if entries := account.Journal(); len(entries) != 1 || !account.Now().Equal(began) {
			t.Errorf("%s after the default account's reset: %d entries, at %v", account.Name, len(entries), account.Now())
		}
	}
	run(b)
	b.Advance(time.Hour)
	if got := flag.Got(); len(got) != 2 {
		t.Errorf("the flag's endpoint got %d deliveries, want it to outlast the default account's reset", len(got))
	}
	a.Reset()
	a.Webhook(provider, r.URL) // as at first
	if again := run(a); again != first {
		t.Errorf("the first run after a reset is %s, want the same as at first, %s", again, first)
	}
}

// Work under way at a reset leaves no trace, although later work has the same IDs.
func TestResetDuringDelivery(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t, atOnce), "reset")
	first, second := make(chan struct{}), make(chan struct{})
	r.Answer(mockservertest.Response{Until: first}, mockservertest.Response{Status: 500, Until: second}, mockservertest.Response{})
	before := reference(t, a.CallAs("at-once", provider, bvn, number(found)))
	r.Next()
	a.Reset()
	a.Webhook(provider, r.URL)
	after := reference(t, a.CallAs("at-once", provider, bvn, number(found)))
	if before != after {
		t.Fatalf("the references are %s and %s: without one name twice this test shows nothing", before, after)
	}
	r.Next()
	close(first)    // the old one is taken now, while the new one is under way
	for range 100 { // nothing tells when it has ended: there is nothing to see of it
		a.Server.Account("meanwhile").Call(provider, bvn, number(found))
	}
	close(second)
	a.Idle()
	a.Advance(time.Hour)
	ends := mockservertest.Entries[journal.Delivery](a)
	if len(ends) != 1 || ends[0].Attempts != 2 || len(r.Got()) != 3 {
		t.Errorf("ends after the reset: %+v with %d requests, want one delivery after two attempts", ends, len(r.Got()))
	}
	for _, account := range []*mockservertest.Account{a, a.Server.DefaultAccount()} {
		got := account.Control("GET", "/deliveries", nil).JSON()["deliveries"].([]any)
		if len(got) != 1 || len(got[0].(map[string]any)["attempts"].([]any)) != 2 {
			t.Errorf("deliveries shown to %q: %v, want the new one with its two attempts", account.Name, got)
		}
	}
}

// A delayed response is sent at a reset; a request without a response is not affected.
func TestResetReleasesResponses(t *testing.T) {
	t.Parallel()
	a := begin(t, atOnce).Account("held")
	answered := make(chan mockservertest.Answer, 1)
	go func() { answered <- a.CallAs("at-once", provider, "verifyBVNBasic", number(found)) }()
	mockservertest.Wait[journal.Call](a, nil)
	a.Reset()
	select {
	case got := <-answered:
		reference(t, got)
	case <-time.After(mockservertest.Patience):
		t.Error("the answer is still held back after the reset")
	}
}

// A reset waits for an advance that is settling, and then removes its runs.
func TestResetWhileSettling(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t), "settling")
	answer := make(chan struct{})
	r.Answer(mockservertest.Response{Until: answer}, mockservertest.Response{})
	for range 5 {
		a.Call(provider, bvn, number(pending))
	}
	var both sync.WaitGroup
	both.Go(func() { a.Advance(time.Hour) })
	r.Next()
	both.Go(a.Reset)
	close(answer)
	both.Wait()
	if got := r.Got(); len(got) != 5 || !a.Now().Equal(began) {
		t.Errorf("%d deliveries, and the clock at %v: want the advance to end and then the reset", len(got), a.Now())
	}
}

// Concurrent requests, advances and resets of one or all accounts neither block nor fail, and end in the initial state.
func TestResetUnderLoad(t *testing.T) {
	t.Parallel()
	s := begin(t, atOnce)
	var all sync.WaitGroup
	for i := range 4 {
		a, _ := with(t, s, fmt.Sprint("load ", i))
		for range 2 {
			all.Go(func() {
				for range 15 {
					if got := a.CallAs("at-once", provider, bvn, number(found)); got.Status != 200 {
						t.Errorf("a call during resets: %d %s", got.Status, got.Body)
					}
				}
			})
		}
		all.Go(func() {
			for range 10 {
				a.Advance(time.Second)
			}
		})
		all.Go(func() {
			for range 5 {
				a.Reset()
			}
		})
	}
	all.Go(func() {
		for range 3 {
			s.DefaultAccount().Reset()
			s.DefaultAccount().Advance(time.Second)
		}
	})
	all.Wait()
	s.DefaultAccount().Reset()
	s.DefaultAccount().Idle()
	if stats, err := s.Control().Journal.Stats(t.Context()); err != nil || stats.Jobs != 0 || stats.Docs-stats.DoneDocs > 5 {
		t.Errorf("the store holds %+v (%v), want the settings of five accounts at the most", stats, err)
	}
}

// Accounts that are opened while all clocks are advanced have the default account's time from before or after it.
func TestOpenedDuringAdvance(t *testing.T) {
	t.Parallel()
	s := new(mockservertest.Network).Start(t, mockserver.Config{Start: began, Frozen: true})
	all := s.DefaultAccount()
	var both sync.WaitGroup
	const steps, accounts = 20, 60
	both.Go(func() {
		for range steps {
			all.Advance(time.Second)
		}
	})
	for range 3 {
		both.Go(func() {
			for i := range accounts / 3 {
				s.Account(fmt.Sprint("opened ", i)).Call(provider, bvn, number(found))
			}
		})
	}
	both.Wait()
	accountsNow, err := s.Control().Accounts.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range accountsNow {
		if want := began.Add(steps * time.Second); !a.Clock.Now.Equal(want) || !a.Clock.Frozen {
			t.Errorf("%s: %+v, want it to stand at %v", a.Name, a.Clock, want)
		}
	}
}
