package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
)

type triggerCmd struct {
	Provider string   `arg:"" help:"A provider's name."`
	Event    string   `arg:"" help:"One of its events."`
	Set      []string `help:"Lay this over what the event tells: a value that is JSON counts as that, any other as text. Can be repeated." placeholder:"A.B=VALUE" sep:"none"`
	Account  string   `help:"The account in whose name it is sent. Empty is demo." placeholder:"NAME"`
	Of       string   `help:"The reference of a run that it tells of; without it one is made up." placeholder:"REFERENCE"`
	Subject  string   `help:"Of the run that is made up, in place of the documented example's." placeholder:"TEXT"`
	To       string   `help:"Send it there without a server, instead of to the endpoints of one that runs." placeholder:"URL"`
	Against  string   `help:"The server that runs." default:"http://127.0.0.1:8080" placeholder:"URL"`
	Folder   string   `name:"provider" help:"With --to: add the provider in this folder." env:"-" placeholder:"DIR"`
	credentialFlag
	Seed uint64 `help:"With --to: make up the same people and references every time; 0 picks a seed." default:"0" placeholder:"N"`
}

// soon is how long an event may take to be sent and answered.
const soon = "1m"

// Run sends an event. It ends 0 if every receiver accepted it, 1 if one did not, 2 if it could not be sent.
func (c *triggerCmd) Run(e env) error {
	data, err := overlay(c.Set)
	if err != nil {
		return verdict{exitUntested, err.Error()}
	}
	r, stop, err := c.server(e.ctx)
	if err != nil {
		return err
	}
	err = c.send(e, r, data)
	var problem *refused
	var server unreachable
	if errors.As(err, &problem) || errors.As(err, &server) {
		err = verdict{exitUntested, err.Error()}
	}
	if errors.Is(err, context.Canceled) {
		err = verdict{exitUntested, "stopped before the answer came: what was sent may have arrived"}
	}
	if stopErr := stop(); err == nil {
		err = stopErr
	}
	return err
}

// server is the one that runs, or one of its own that knows nothing but the receiver.
func (c *triggerCmd) server(ctx context.Context) (*remote, func() error, error) {
	if c.To == "" {
		r, err := newRemote("--against", c.Against)
		if err != nil {
			return nil, nil, err
		}
		if len(c.Credential)+len(c.WebhookHeader) > 0 || c.Folder != "" || c.Seed != 0 {
			return nil, nil, verdict{exitUntested, "--credential, --webhook-header, --provider and --seed are for an event that goes out without a server: give --to as well"}
		}
		return r, func() error { r.http.CloseIdleConnections(); return nil }, nil
	}
	var own providerFlag
	if c.Folder != "" {
		own.Provider = []string{c.Folder}
	}
	providers, err := own.open()
	if err != nil {
		return nil, nil, err
	}
	credentials, err := c.byProvider()
	if err != nil {
		return nil, nil, verdict{exitUntested, err.Error()}
	}
	headers, err := c.headers()
	if err != nil {
		return nil, nil, verdict{exitUntested, err.Error()}
	}
	if err := dial(ctx, c.To); err != nil {
		return nil, nil, verdict{exitUntested, err.Error()}
	}
	server, err := listen(mockserver.Config{Addr: "127.0.0.1:0", Providers: providers, Credentials: credentials, Seed: c.Seed, Version: version,
		WebhookHeaders: headers, DrainTimeout: time.Second})
	if err != nil {
		return nil, nil, err
	}
	server.Start()
	r, err := newRemote("--to", server.URL())
	stop := func() error {
		r.http.CloseIdleConnections()
		return server.Stop(context.WithoutCancel(ctx))
	}
	if err == nil {
		var known []string
		for _, p := range providers {
			known = append(known, p.Name)
		}
		if !slices.Contains(known, c.Provider) {
			err = verdict{exitUntested, fmt.Sprintf("no provider is called %q: there are %s", c.Provider, strings.Join(known, ", "))}
		}
	}
	if err == nil {
		err = r.ask(ctx, http.MethodPost, "/endpoints", "", map[string]any{"provider": c.Provider, "url": c.To}, nil)
	}
	if err != nil {
		_ = stop() // the first error is what matters
		return nil, nil, err
	}
	return r, stop, nil
}

// send sends the event, and tells of each delivery what was sent and what came back.
func (c *triggerCmd) send(e env, r *remote, data map[string]any) error {
	want := map[string]any{"provider": c.Provider, "event": c.Event}
	for name, value := range map[string]string{"run": c.Of, "subject": c.Subject} {
		if value != "" {
			want[name] = value
		}
	}
	if len(data) > 0 {
		want["data"] = data
	}
	var sent control.Sent
	if err := r.ask(e.ctx, http.MethodPost, "/send", c.Account, want, &sent); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s of %s for account %s, run %s\n", c.Event, c.Provider, sent.Account, sent.Run)
	wrong := ""
	for _, delivery := range sent.Deliveries {
		attempt, err := c.outcome(e.ctx, r, sent.Account, delivery)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "%s %s\n%s\n", attempt.Request.Method, attempt.URL, attempt.Request.Body.Bytes)
		if attempt.SignedBy != "" {
			fmt.Fprintf(e.stdout, "signed by %s\n", attempt.SignedBy)
		}
		took := time.Duration(attempt.Phases.Total).Round(time.Microsecond)
		if attempt.Accepted {
			fmt.Fprintf(e.stdout, "accepted with %d after %v\n", attempt.Response.Status, took)
			continue
		}
		why := attempt.Error
		if attempt.Hint != "" {
			why += " (" + attempt.Hint + ")"
		}
		fmt.Fprintf(e.stdout, "not accepted: %s after %v\n", why, took)
		wrong = fmt.Sprintf("the receiver at %s did not accept %s: %s", attempt.URL, c.Event, why)
	}
	if wrong != "" {
		return verdict{exitWrong, wrong}
	}
	return nil
}

// outcome waits for the first attempt of a delivery.
func (c *triggerCmd) outcome(ctx context.Context, r *remote, account, delivery string) (journal.Attempt, error) {
	var found struct{ Entries []line }
	err := r.ask(ctx, http.MethodPost, "/wait", account, map[string]any{"delivery": delivery, "outcome": "attempted", "timeout": soon}, &found)
	if err != nil {
		return journal.Attempt{}, err
	}
	return journal.As[journal.Attempt](found.Entries[0].entry())
}

// overlay reads values of the form a.b=c: what is JSON counts as that, anything else as text.
func overlay(set []string) (map[string]any, error) {
	data := map[string]any{}
	for _, one := range set {
		path, text, ok := strings.Cut(one, "=")
		if !ok || path == "" || strings.HasPrefix(path, ".") || strings.HasSuffix(path, ".") || strings.Contains(path, "..") {
			return nil, fmt.Errorf("--set %s: want A.B=VALUE, such as --set response_code=01 or --set data.score=97", one)
		}
		var value any = text
		in := json.NewDecoder(strings.NewReader(text))
		in.UseNumber()
		var parsed any
		if in.Decode(&parsed) == nil && !in.More() {
			value = parsed
		}
		at := data
		steps := strings.Split(path, ".")
		for _, step := range steps[:len(steps)-1] {
			below, ok := at[step].(map[string]any)
			if !ok {
				if _, taken := at[step]; taken {
					return nil, fmt.Errorf("--set %s: %s has a value of its own already", one, step)
				}
				below = map[string]any{}
				at[step] = below
			}
			at = below
		}
		at[steps[len(steps)-1]] = value
	}
	return data, nil
}
