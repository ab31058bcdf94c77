package mockservertest

import (
	"encoding/json"
	"fmt"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
)

// Scenarios replaces the account's scenario files with these texts. Other accounts do not play them. Invalid files fail
// the test with every error.
func (a *Account) Scenarios(files ...string) {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	upload := control.ScenarioFiles{Account: a.Name, Source: "test"}
	for i, text := range files {
		upload.Files = append(upload.Files, control.ScenarioFile{Name: fmt.Sprintf("scenario-%d.yaml", i+1), Text: text})
	}
	if _, err := a.Server.Control().Uploads.UploadScenarios(ctx, upload); err != nil {
		a.Server.t.Fatal(err)
	}
}

// Play plays a scenario without an application: its start rule, or a request with the documented example. It returns the
// reference of the run, if there is one.
func (a *Account) Play(provider, scenario string) string {
	a.Server.t.Helper()
	return a.PlayFor("", provider, scenario)
}

// PlayFor is Play for a subject instead of the documented example's.
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

// Arm makes the next calls play a scenario; 0 is all until a reset.
func (a *Account) Arm(provider, scenario string, calls int) {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	if err := a.Server.Control().Runs.Arm(ctx, control.ArmRequest{Account: a.Name, Provider: provider, Scenario: scenario, Calls: calls}); err != nil {
		a.Server.t.Fatal(err)
	}
}

// Default sets the scenario of requests that select none. An empty one restores the provider's.
func (a *Account) Default(provider, scenario string) {
	a.Server.t.Helper()
	ctx, cancel := a.patience()
	defer cancel()
	if err := a.Server.Control().Runs.SetDefault(ctx, control.DefaultRequest{Account: a.Name, Provider: provider, Scenario: scenario}); err != nil {
		a.Server.t.Fatal(err)
	}
}

// Simulate triggers a simulation, such as aml-hit, on every run of the account that has a rule for it. data is the rule's
// body; nil is none. It returns the number of runs.
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

// Fault adds a fault to the account, such as control.Fault{On: "delivery", Fault: "duplicate"}. The returned function
// removes it.
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

// Send sends an event without a scenario. data overrides members of its body; nil changes none. It returns the IDs of the
// planned deliveries.
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

// Finish moves the account's clock until nothing is scheduled, and returns the number of settled jobs.
func (a *Account) Finish() int {
	a.Server.t.Helper()
	advanced, err := a.Server.Control().Clocks.Finish(a.Server.t.Context(), a.Name)
	if err != nil {
		a.Server.t.Fatal(err)
	}
	return advanced.Settled
}

// Delivered blocks until the event is delivered, and returns the outcome of the first such delivery. It fails the test
// after [Patience].
func (a *Account) Delivered(event string) journal.Delivery {
	a.Server.t.Helper()
	return Wait(a, func(d journal.Delivery) bool { return d.Event == event && d.Outcome == journal.Delivered })
}

// Exhausted is Delivered for a delivery with exhausted retries.
func (a *Account) Exhausted(event string) journal.Delivery {
	a.Server.t.Helper()
	return Wait(a, func(d journal.Delivery) bool { return d.Event == event && d.Outcome == journal.Exhausted })
}

// Met reports whether the application met every expectation of the scenarios. Each missed one is an error of the test.
func (a *Account) Met() bool {
	a.Server.t.Helper()
	ok := true
	for _, e := range Entries[journal.Expect](a) {
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
