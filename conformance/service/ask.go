package service

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/provider"
	"github.com/idmock/idmock/conformance/receiver"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
)

// asReceiver reads what is asked of a receiver. What is not given is the account's: its credentials, and what the endpoint
// that is registered for this URL sends.
func (r *run) asReceiver(ctx context.Context, c control.CheckRequest) error {
	p, err := r.runs.judged(c.Kind, c.Provider)
	if err != nil {
		return err
	}
	ask := receiver.Flags{
		URL: c.URL, Provider: c.Provider, Credential: c.Credential, NextSecret: c.NextSecret, OtherSecret: c.OtherSecret, OldSecret: c.OldSecret, Header: c.Header, Switch: c.Switch,
		Probe: c.Probe, ProbeValue: c.ProbeValue, ProbeEffects: c.ProbeEffects, ProbeText: c.ProbeText, Granted: c.Granted,
		Reset: c.Reset, Prepare: c.Prepare, Start: c.Start, Restart: c.Restart, APIAddr: c.APIAddr,
		Only: c.Only, Skip: c.Skip, Core: c.Core, Strict: c.Strict, ForgedAck: c.ForgedAck, Seed: c.Seed, Version: r.runs.engine.Version(),
	}
	if err := areURLs("url", c.URL, "probe", c.Probe); err != nil {
		return err
	}
	asked, err := ask.Target(p)
	if err != nil {
		return control.Invalidf("%w", err)
	}
	if commands := asked.Commands(); len(commands) > 0 {
		return control.Invalidf("%s: want a URL, such as http://127.0.0.1:3000/…: only idmock check receiver runs commands, since no page may", strings.Join(commands, ", "))
	}
	if err := asked.Check(); err != nil {
		return control.Invalidf("%w", err)
	}
	holder, err := r.runs.engine.Tenant(ctx, c.Account, p)
	if err != nil {
		return err
	}
	lend(&ask, holder)
	t, err := ask.Target(p)
	if err != nil {
		return control.Invalidf("%w", err)
	}
	t.Account = holder.Account
	t.Credentials = maps.Clone(holder.Credentials)
	maps.Copy(t.Credentials, credentialsOf(ask, p.Name))
	profile, err := t.Profile()
	if err != nil {
		return control.Invalidf("%w", err)
	}
	if name, value, _ := profile.Credential(); name != "" && len(ask.Header) == 0 {
		if _, given := credentialsOf(ask, p.Name)[name]; !given {
			r.told.Secret = map[string]string{name: value}
			ask.Credential = maps.Clone(ask.Credential)
			if ask.Credential == nil {
				ask.Credential = map[string]string{}
			}
			ask.Credential[name] = value
		}
	}
	t.Command = ask.Command()
	chosen, err := receiver.Select(t)
	if errors.Is(err, conformance.ErrUsage) {
		return noneChosen()
	}
	if err != nil {
		return err
	}
	if holder.API != "" && c.APIAddr == "" {
		t.Front = func(gate func(http.ResponseWriter, *http.Request, http.Handler)) (string, func()) {
			return holder.API, r.runs.server.Use(p.Name, gate)
		}
	}
	t.Serving = func(api string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.told.API = api
	}
	t.Dial = r.runs.engine.Dial
	r.told.Account, r.told.Total, r.strict = holder.Account, len(chosen), c.Strict
	r.make = func(ctx context.Context, tell func(conformance.Result)) (*conformance.Report, error) {
		return receiver.Run(ctx, t, tell)
	}
	return nil
}

// lend gives an ask what the account's endpoint at the same URL sends, where it says nothing of its own.
func lend(ask *receiver.Flags, holder mockserver.Tenant) {
	headers := holder.Headers
	for _, ep := range holder.Endpoints {
		if ep.URL != ask.URL {
			continue
		}
		if len(ep.Headers) > 0 {
			headers = ep.Headers
		}
		switches := maps.Clone(ep.Switches)
		if switches == nil {
			switches = map[string]string{}
		}
		maps.Copy(switches, ask.Switch)
		ask.Switch = switches
		break
	}
	if len(ask.Header) == 0 {
		for _, h := range headers {
			ask.Header = append(ask.Header, h[0]+": "+h[1])
		}
	}
}

// credentialsOf are the credentials that an ask gives, by their names alone.
func credentialsOf(ask receiver.Flags, provider string) map[string]string {
	made := map[string]string{}
	for name, value := range ask.Credential {
		made[strings.TrimPrefix(name, provider+".")] = value
	}
	return made
}

// asProvider reads what is asked of a provider.
func (r *run) asProvider(_ context.Context, c control.CheckRequest) error {
	p, err := r.runs.judged(c.Kind, c.Provider)
	if err != nil {
		return err
	}
	if err := areURLs("url", c.URL, "listen_url", c.ListenURL); err != nil {
		return err
	}
	t := provider.Target{URL: c.URL, Provider: p, Key: c.Key, OtherKey: c.OtherKey, BadKey: c.BadKey, Forbidden: c.ForbiddenKey, Listen: c.Listen, ListenURL: c.ListenURL,
		Only: c.Only, Skip: c.Skip, Core: c.Core, Seed: c.Seed, Strict: c.Strict, Version: r.runs.engine.Version(), Dial: r.runs.engine.Dial}
	t.Command = t.CommandLine(c.Provider)
	chosen, err := provider.Select(t)
	if errors.Is(err, conformance.ErrUsage) {
		return noneChosen()
	}
	if err != nil {
		return err
	}
	r.told.Total, r.strict = len(chosen), c.Strict
	r.make = func(ctx context.Context, tell func(conformance.Result)) (*conformance.Report, error) {
		return provider.Run(ctx, t, tell)
	}
	return nil
}

func noneChosen() error {
	return control.Invalidf("no check fits run, skip and core: GET %s/conformance/checks lists them", control.Base)
}

// areURLs takes names and values in turn. Empty ones are not given.
func areURLs(fields ...string) error {
	for i := 0; i < len(fields); i += 2 {
		text := fields[i+1]
		if u, err := url.Parse(text); text != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			return control.Invalidf("%s: %q is no URL: want one such as http://127.0.0.1:3000/webhooks", fields[i], text)
		}
	}
	return nil
}

// explain takes the word for developers out of an error.
func explain(err error) string {
	return strings.TrimPrefix(err.Error(), conformance.ErrUsage.Error()+": ")
}
