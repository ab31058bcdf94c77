package mockservertest

import (
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
)

// Hold holds back whatever falls due of the account from now on and fits, such as control.Hold{Event: "verification.*"};
// the zero Hold is for everything. What it returns ends the hold, lets go of what it has in the order in which that was
// planned, and says how many that were.
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

// HoldDelivery holds one delivery back that is planned or between two attempts; later ones to the same endpoint
// overtake it.
func (a *Account) HoldDelivery(id string) {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	if err := a.Server.Control().Holds.HoldDelivery(ctx, a.Name, id); err != nil {
		a.Server.t.Fatal(err)
	}
}

// Release lets one delivery go that is held, ahead of the others: at once if its time has passed, else when that comes.
func (a *Account) Release(id string) {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	if err := a.Server.Control().Holds.ReleaseDelivery(ctx, a.Name, id); err != nil {
		a.Server.t.Fatal(err)
	}
}

// ReleaseAll ends the account's holds and lets go of all that is held, and returns how many that were.
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

// Held is how many deliveries of the account are held back now.
func (a *Account) Held() int {
	a.Server.t.Helper()
	n, err := a.Server.Control().Holds.Held(a.Server.t.Context(), a.Name)
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return n
}

// HeldBack waits until a delivery of an event of that name is held back, and returns the first. It fails the test if that
// does not come.
func (a *Account) HeldBack(event string) journal.Hold {
	a.Server.t.Helper()
	return Wait(a, func(h journal.Hold) bool { return h.Event == event && h.Delivery != "" && !h.Released })
}
