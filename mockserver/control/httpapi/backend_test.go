package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/httpapi"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
)

var start = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// backend has a real journal and a real clock. Other methods return constants.
type backend struct {
	*store.Memory
	time *clock.Clock
	idle func(context.Context) error

	mu        sync.Mutex
	failure   error // returned by every method while it is set
	played    control.PlayRequest
	called    control.CallRequest
	resent    control.Resend
	armed     control.ArmRequest
	simulated control.SimulateRequest
	resets    []string
	requested control.CheckRequest
	endpoints []webhook.Endpoint

	asked atomic.Int64 // number of journal reads
}

func newBackend(r store.Retention) *backend {
	return &backend{Memory: store.NewMemory(r), time: clock.New(start), idle: func(context.Context) error { return nil }}
}

func (b *backend) handler(o httpapi.Options) http.Handler {
	return httpapi.New(control.Backend{Journal: b, Deliveries: b, Runs: b, Endpoints: endpoints{b}, Clocks: b, Accounts: accounts{b}, Catalogue: b, Fidelities: b, Faults: b, Holds: b, Wallets: b, Operations: b, PublicURLs: b, Uploads: b, Sender: b, Environments: b, Prospects: b, Checks: checks{b}}, o)
}

// add commits one entry per datum and returns the last Seq.
func (b *backend) add(t testing.TB, account string, data ...journal.Data) uint64 {
	t.Helper()
	var change store.Change
	for _, d := range data {
		change.Entries = append(change.Entries, journal.New(account, start, time.Now(), d))
	}
	last, err := b.Commit(t.Context(), change)
	if err != nil {
		t.Fatal(err)
	}
	return last
}

func (b *backend) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failure = err
}

func (b *backend) failed() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failure
}

func (b *backend) Stats(ctx context.Context) (store.Stats, error) {
	b.asked.Add(1)
	if err := b.failed(); err != nil {
		return store.Stats{}, err
	}
	return b.Memory.Stats(ctx)
}

func (b *backend) Follow(ctx context.Context, account string, after uint64) iter.Seq2[[]store.Entry, error] {
	b.asked.Add(1)
	return b.Memory.Follow(ctx, account, after)
}

func (b *backend) Read(ctx context.Context, account string, after uint64, limit int) ([]store.Entry, error) {
	b.asked.Add(1)
	return b.Memory.Read(ctx, account, after, limit)
}

func (b *backend) Deliveries(_ context.Context, account string, limit int) ([]control.Delivery, error) {
	if account == "unknown" || limit == 0 {
		return nil, b.failed()
	}
	return []control.Delivery{delivery}, b.failed()
}

func (b *backend) Delivery(_ context.Context, id string) (control.Delivery, error) {
	if id != delivery.ID {
		return control.Delivery{}, fmt.Errorf("delivery %q: %w", id, store.ErrNotFound)
	}
	return delivery, b.failed()
}

func (b *backend) Resend(_ context.Context, _ string, as control.Resend) (string, error) {
	b.resent = as
	return "d-2", b.failed()
}

func (b *backend) Form(_ context.Context, provider, operation string) (control.Form, error) {
	if operation != "verify" {
		return control.Form{}, fmt.Errorf("%s has no operation %q: %w", provider, operation, store.ErrNotFound)
	}
	return control.Form{ID: "verify", Method: "POST", Path: "/v2/verify", MediaType: "application/json", Example: []byte(`{"number":"1"}`),
		Fields: []control.FormField{{Name: "number", In: "body", Type: "string", Required: true, Example: []byte(`"1"`)}}}, b.failed()
}

func (b *backend) Call(_ context.Context, c control.CallRequest) (control.PlayResult, error) {
	b.called = c
	if c.Operation != "verify" {
		return control.PlayResult{}, control.Invalidf("%s has no operation %q", c.Provider, c.Operation)
	}
	return control.PlayResult{Run: "r-1", Reference: "REF-1", Status: 404, Body: []byte(`{"status":false}`)}, b.failed()
}

