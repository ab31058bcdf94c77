package client_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/client"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

const (
	provider = "identitypass"
	event    = "verification.completed"
)

func newClient(t *testing.T, c mockserver.Config, o client.Options) *client.Client {
	t.Helper()
	all, err := client.New(mockservertest.Start(t, c).URL(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(all.Close)
	return all
}

// must returns the result of a call that has to succeed.
func must[T any](result T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
}

// One account goes through a pending verification: the methods agree with each other and with the journal.
func TestPlayOnAFrozenClock(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	all := newClient(t, mockserver.Config{}, client.Options{})
	receiver := mockservertest.NewReceiver(t)
	c := all.For("mine/yours?")
	if account, err := c.Open(ctx, 7); err != nil || account.Name != "mine/yours?" || account.Seed != 7 {
		t.Fatalf("Open: %+v, %v", account, err)
	}
	frozen := true
	if state, err := c.Clock().Set(ctx, control.ClockChange{Frozen: &frozen}); err != nil || !state.Frozen {
		t.Fatalf("Set: %+v, %v", state, err)
	}
	must(c.SetEndpoint(ctx, client.Endpoint{Provider: provider, URL: receiver.URL}))(t)
	if played, err := c.Play(ctx, control.PlayRequest{Provider: provider, Scenario: "pending-then-confirmed"}); err != nil || played.Reference == "" {
		t.Fatalf("Play: %+v, %v", played, err)
	}
	hold := must(c.Holds().Add(ctx, control.Hold{Event: "verification.*"}))(t)
	if _, err := c.Clock().AdvanceToEnd(ctx); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Holds().Count(ctx); err != nil || n != 1 {
		t.Errorf("Count: %d, %v", n, err)
	}
	if n, err := c.Holds().End(ctx, hold.ID); err != nil || n != 1 {
		t.Errorf("End: %d, %v", n, err)
	}
	found, err := c.Wait(ctx, client.Expectation{Event: event})
	if err != nil || len(found) != 1 || found[0].Kind != journal.KindDelivery {
		t.Fatalf("Wait: %+v, %v", found, err)
	}
	if err := errors.Join(c.WaitIdle(ctx, time.Minute), c.WaitEnd(ctx)); err != nil {
		t.Fatal(err)
	}
	// The end of the hold may be recorded after the delivery that it released.
	if kinds := strings.TrimSuffix(kindsOf(t, c), " hold"); !strings.Contains(kinds, "call run") || !strings.HasSuffix(kinds, "delivery expect") {
		t.Errorf("the journal has %s", kinds)
	}
	if head, err := c.Head(ctx); err != nil || head < found[0].Seq {
		t.Errorf("Head: %d, %v", head, err)
	}
}

func kindsOf(t *testing.T, c *client.Client) string {
	t.Helper()
	var kinds []string
	for e, err := range c.Journal(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, e.Kind)
	}
	return strings.Join(kinds, " ")
}

// Settings that other requests depend on are accepted, and can be undone.
func TestSettings(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := newClient(t, mockserver.Config{}, client.Options{}).For("mine")
	fault, err := c.SetFault(ctx, control.Fault{On: "reply", Fault: "server-error", Times: 2})
	if err != nil || fault.ID == "" || fault.Account != "mine" {
		t.Fatalf("SetFault: %+v, %v", fault, err)
	}
	for name, err := range map[string]error{
		"RemoveFault": c.RemoveFault(ctx, fault.ID),
		"Arm":         c.Arm(ctx, control.ArmRequest{Provider: provider, Scenario: "not-found", Calls: 1}),
		"SetDefault":  c.SetDefault(ctx, control.DefaultRequest{Provider: provider, Scenario: "not-found"}),
		"Ready":       c.Ready(ctx),
		"Reset":       c.Reset(ctx),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if health, err := c.Health(ctx); err != nil || health.Status != "ok" || health.Targets != "local" {
		t.Errorf("Health: %+v, %v", health, err)
	}
	if environment, err := c.Environment(ctx, provider); err != nil || environment.Account != "mine" || len(environment.Variables) == 0 {
		t.Errorf("Environment: %+v, %v", environment, err)
	}
	if providers, err := c.Providers(ctx); err != nil || len(providers) == 0 {
		t.Errorf("Providers: %+v, %v", providers, err)
	}
}

// Follow yields entries as they are written, and ends with the context's cause.
func TestFollow(t *testing.T) {
	t.Parallel()
	c := newClient(t, mockserver.Config{}, client.Options{}).For("mine")
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	defer cancel(enough)
	play := func() {
		if _, err := c.Play(t.Context(), control.PlayRequest{Provider: provider, Scenario: "default"}); err != nil {
			t.Fatal(err)
		}
	}
	play()
	calls := 0
	for e, err := range c.Follow(ctx, 0) {
		switch {
		case err != nil:
			if !errors.Is(err, enough) {
				t.Error(err)
			}
		case e.Account != "mine":
			t.Errorf("another account's entry: %+v", e)
		case e.Kind != journal.KindCall:
		case calls == 0:
			calls++
			play()
		default:
			calls++
			cancel(enough)
		}
	}
	if calls != 2 {
		t.Errorf("saw %d calls, want 2", calls)
	}
}

// A problem is decoded with its status; errors in files have their lines.
func TestRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := newClient(t, mockserver.Config{}, client.Options{}).For("mine")
	if _, err := c.Account(ctx); !client.IsRefused(err, http.StatusNotFound) {
		t.Errorf("Account: %v", err)
	}
	if err := c.Arm(ctx, control.ArmRequest{Provider: "acme", Scenario: "default"}); !client.IsRefused(err, http.StatusUnprocessableEntity) || !strings.Contains(err.Error(), "acme") {
		t.Errorf("Arm: %v", err)
	}
	_, err := c.UploadScenarios(ctx, control.ScenarioFiles{Source: "test", Files: []control.ScenarioFile{{Name: "a.yaml", Text: "scenario: a\nprovider: identitypass\nrules:\n  - on: verifyBVN\n    reploy: {example: success}\n"}}})
	if problem, ok := errors.AsType[*client.Error](err); !ok || len(problem.Errors) == 0 || !strings.Contains(err.Error(), "a.yaml:5:5: ") || !strings.Contains(err.Error(), "^") {
		t.Errorf("UploadScenarios: %v", err)
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	s := mockservertest.Start(t, mockserver.Config{ControlToken: "s3cret-token"})
	for token, want := range map[string]bool{"": false, "wrong-token": false, "s3cret-token": true} {
		c := must(client.New(s.URL(), client.Options{Token: token}))(t)
		defer c.Close()
		if _, err := c.Providers(t.Context()); (err == nil) != want || !want && !client.IsRefused(err, http.StatusUnauthorized) {
			t.Errorf("token %q: %v", token, err)
		}
	}
}

// A stopped server, or another program, is unreachable, not an error of the request.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	text := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }))
	defer text.Close()
	for base, want := range map[string]string{
		"http://127.0.0.1:1": "no idmock server at http://127.0.0.1:1: ",
		other.URL:            "responded 404 Not Found: is this an idmock server?",
		text.URL:             "cannot decode the response: ",
	} {
		c := must(client.New(base, client.Options{}))(t)
		defer c.Close()
		if _, err := c.Providers(t.Context()); !errors.Is(err, client.ErrUnreachable) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", base, err, want)
		}
	}
	for _, base := range []string{"", "127.0.0.1:8080", "ftp://127.0.0.1", "http://"} {
		if _, err := client.New(base, client.Options{}); err == nil {
			t.Errorf("New accepts %q", base)
		}
	}
}
