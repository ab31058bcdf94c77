package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi/catalog"
	"github.com/idmock/idmock/scenarios"
)

type playCmd struct {
	File    string `arg:"" help:"The scenario file."`
	To      string `help:"The webhook receiver." required:"" placeholder:"URL"`
	Subject string `help:"Play for this subject instead of the documented example's." placeholder:"TEXT"`
	Speed   string `help:"How fast account time passes: real, xN, or instant." default:"real" placeholder:"real|xN|instant"`
	Seed    uint64 `help:"Make up the same people and references every time; 0 picks a seed and prints it." default:"0" placeholder:"N"`
	Addr    string `help:"Where the receiver can call the API while the scenario plays; port 0 picks a free one." default:"127.0.0.1:0" placeholder:"HOST:PORT"`
}

// playAccount is the account in which a played scenario happens.
const playAccount = "play"

// reachable is how long the receiver gets to take a connection before anything is played.
const reachable = 3 * time.Second

// Run plays a scenario to its end. It ends 0 if the receiver took everything as expected, 1 if not, 2 if that could not
// be found out.
func (c *playCmd) Run(e env) error {
	instant, rate, err := speed(c.Speed)
	if err != nil {
		return verdict{exitUntested, err.Error()}
	}
	providers, err := catalog.Open()
	if err != nil {
		return err
	}
	src, err := os.ReadFile(c.File)
	if err != nil {
		return verdict{exitUntested, fmt.Sprintf("%s: %v", c.File, reason(err))}
	}
	s, err := mockserver.Lint(providers, c.File, src)
	if err != nil {
		return verdict{exitUntested, err.Error()}
	}
	if err := dial(e.ctx, c.To); err != nil {
		return verdict{exitUntested, err.Error()}
	}
	server, err := mockserver.New(mockserver.Config{
		Addr: c.Addr, Providers: providers, Scenarios: []*scenarios.Scenario{s}, Seed: c.Seed, Version: version,
		Retention: store.Retention{Entries: 1 << 20, EntryBytes: 1 << 30}, // a played scenario is judged by all of its journal
	})
	if err != nil {
		return verdict{exitUntested, err.Error()}
	}
	engine := server.Engine()
	if _, err := engine.SetEndpoint(e.ctx, webhook.Endpoint{Account: playAccount, Provider: s.Provider, URL: c.To, Source: "flag"}); err != nil {
		return verdict{exitUntested, err.Error()}
	}
	frozen := true // until everything is in place; then it runs at its rate
	if _, err := engine.SetClock(e.ctx, playAccount, control.ClockChange{Frozen: &frozen, Rate: &rate}); err != nil {
		return err
	}
	server.Start()
	fmt.Fprintf(e.stdout, "play %s of %s to %s, seed %d, API at %s\n", s.Name, s.Provider, c.To, engine.Seed(), server.URL())
	judge := &judge{out: e.stdout}
	err = judge.play(e.ctx, engine, control.PlayRequest{Account: playAccount, Provider: s.Provider, Scenario: s.Name, Subject: c.Subject}, instant)
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

// speed reads real, xN or instant.
func speed(s string) (instant bool, rate float64, err error) {
	switch s {
	case "instant":
		return true, 1, nil
	case "real":
		return false, 1, nil
	}
	n, isRate := strings.CutPrefix(s, "x")
	rate, err = strconv.ParseFloat(n, 64)
	if !isRate || err != nil || rate <= 0 || rate > 1e6 {
		return false, 0, fmt.Errorf("--speed %q: want real, instant, or a factor such as x60", s)
	}
	return false, rate, nil
}

// dial finds out whether anybody is there to be tested.
func dial(ctx context.Context, to string) error {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fmt.Errorf("--to %q is no webhook address: want one such as http://127.0.0.1:3000/webhooks", to)
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	d := net.Dialer{Timeout: reachable}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return fmt.Errorf("no receiver at %s: %w: start it, or correct --to", to, err)
	}
	return conn.Close()
}