func (b *backend) Play(_ context.Context, p control.PlayRequest) (control.PlayResult, error) {
	b.played = p
	switch p.Scenario {
	case "nothing":
		return control.PlayResult{}, b.failed()
	case "html":
		return control.PlayResult{Run: "r-1", Reference: "REF-1", Status: 502, Body: []byte("<h1>Bad Gateway</h1>")}, b.failed()
	case "pending":
		return control.PlayResult{Run: "r-1", Reference: "REF-1", Status: 200, Body: []byte(`{"status": true}`)}, b.failed()
	}
	return control.PlayResult{}, control.Invalidf("%s has no scenario %q: there are html, nothing, pending", p.Provider, p.Scenario)
}

func (b *backend) Record(_ context.Context, _, provider, run, name string) ([]byte, error) {
	if run != "r-1" {
		return nil, fmt.Errorf("run %q: %w", run, store.ErrNotFound)
	}
	return fmt.Appendf(nil, "scenario: %s\nprovider: %s\n", name, provider), b.failed()
}

func (b *backend) Arm(_ context.Context, a control.ArmRequest) error {
	b.armed = a
	return b.failed()
}

func (b *backend) Defaults(context.Context, string) (map[string]string, error) {
	return map[string]string{"acme": "pending"}, b.failed()
}

func (b *backend) SetDefault(_ context.Context, d control.DefaultRequest) error {
	if d.Provider != "acme" {
		return control.Invalidf("no provider is called %q: there is acme", d.Provider)
	}
	return b.failed()
}

func (b *backend) Simulate(_ context.Context, s control.SimulateRequest) (control.Simulated, error) {
	b.simulated = s
	switch {
	case s.Run == "gone":
		return control.Simulated{}, fmt.Errorf("run %q: %w", s.Run, store.ErrNotFound)
	case s.Name != "aml-hit":
		return control.Simulated{}, control.Invalidf("nothing is called %q that could be simulated, want one of [aml-hit]", s.Name)
	}
	return control.Simulated{Runs: []control.SimulatedRun{{Account: "test_sk_1", Provider: "acme", Run: "r-1", Scenario: "pending", Rule: "pending:4"}}, Played: 1}, b.failed()
}

func (b *backend) PublicURL(context.Context) (string, error) { return "http://idmock.test", b.failed() }

func (b *backend) SetPublicURL(_ context.Context, url string) error {
	if url == "nowhere" {
		return control.Invalidf("invalid base URL %q", url)
	}
	return b.failed()
}

func (b *backend) Clock(context.Context, string) (clock.State, error) {
	return b.time.State(), b.failed()
}

func (b *backend) SetClock(_ context.Context, _ string, c control.ClockChange) (clock.State, error) {
	if c.Rate != nil {
		if err := b.time.SetRate(*c.Rate); err != nil {
			return clock.State{}, err
		}
	}
	if c.Frozen != nil && *c.Frozen {
		b.time.Freeze()
	}
	return b.time.State(), b.failed()
}

func (b *backend) Advance(_ context.Context, _ string, d time.Duration) (control.Advanced, error) {
	if err := b.time.Advance(d); err != nil {
		return control.Advanced{}, err
	}
	return control.Advanced{Now: b.time.Now(), Settled: 3}, b.failed()
}

func (b *backend) Finish(_ context.Context, account string) (control.Advanced, error) {
	if account == "" {
		return control.Advanced{}, control.Invalidf("name an account")
	}
	return control.Advanced{Now: b.time.Now(), Settled: 9}, b.failed()
}

func (b *backend) Providers(context.Context) ([]control.Provider, error) {
	return []control.Provider{
		{Name: "acme", Title: "Acme Identity", Base: "/acme", Screens: []byte(`[{"name":"webhook","menu":["Settings"],"steps":[{}]}]`), Operations: []control.Operation{{ID: "verify", Method: "POST", Path: "/v2/verify"}},
			Events: []control.Event{{Name: "verification.completed"}, {Name: "ENROLL"}, {Name: "AUTH"}}},
		{Name: "empty"}, // missing lists must be empty lists
	}, b.failed()
}

