package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/scenarios"
)

type playCmd struct {
	File    string `arg:"" help:"The scenario file."`
	To      string `help:"The webhook receiver." required:"" placeholder:"URL"`
	Subject string `help:"Play for this subject instead of the documented example's." placeholder:"TEXT"`
	Speed   string `help:"How fast account time passes: real, a factor such as x60, or instant." default:"real" placeholder:"SPEED"`
	providerFlag
	credentialFlag
	Seed uint64 `help:"Make up the same people and references every time; 0 picks a seed and prints it." default:"0" placeholder:"N"`
	// Not IDMOCK_ADDR: where that is set, in the image for one, a server has the address already.
	Addr string `help:"Where the receiver can call the API while the scenario plays; port 0 picks a free one." default:"127.0.0.1:0" env:"IDMOCK_PLAY_ADDR" placeholder:"HOST:PORT"`
}

// playAccount is the account in which a played scenario happens.
const playAccount = "play"

// Run plays a scenario to its end. It ends 0 if the receiver took everything as expected, 1 if not, 2 if that could not
// be found out.
func (c *playCmd) Run(e env) error {
	instant, rate, err := speed(c.Speed)
	if err != nil {
		return verdict{exitUntested, err.Error()}
	}
	server, s, err := c.prepare(e.ctx)
	if err != nil {
		return err
	}
	server.Start()
	judge := &judge{out: e.stdout}
	err = c.set(e, server, s, rate)
	if err == nil {
		want := control.PlayRequest{Account: playAccount, Provider: s.Provider, Scenario: s.Name, Subject: c.Subject}
		err = judge.play(e.ctx, server.Engine(), want, instant)
	}
	err = errors.Join(err, server.Stop(context.WithoutCancel(e.ctx)))
	if errors.Is(err, control.ErrInvalid) {
		return verdict{exitUntested, err.Error()}
	}
	if errors.Is(err, context.Canceled) {
		judge.cut = true
		err = nil
	}
	if err != nil {
		return err
	}
	return judge.verdict()
}

// prepare reads the scenario, makes sure that somebody is there to be tested, and makes a server that knows the scenario.
func (c *playCmd) prepare(ctx context.Context) (*mockserver.Server, *scenarios.Scenario, error) {
	untested := func(err error) (*mockserver.Server, *scenarios.Scenario, error) {
		return nil, nil, verdict{exitUntested, err.Error()}
	}
	providers, err := c.open()
	if err != nil {
		return nil, nil, err
	}
	src, err := os.ReadFile(c.File)
	if err != nil {
		return untested(fmt.Errorf("%s: %w: name a scenario file", c.File, reason(err)))
	}
	s, err := mockserver.Lint(providers, c.File, src)
	if err != nil {
		return untested(err)
	}
	credentials, err := c.byProvider()
	if err != nil {
		return untested(err)
	}
	if err := dial(ctx, c.To); err != nil {
		return untested(err)
	}
	headers, err := c.headers()
	if err != nil {
		return nil, nil, verdict{exitUntested, err.Error()}
	}
	server, err := listen(mockserver.Config{
		Addr: c.Addr, Providers: providers, Scenarios: []*scenarios.Scenario{s}, Credentials: credentials, Seed: c.Seed, Version: version,
		Retention: store.Retention{Entries: maxEntries, EntryBytes: maxBytes}, WebhookHeaders: headers,
	})
	return server, s, err
}

// set registers the receiver, stops the account's clock until everything is in place, and says what will be played.
func (c *playCmd) set(e env, server *mockserver.Server, s *scenarios.Scenario, rate float64) error {
	engine := server.Engine()
	if _, err := engine.SetEndpoint(e.ctx, webhook.Endpoint{Account: playAccount, Provider: s.Provider, URL: c.To, Source: "flag"}); err != nil {
		return err
	}
	frozen := true
	if _, err := engine.SetClock(e.ctx, playAccount, control.ClockChange{Frozen: &frozen, Rate: &rate}); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "play %s of %s to %s, seed %d, API at %s\n", s.Name, s.Provider, c.To, engine.Seed(), server.URL())
	accounts, err := engine.Accounts(e.ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		for _, name := range slices.Sorted(maps.Keys(a.Credentials[s.Provider])) {
			value := a.Credentials[s.Provider][name]
			_, given := c.Credential[s.Provider+"."+name] // whoever gave it knows it, and it may be a real one
			if a.Name == playAccount && value != playAccount && !given {
				fmt.Fprintf(e.stdout, "credential %s.%s=%s\n", s.Provider, name, value)
			}
		}
	}
	return nil
}
