package mockserver_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// Deleting an account removes all of it, readers of the journal get an entry, and using its name opens a new account.
func TestDelete(t *testing.T) {
	t.Parallel()
	s := begin(t)
	all := s.DefaultAccount()
	const name = "qa:with/slash"
	path := "/accounts/" + url.PathEscape(name)
	if got := all.Control("DELETE", path, nil); got.Status != 404 {
		t.Errorf("drop an unused account: %d %s", got.Status, got.Body)
	}
	a, r := with(t, s, name)
	a.Control("POST", "/arm", map[string]any{"provider": provider, "scenario": "not-found"})
	a.Control("POST", "/default", map[string]any{"provider": provider, "scenario": "provider-down"})
	ref := reference(t, a.CallAs("pending-then-confirmed", provider, bvn, number(pending)))
	a.Advance(time.Second)
	if got := all.Control("GET", path, nil); got.At("pending") != "1" || got.At("defaults."+provider) != "provider-down" {
		t.Errorf("before: %s, want a timer to come and a default", got.Body)
	}

	if got := all.Control("DELETE", path, nil); got.Status != 204 {
		t.Fatalf("drop: %d %s", got.Status, got.Body)
	}
	if got := all.Control("GET", path, nil); got.Status != 404 {
		t.Errorf("it is still there: %d %s", got.Status, got.Body)
	}
	if entries := a.Journal(); len(entries) != 1 || !mockservertest.Entries[journal.Reset](a)[0].Dropped {
		t.Errorf("its journal is %+v, want the end alone", entries)
	}
	all.Advance(time.Hour)
	all.Idle()
	if strings.Contains(string(all.Control("GET", "/accounts", nil).Body), `"name"`) {
		t.Error("its own last work, or the default account's, opened it again")
	}
	if len(r.Got()) != 0 {
		t.Errorf("its timer still delivered: %v", r.Got())
	}

	if got := a.Call(provider, status, map[string]string{"reference": ref}).At("response_code"); got != "01" {
		t.Errorf("its run is still found: code %q", got)
	}
	if got := a.Call(provider, bvn, number(found)).At("response_code"); got != "00" {
		t.Errorf("what was armed, or its default, still plays: code %q", got)
	}
	if got := a.Journal(); got[0].Kind != journal.KindReset || got[1].Kind != journal.KindAccount {
		t.Errorf("the journal of the new account begins with %+v", got[:2])
	}
	if !a.Now().Equal(began.Add(time.Hour)) {
		t.Errorf("the clock of the new account shows %v, want the default account's", a.Now())
	}
	if ends := mockservertest.Entries[journal.Delivery](a); len(ends) != 0 {
		t.Errorf("its endpoint still gets deliveries: %+v", ends)
	}
}

// An account that is deleted under load neither blocks nor reopens with old state.
func TestDeleteWhileBusy(t *testing.T) {
	t.Parallel()
	s := begin(t, atOnce)
	a, r := with(t, s, "busy")
	hold := make(chan struct{})
	r.Answer(mockservertest.Response{Until: hold})
	a.CallAs("at-once", provider, bvn, number(found))
	r.Next()
	idle := make(chan mockservertest.Answer)
	go func() { idle <- a.Control("POST", "/wait/idle", nil) }()
	if got := s.DefaultAccount().Control("DELETE", "/accounts/busy", nil); got.Status != 204 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if got := <-idle; got.Status != 200 && got.Status != 404 { // 404 if it came after the deletion
		t.Errorf("who waited for it to be idle: %d %s", got.Status, got.Body)
	}
	close(hold)
	s.DefaultAccount().Idle()
	if got := s.DefaultAccount().Control("GET", "/accounts/busy", nil); got.Status != 404 {
		t.Errorf("the end of its attempt opened it again: %s", got.Body)
	}
}

