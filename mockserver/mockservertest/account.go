package mockservertest

import (
	"math"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
)

// Webhook registers a receiver's URL for the account's events of a provider, all of them or those named.
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

// Freeze stops the account's clock: from then on only Advance moves it.
func (a *Account) Freeze() *Account {
	a.Server.t.Helper()
	a.setClock(control.ClockChange{Frozen: new(true)})
	return a
}

// Rate lets the account's clock run, r seconds in a second.
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

// Now is the account's time.
func (a *Account) Now() time.Time {
	a.Server.t.Helper()
	state, err := a.Server.Control().Clocks.Clock(a.Server.t.Context(), a.Name)
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return state.Now
}

// Advance moves the account's clock forward. When it returns, all that was due on the way has happened, in order. It
// returns how many steps of timelines and attempts that was.
func (a *Account) Advance(d time.Duration) int {
	a.Server.t.Helper()
	advanced, err := a.Server.Control().Clocks.Advance(a.Server.t.Context(), a.Name, d)
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return advanced.Settled
}

// Idle returns when nothing of the account is due or in flight.
func (a *Account) Idle() {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	if err := a.Server.Control().Accounts.Idle(ctx, a.Name); err != nil {
		a.Server.t.Fatalf("account %q did not come to rest: %v", a.Name, err)
	}
}

// Reset puts the account back to how it was when it was opened.
func (a *Account) Reset() {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	if err := a.Server.Control().Accounts.Reset(ctx, a.Name); err != nil {
		a.Server.t.Fatal(err)
	}
}

// Journal returns what the journal has of the account since its last reset, for [Server.Everybody] of all accounts.
func (a *Account) Journal() []store.Entry {
	a.Server.t.Helper()
	entries, err := a.Server.Control().Journal.Read(a.Server.t.Context(), a.Name, 0, math.MaxInt)
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return entries
}

// Told returns the journal's entries of one kind, as in Told[journal.Attempt](account).
func Told[T journal.Data](a *Account) []T {
	a.Server.t.Helper()
	var all []T
	for _, entry := range a.Journal() {
		if is, ok := decode[T](a, entry); ok {
			all = append(all, is)
		}
	}
	return all
}

// Wait returns the first entry of a kind for which is says yes; nil takes any. What the journal has already counts. It
// fails the test if nothing comes.
func Wait[T journal.Data](a *Account, is func(T) bool) T {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	for entries, err := range a.Server.Control().Journal.Follow(ctx, a.Name, 0) {
		if err != nil {
			break
		}
		for _, entry := range entries {
			if data, ok := decode[T](a, entry); ok && (is == nil || is(data)) {
				return data
			}
		}
	}
	var none T
	a.Server.t.Fatalf("account %q: no %s entry as wanted came within %v", a.Name, none.Kind(), Patience)
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