func (b *backend) EventNames(ctx context.Context) (names []string, events map[string][]string, err error) {
	all, err := b.Providers(ctx)
	events = map[string][]string{}
	for _, p := range all {
		names = append(names, p.Name)
		for _, event := range p.Events {
			events[p.Name] = append(events[p.Name], event.Name)
		}
	}
	return names, events, err
}

func (b *backend) Fidelity(_ context.Context, provider string) (control.Fidelity, error) {
	if provider != "acme" {
		return control.Fidelity{}, fmt.Errorf("no provider is called %q: %w", provider, store.ErrNotFound)
	}
	return control.Fidelity{Provider: "acme", Operations: []control.OperationFidelity{{ID: "verifyPerson", Method: "POST", Path: "/check", Fidelity: "modelled"}},
		Events: []control.EventFidelity{{Name: "check.done", Fidelity: "validated"}}, Guesses: []string{},
		Skipped: []control.SkippedOperation{{Method: "GET", Path: "/elsewhere", Place: "/paths/~1elsewhere/get", Reason: "nothing is there"}}}, b.failed()
}

func (b *backend) UploadScenarios(_ context.Context, f control.ScenarioFiles) ([]control.Scenario, error) {
	var taken []control.Scenario
	for i, file := range f.Files {
		if strings.Contains(file.Text, "wrong") {
			return nil, diag.List{{File: file.Name, Line: i + 1, Column: 11, Message: "not found", Source: file.Text}}
		}
		taken = append(taken, control.Scenario{Provider: "acme", Name: "pending", Source: file.Name, Sends: []string{"ENROLL"}})
	}
	return taken, b.failed()
}

func (b *backend) Environment(_ *http.Request, account, provider string) (control.Environment, error) {
	if provider != "acme" {
		return control.Environment{}, fmt.Errorf("no provider is called %q: %w", provider, store.ErrNotFound)
	}
	return control.Environment{Provider: "acme", Account: account, Variables: []control.Variable{{Name: "ACME_API_KEY", Value: account}}}, b.failed()
}

func (b *backend) Send(_ context.Context, s control.SendRequest) (control.Sent, error) {
	switch {
	case s.Event != "check.done":
		return control.Sent{}, control.Invalidf("%s has no event %q, did you mean %q?", s.Provider, s.Event, "check.done")
	case s.Run == "gone":
		return control.Sent{}, fmt.Errorf("run %q: %w", s.Run, store.ErrNotFound)
	}
	if s.Preview {
		return control.Sent{Account: s.Account, Run: "r-9", Previews: []control.Preview{{Method: "POST", URL: "http://app/", Headers: [][2]string{{"Token", "r-9"}}, Body: "{}"}}}, b.failed()
	}
	return control.Sent{Account: s.Account, Run: "r-9", Deliveries: []string{"d-9"}}, b.failed()
}

func (b *backend) Scenarios(context.Context, string) ([]control.Scenario, error) {
	return []control.Scenario{{Provider: "acme", Name: "pending", Select: `body.number == "2"`, Magic: []string{"2"}, Source: "built-in"}}, b.failed()
}

func (b *backend) ScenarioText(_ context.Context, _, provider, name string) ([]byte, error) {
	if name != "pending" {
		return nil, fmt.Errorf("%s has no scenario %q: %w", provider, name, store.ErrNotFound)
	}
	return []byte("scenario: pending\nprovider: acme\n"), b.failed()
}

func (b *backend) Schema(context.Context) ([]byte, error) {
	return []byte(`{"title":"idmock scenario"}`), b.failed()
}

func (b *backend) Ready(context.Context) error { return b.failed() }

// endpoints and accounts are parts of a backend with methods of the same names.
type (
	endpoints struct{ *backend }
	accounts  struct{ *backend }
)

func (b *backend) IsOpen(_ context.Context, _, _, run string) (bool, error) {
	return run == "r-open", b.failed()
}

// CanSend reports whether the run is the one that has something left to come.
func (b *backend) CanSend(_ context.Context, _, _, run, _ string) (bool, error) {
	return run == "r-open", b.failed()
}

func (b *backend) HasTaker(_ context.Context, account, _, _ string) (bool, error) {
	return account != "nowhere", b.failed()
}