// Equal seeds generate equal data for different names. A seed survives a reset, but not a deletion.
func TestSeedOfAnAccount(t *testing.T) {
	t.Parallel()
	s := begin(t)
	all := s.DefaultAccount()
	seed := func(name string, n any, want int) {
		t.Helper()
		if got := all.Control("POST", "/accounts/"+name, map[string]any{"seed": n}); got.Status != want {
			t.Errorf("seed of %s: %d %s, want %d", name, got.Status, got.Body, want)
		}
	}
	play := func(a *mockservertest.Account) string {
		t.Helper()
		return reference(t, a.Call(provider, bvn, number(found)))
	}
	one, two, three := s.Account("one"), s.Account("two"), s.Account("three")
	seed("one", 7, 200)
	if got := two.Control("POST", "/clock", `{"frozen":true}`); got.Status != 200 { // it is open, with a seed of its own
		t.Fatal(got.Status)
	}
	key := func(name string) string {
		return all.Control("GET", "/accounts/"+name, nil).At("credentials." + provider + ".public_key")
	}
	before := key("two")
	seed("two", 7, 200)
	first := play(one)
	if got := play(two); got != first {
		t.Errorf("references with one seed: %s and %s", first, got)
	}
	if play(three) == first {
		t.Errorf("another seed made up the same reference: %s", first)
	}
	if key("two") == before || key("two") == key("one") {
		t.Errorf("public keys with one seed: %s and %s, which must not be one, and %s before it was set", key("one"), key("two"), before)
	}
	seed("one", 8, 422)
	seed("one", 7, 200) // it is that already
	one.Reset()
	if got := play(one); got != first {
		t.Errorf("after a reset %s, want %s again", got, first)
	}
	one.Reset()
	seed("one", 8, 200)
	if got := play(one); got == first {
		t.Errorf("with another seed still %s", got)
	}
	all.Control("DELETE", "/accounts/two", nil)
	if got := play(two); got == first {
		t.Errorf("the dropped account's seed is still in use: %s", got)
	}
	seeds := []uint64{}
	for _, opened := range mockservertest.Entries[journal.Account](all) {
		seeds = append(seeds, opened.Seed)
	}
	if !slices.Contains(seeds, 7) {
		t.Errorf("the journal has the seeds %v, want 7 among them", seeds)
	}
}

// The default scenario of an account, or of the default account, plays only where no other was chosen.
func TestDefaultScenario(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a, all := s.Account("mine"), s.DefaultAccount()
	code := func(subject string) string {
		return a.Call(provider, bvn, number(subject)).At("response_code")
	}
	set := func(who *mockservertest.Account, scenario string, want int) {
		t.Helper()
		if got := who.Control("POST", "/default", map[string]string{"provider": provider, "scenario": scenario}); got.Status != want {
			t.Errorf("default %q: %d %s, want %d", scenario, got.Status, got.Body, want)
		}
	}
	ref := reference(t, a.Call(provider, bvn, number(found)))
	set(all, "not-found", 204)
	if got := code(found); got != "01" {
		t.Errorf("the default account's default: code %s, want 01", got)
	}
	set(a, "pending-then-confirmed", 204)
	if got := code(found); got != "02" {
		t.Errorf("the account's default wins over the default account's: code %s, want 02", got)
	}
	if got := code(unknown); got != "01" {
		t.Errorf("a magic value wins over a default: code %s, want 01", got)
	}
	if got := a.CallAs("default", provider, bvn, number(found)).At("response_code"); got != "00" {
		t.Errorf("the header wins over a default: code %s, want 00", got)
	}
	a.Control("POST", "/arm", map[string]any{"provider": provider, "scenario": "not-found", "calls": 1, "subject": found})
	if got := code("98765432109"); got != "02" {
		t.Errorf("what is armed for another subject: code %s, want 02", got)
	}
	if got := code(found); got != "01" {
		t.Errorf("what is armed wins over a default: code %s, want 01", got)
	}
	if got := code(found); got != "02" {
		t.Errorf("armed for one call: code %s, want 02 again", got)
	}
	if got := a.Call(provider, status, map[string]string{"reference": ref}).At("data.verification_status"); got != "VERIFIED" {
		t.Errorf("a run that began before is %q, want what its own scenario says", got)
	}
	set(a, "default", 204) // which is a choice, too
	if got := code(found); got != "00" {
		t.Errorf("the provider's own by choice: code %s, want 00", got)
	}
	var own map[string]string
	if err := json.Unmarshal(a.Control("GET", "/default", nil).Body, &own); err != nil || own[provider] != "default" {
		t.Errorf("defaults of the account: %v (%v)", own, err)
	}
	set(a, "", 204)
	set(all, "", 204)
	if got := code(found); got != "00" {
		t.Errorf("without any default: code %s, want 00", got)
	}
	set(a, "no-such", 422)
}

// A wait can be for an unroutable webhook; a wait for its delivery reports it as the closest match.
func TestWaitForUnroutable(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a := s.Account("nowhere")
	a.Call(provider, bvn, number(found))
	a.Advance(time.Second)
	if got := a.Control("POST", "/wait", map[string]string{"outcome": "unroutable", "timeout": "0s"}); got.Status != 200 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if got := a.Control("POST", "/wait", map[string]string{"outcome": "delivered", "timeout": "0s"}); got.Status != 409 || !strings.Contains(string(got.Body), `"outcome":"unroutable"`) {
		t.Errorf("%d %s, want 409 and what came closest", got.Status, got.Body)
	}
}
