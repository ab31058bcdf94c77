package mockservertest

import (
	"math"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
)

// Webhook registers a webhook endpoint for events of a provider; none named means all.
func (a *Account) Webhook(provider, url string, events ...string) webhook.Endpoint {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	ep, err := a.Server.Control().Endpoints.SetEndpoint(ctx, webhook.Endpoint{Account: a.Name, Provider: provider, URL: url, Events: events, Source: "control"})
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return ep
}

// Freeze freezes the account's clock. Only Advance and Finish move it afterwards.
func (a *Account) Freeze() *Account {
	a.Server.t.Helper()
	a.setClock(control.ClockChange{Frozen: new(true)})
	return a
}

// Rate unfreezes the account's clock and sets its rate, in account seconds per second.
func (a *Account) Rate(r float64) {
	a.Server.t.Helper()
	a.setClock(control.ClockChange{Rate: &r, Frozen: new(false)})
}

func (a *Account) setClock(c control.ClockChange) {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	if _, err := a.Server.Control().Clocks.SetClock(ctx, a.Name, c); err != nil {
		a.Server.t.Fatal(err)
	}
}

// Now returns the account's time.
func (a *Account) Now() time.Time {
	a.Server.t.Helper()
	state, err := a.Server.Control().Clocks.Clock(a.Server.t.Context(), a.Name)
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return state.Now
}

// Advance moves the account's clock forward. It returns once everything that fell due has settled, in order, with the
// number of settled jobs.
func (a *Account) Advance(d time.Duration) int {
	a.Server.t.Helper()
	advanced, err := a.Server.Control().Clocks.Advance(a.Server.t.Context(), a.Name, d)
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return advanced.Settled
}

// Idle blocks until nothing of the account is due or in flight.
func (a *Account) Idle() {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	if err := a.Server.Control().Accounts.Idle(ctx, a.Name); err != nil {
		a.Server.t.Fatalf("account %q is not idle: %v", a.Name, err)
	}
}

// Reset returns the account to its initial state.
func (a *Account) Reset() {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	if err := a.Server.Control().Accounts.Reset(ctx, a.Name); err != nil {
		a.Server.t.Fatal(err)
	}
}

// Journal returns the account's entries since its last reset; for [Server.DefaultAccount], those of all accounts.
func (a *Account) Journal() []store.Entry {
	a.Server.t.Helper()
	entries, err := a.Server.Control().Journal.Read(a.Server.t.Context(), a.Name, 0, math.MaxInt)
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return entries
}

// Entries returns the journal entries of one kind, as in Entries[journal.Attempt](account).
func Entries[T journal.Data](a *Account) []T {
	a.Server.t.Helper()
	var all []T
	for _, entry := range a.Journal() {
		if data, ok := decode[T](a, entry); ok {
			all = append(all, data)
		}
	}
	return all
}

// Wait returns the first matching entry of a kind, including existing ones; nil matches any. It fails the test after
// [Patience].
func Wait[T journal.Data](a *Account, match func(T) bool) T {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	for entries, err := range a.Server.Control().Journal.Follow(ctx, a.Name, 0) {
		if err != nil {
			break
		}
		for _, entry := range entries {
			if data, ok := decode[T](a, entry); ok && (match == nil || match(data)) {
				return data
			}
		}
	}
	var none T
	a.Server.t.Fatalf("account %q: no matching %s entry within %v", a.Name, none.Kind(), Patience)
	return none
}

func decode[T journal.Data](a *Account, entry store.Entry) (T, bool) {
	a.Server.t.Helper()
	var data T
	if entry.Kind != data.Kind() {
		return data, false
	}
	data, err := journal.As[T](entry)
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return data, true
}