var delivery = control.Delivery{ID: "d-1", Account: "test_sk_1", Provider: "acme", Event: "verification.completed", Run: "r-1", Scenario: "pending",
	Endpoint: "e-1", URL: "http://127.0.0.1:4000/hooks", Status: control.Retrying, Due: start, Attempts: []json.RawMessage{attempt("d-1", 503).Append(nil)}}

func attempt(delivery string, status int) journal.Attempt {
	return journal.Attempt{Delivery: delivery, Provider: "acme", Event: "verification.completed", Run: "r-1", Endpoint: "e-1", URL: "http://127.0.0.1:4000/hooks",
		N: 1, Planned: start, Sent: start, Accepted: status == 200, Class: "status",
		Request:  journal.Request{Method: "POST", URL: "http://127.0.0.1:4000/hooks", Headers: []journal.Header{{"Content-Type", "application/json"}}, Body: journal.NewBody([]byte(`{}`), 2)},
		Response: &journal.Response{Status: status, Headers: []journal.Header{{"Content-Length", "0"}}, Body: journal.NewBody(nil, 0)}, SignedBy: "public_key", Next: start.Add(time.Minute)}
}

func planned(delivery, event string) journal.Event {
	return journal.Event{Delivery: delivery, Provider: "acme", Event: event, Run: "r-" + delivery, Endpoint: "e-1", URL: "http://127.0.0.1:4000/hooks", Due: start}
}

func ended(delivery, event, outcome string) journal.Delivery {
	return journal.Delivery{Delivery: delivery, Provider: "acme", Event: event, Run: "r-" + delivery, Endpoint: "e-1", URL: "http://127.0.0.1:4000/hooks", Outcome: outcome, Attempts: 1}
}

func (b *backend) Faults(context.Context, string) ([]control.Fault, error) {
	return []control.Fault{{ID: "x1", On: "reply", Fault: "latency", Args: map[string]string{"by": "1s"}, Times: 2}}, b.failed()
}

func (b *backend) FaultCatalogue() []control.FaultKind {
	return []control.FaultKind{{Name: "latency", Where: []string{"reply"}, About: "Late.", Args: []control.FaultParameter{{Name: "by", Type: "duration", Default: "2s", About: "How late."}}}}
}

func (b *backend) SetFault(_ context.Context, f control.Fault) (control.Fault, error) {
	if f.Fault == "nothing" {
		return f, control.Invalidf("fault: none is called %q", f.Fault)
	}
	if f.Delivery == "unknown" {
		return f, fmt.Errorf("delivery %q: %w", f.Delivery, store.ErrNotFound)
	}
	f.ID, f.On = "x1", "delivery"
	return f, b.failed()
}

func (b *backend) RemoveFault(_ context.Context, _, id string) error {
	if id == "unknown" {
		return fmt.Errorf("fault %q: %w", id, store.ErrNotFound)
	}
	return b.failed()
}

func (b *backend) Holds(context.Context, string) (control.Holding, error) {
	return control.Holding{Held: 3, Holds: []control.Hold{{ID: "hold1", Account: "a", Provider: "acme", Event: "verif*", Held: 2}}}, b.failed()
}

func (b *backend) Held(context.Context, string) (int, error) { return 3, b.failed() }

func (b *backend) SetHold(_ context.Context, h control.Hold) (control.Hold, error) {
	if h.Provider == "unknown" {
		return h, control.Invalidf("no provider is called %q", h.Provider)
	}
	h.ID = "hold1"
	return h, b.failed()
}

func (b *backend) EndHold(_ context.Context, _, id string) (int, error) {
	if id == "unknown" {
		return 0, fmt.Errorf("hold %q: %w", id, store.ErrNotFound)
	}
	return 3, b.failed()
}

func (b *backend) HoldDelivery(_ context.Context, account, id string) error {
	switch {
	case id == "d-9" || account == "other":
		return fmt.Errorf("delivery %q: %w", id, store.ErrNotFound)
	case id == "d-0":
		return control.Invalidf("delivery: %s is over: it can be resent", id)
	}
	return b.failed()
}

func (b *backend) ReleaseDelivery(ctx context.Context, account, id string) error {
	return b.HoldDelivery(ctx, account, id)
}
