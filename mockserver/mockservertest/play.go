package mockservertest

import (
	"encoding/json"
	"fmt"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
)

// Scenarios gives the account scenario files, the text of each, in place of those that it was given before. Nobody else
// plays them. Files with mistakes fail the test, with all that is wrong.
func (a *Account) Scenarios(files ...string) {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	given := control.ScenarioFiles{Account: a.Name, Source: "test"}
	for i, text := range files {
		given.Files = append(given.Files, control.ScenarioFile{Name: fmt.Sprintf("scenario-%d.yaml", i+1), Text: text})
	}
	if _, err := a.Server.Control().Shelf.GiveScenarios(ctx, given); err != nil {
		a.Server.t.Fatal(err)
	}
}

// Play plays a scenario without an app: its start rule, or a call made from the documented example. It returns the
// reference of the run, empty where there is none.
func (a *Account) Play(provider, scenario string) string {
	a.Server.t.Helper()
	return a.PlayFor("", provider, scenario)
}

// PlayFor is Play for a subject in place of the documented example's.
func (a *Account) PlayFor(subject, provider, scenario string) string {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	result, err := a.Server.Control().Runs.Play(ctx, control.PlayRequest{Account: a.Name, Provider: provider, Scenario: scenario, Subject: subject})
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return result.Reference
}

// Arm makes the next calls play a scenario, so many as are given; 0 is all until a reset.
func (a *Account) Arm(provider, scenario string, calls int) {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	if err := a.Server.Control().Runs.Arm(ctx, control.ArmRequest{Account: a.Name, Provider: provider, Scenario: scenario, Calls: calls}); err != nil {
		a.Server.t.Fatal(err)
	}
}

// Default says which scenario plays where a call chooses none; an empty one is the provider's own again.
func (a *Account) Default(provider, scenario string) {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	if err := a.Server.Control().Runs.SetDefault(ctx, control.DefaultRequest{Account: a.Name, Provider: provider, Scenario: scenario}); err != nil {
		a.Server.t.Fatal(err)
	}
}

// Simulate makes something happen to every run of the account that has a rule for it, such as aml-hit. data is what the
// rule sees as body; nil is nothing. It returns to how many runs it happened.
func (a *Account) Simulate(name string, data any) int {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	done, err := a.Server.Control().Runs.Simulate(ctx, control.SimulateRequest{Account: a.Name, Name: name, Data: a.json(data)})
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return done.Played
}

// Fault sets a fault for the account, such as control.Fault{On: "delivery", Fault: "duplicate"}, and returns what takes
// it away again.
func (a *Account) Fault(f control.Fault) (remove func()) {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	f.Account = a.Name
	set, err := a.Server.Control().Faults.SetFault(ctx, f)
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return func() {
		a.Server.t.Helper()
		ctx, cancel := a.patience()
		defer cancel()
		if err := a.Server.Control().Faults.RemoveFault(ctx, a.Name, set.ID); err != nil {
			a.Server.t.Fatal(err)
		}
	}
}

// Send sends an event now, without a scenario, with data laid over what it tells; nil is nothing. It returns the
// deliveries that were planned.
func (a *Account) Send(provider, event string, data any) []string {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	sent, err := a.Server.Control().Sender.Send(ctx, control.SendRequest{Account: a.Name, Provider: provider, Event: event, Data: a.json(data)})
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return sent.Deliveries
}

// Finish moves the account's clock until nothing is to come any more, and returns how many steps of timelines and attempts
// that was.
func (a *Account) Finish() int {
	a.Server.t.Helper()
	advanced, err := a.Server.Control().Clocks.Finish(a.Server.t.Context(), a.Name)
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return advanced.Settled
}

// Delivered waits until an event of that name has been delivered, and returns the end of the first such delivery. It fails
// the test if that does not come.
func (a *Account) Delivered(event string) journal.Delivery {
	a.Server.t.Helper()
	return Wait(a, func(d journal.Delivery) bool { return d.Event == event && d.Outcome == journal.Delivered })
}

// Exhausted is Delivered for a delivery whose last attempt has failed.
func (a *Account) Exhausted(event string) journal.Delivery {
	a.Server.t.Helper()
	return Wait(a, func(d journal.Delivery) bool { return d.Event == event && d.Outcome == journal.Exhausted })
}

// Met returns whether everything that scenarios expected of the application came about, and fails the test naming what
// did not.
func (a *Account) Met() bool {
	a.Server.t.Helper()
	ok := true
	for _, e := range Told[journal.Expect](a) {
		if !e.Pass {
			ok = false
			a.Server.t.Errorf("account %q, %s: expected %s, got %s", a.Name, e.Rule, e.Want, e.Got)
		}
	}
	return ok
}

func (a *Account) json(data any) json.RawMessage {
	a.Server.t.Helper()
	if data == nil {
		return nil
	}
	src, err := json.Marshal(data)
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return src
}
