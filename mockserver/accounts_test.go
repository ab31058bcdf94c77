package mockserver_test

import (
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// Two accounts that verify the same numbers concurrently do not share runs, webhooks or entries.
func TestAccountsAreApart(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a, aside := with(t, s, "key_a")
	b, beside := with(t, s, "key_b")
	a.Control("POST", "/arm", map[string]any{"provider": provider, "scenario": "not-found"})

	const calls = 20
	refs := map[*mockservertest.Account][]string{a: nil, b: nil}
	var both sync.WaitGroup
	var mu sync.Mutex
	for _, account := range []*mockservertest.Account{a, b} {
		both.Go(func() {
			for range calls {
				ref := account.Call(provider, bvn, number(found)).At("verification.reference")
				mu.Lock()
				refs[account] = append(refs[account], ref)
				mu.Unlock()
			}
		})
	}
	both.Wait()

	if code := b.Call(provider, bvn, number(found)).At("response_code"); code != "00" {
		t.Errorf("what is armed for one account was played for another: %s", code)
	}
	if got := b.Call(provider, status, map[string]string{"reference": refs[a][0]}).At("data.verification_status"); got != "" {
		t.Errorf("one account's reference is %q to another", got)
	}
	a.Advance(time.Hour)
	if !a.Now().Equal(began.Add(time.Hour)) || !b.Now().Equal(began) {
		t.Errorf("advancing one clock to %v moved the other to %v", a.Now(), b.Now())
	}
	if len(aside.Got()) != calls || len(beside.Got()) != 0 {
		t.Errorf("%d and %d deliveries, want %d and none", len(aside.Got()), len(beside.Got()), calls)
	}
	for _, entry := range b.Journal() {
		if entry.Account != b.Name {
			t.Errorf("a journal has an entry of another account: %+v", entry)
		}
	}
	if own := mockservertest.Entries[journal.Attempt](b); len(own) != 0 {
		t.Errorf("one account's attempts are in another's journal: %+v", own)
	}
	if all := mockservertest.Entries[journal.Call](s.DefaultAccount()); len(all) != 2*calls+2 {
		t.Errorf("the default account's journal has %d calls, want %d", len(all), 2*calls+2)
	}
}

// The default account's endpoint serves only accounts without endpoints of their own.
func TestDefaultEndpoint(t *testing.T) {
	t.Parallel()
	var n mockservertest.Network
	shared := n.NewReceiver(t)
	s := n.Start(t, mockserver.Config{Start: began, Frozen: true, Webhooks: map[string]string{provider: shared.URL + "/flag"}})
	own, mine := with(t, s, "has_its_own")
	none := s.Account("has_none")
	deaf := s.Account("wants_others")
	deaf.Webhook(provider, shared.URL+"/deaf", "checkout.completed")

	for _, a := range []*mockservertest.Account{own, none, deaf} {
		a.Call(provider, bvn, number(found))
		a.Advance(time.Minute)
	}
	if got := shared.Got(); len(got) != 1 || got[0].Path != "/flag" {
		t.Errorf("the default endpoint got %v, want one delivery of the account without its own", got)
	}
	if got := mine.Got(); len(got) != 1 {
		t.Errorf("the account's own endpoint got %v, want one delivery", got)
	}
	if got := outcomes(deaf); got[journal.Unroutable] != 1 {
		t.Errorf("an account whose filter wants nothing: %v, want one unroutable delivery", got)
	}

	// An endpoint of the default account by the control API is a default as well, besides the flag's.
	late := s.NewReceiver()
	s.DefaultAccount().Webhook(provider, late.URL)
	none.Call(provider, bvn, number(found))
	none.Advance(time.Minute)
	if len(late.Got()) != 1 || len(shared.Got()) != 2 {
		t.Errorf("%d and %d deliveries to the two default endpoints, want 1 more each", len(late.Got()), len(shared.Got()))
	}
}

// Without an account, a request to the control API applies to all accounts.
func TestDefaultAccount(t *testing.T) {
	t.Parallel()
	s := begin(t)
	all := s.DefaultAccount()
	a, b := s.Account("first"), s.Account("second")
	a.Call(provider, bvn, number(pending))
	b.Call(provider, bvn, number(pending))
	if reply := all.Control("POST", "/clock/advance", map[string]string{"by": "30s"}); reply.Status != 200 || reply.At("settled") != "2" {
		t.Errorf("advance of all accounts: %d %s, want 2 settled", reply.Status, reply.Body)
	}
	later := s.Account("third")
	later.Call(provider, bvn, number(found))
	for _, account := range []*mockservertest.Account{all, a, b, later} {
		if now := account.Now(); !now.Equal(began.Add(30 * time.Second)) {
			t.Errorf("the clock of %q shows %v after the default account's was advanced", account.Name, now)
		}
	}
	if state := later.Control("GET", "/clock", nil); state.At("frozen") != "true" {
		t.Errorf("an account opened after the default account's clock was frozen has this one: %s", state.Body)
	}
}
