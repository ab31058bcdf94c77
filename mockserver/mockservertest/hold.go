package mockservertest

import (
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
)

// Hold holds matching deliveries of the account as they fall due, such as control.Hold{Event: "verification.*"}; the zero
// Hold matches all. The returned function ends the hold, releases its deliveries in their planned order, and returns
// their number.
func (a *Account) Hold(h control.Hold) (end func() int) {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	h.Account = a.Name
	set, err := a.Server.Control().Holds.SetHold(ctx, h)
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return func() int {
		a.Server.t.Helper()
		return a.endHold(set.ID)
	}
}

// HoldDelivery holds one delivery that is planned or waits for a retry. Later ones to the same endpoint overtake it.
func (a *Account) HoldDelivery(id string) {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	if err := a.Server.Control().Holds.HoldDelivery(ctx, a.Name, id); err != nil {
		a.Server.t.Fatal(err)
	}
}

// Release releases one held delivery ahead of the others. It is sent at its due time, or at once if that has passed.
func (a *Account) Release(id string) {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	if err := a.Server.Control().Holds.ReleaseDelivery(ctx, a.Name, id); err != nil {
		a.Server.t.Fatal(err)
	}
}

// ReleaseAll ends the account's holds, releases all held deliveries, and returns their number.
func (a *Account) ReleaseAll() int {
	a.Server.t.Helper()
	return a.endHold("")
}

func (a *Account) endHold(id string) int {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	n, err := a.Server.Control().Holds.EndHold(ctx, a.Name, id)
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return n
}

// Held returns the number of held deliveries of the account.
func (a *Account) Held() int {
	a.Server.t.Helper()
	n, err := a.Server.Control().Holds.Held(a.Server.t.Context(), a.Name)
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return n
}

// HeldBack blocks until a delivery of the event is held, and returns the first. It fails the test after [Patience].
func (a *Account) HeldBack(event string) journal.Hold {
	a.Server.t.Helper()
	return Wait(a, func(h journal.Hold) bool { return h.Event == event && h.Delivery != "" && !h.Released })
}
