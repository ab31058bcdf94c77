package service

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/provider"
	"github.com/idmock/idmock/conformance/receiver"
	"github.com/idmock/idmock/internal/duration"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/openapi"
)

// prepareReceiver prepares a run against a receiver. Missing settings default to those of the account: its credentials, and
// the headers and options of its endpoint with the same URL.
func (r *run) prepareReceiver(ctx context.Context, c control.CheckRequest) error {
	engine := r.service.engine
	p, err := r.service.provider(c.Kind, c.Provider)
	if err != nil {
		return err
	}
	flags := receiver.Flags{
		URL: c.URL, Provider: c.Provider, Credential: c.Credential, NextSecret: c.NextSecret, OtherSecret: c.OtherSecret, OldSecret: c.OldSecret, Header: c.Header, Switch: c.Switch,
		Probe: c.Probe, ProbeValue: c.ProbeValue, ProbeEffects: c.ProbeEffects, ProbeText: c.ProbeText, Granted: c.Granted,
		Reset: c.Reset, Prepare: c.Prepare, Start: c.Start, Restart: c.Restart, APIAddr: c.APIAddr,
		Only: c.Only, Skip: c.Skip, Core: c.Core, Strict: c.Strict, FailOn: c.FailOn, ForgedAck: c.ForgedAck, Seed: c.Seed, Version: engine.Version(),
	}
	for _, bound := range []struct {
		field, value string
		set          *time.Duration
	}{{"reconcile", c.Reconcile, &flags.Reconcile}, {"budget", c.Budget, &flags.Budget}} {
		if bound.value == "" {
			continue
		}
		if *bound.set, err = duration.Parse(bound.value); err != nil {
			return control.Invalidf("%s: %w", bound.field, err)
		}
	}
	if err := validate(flags, p); err != nil {
		return err
	}
	holder, err := engine.Tenant(ctx, c.Account, p)
	if err != nil {
		return err
	}
	useEndpoint(&flags, holder)
	t, err := r.receiverTarget(&flags, p, holder)
	if err != nil {
		return err
	}
	selected, err := receiver.Select(t)
	if err != nil {
		return selectionError(err)
	}
	if holder.API != "" && c.APIAddr == "" {
		t.Front = func(intercept func(http.ResponseWriter, *http.Request, http.Handler)) (string, func()) {
			return holder.API, r.service.server.Use(p.Name, intercept)
		}
	}
	t.Serving = func(api string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.state.API = api
	}
	t.Dial = engine.Dial
	r.state.Account, r.state.Total, r.strict, r.failOn = holder.Account, len(selected), c.Strict, t.FailOn
	r.check = func(ctx context.Context, onResult func(conformance.Result)) (*conformance.Report, error) {
		return receiver.Run(ctx, t, onResult)
	}
	return nil
}

// validate validates the settings before the account is opened. Commands are not allowed: a web page could run them.
func validate(flags receiver.Flags, p *openapi.Provider) error {
	if err := requireURLs("url", flags.URL, "probe", flags.Probe); err != nil {
		return err
	}
	t, err := flags.Target(p)
	if err != nil {
		return control.Invalidf("%w", err)
	}
	if commands := t.Commands(); len(commands) > 0 {
		return control.Invalidf("%s: must be a URL, such as http://127.0.0.1:3000/…: only idmock check receiver runs commands", strings.Join(commands, ", "))
	}
	if err := t.Check(); err != nil {
		return control.Invalidf("%w", err)
	}
	return nil
}

// receiverTarget returns the target with the credentials of the account. If the request leaves out the secret, the state of
// the run shows the one of the account, with which the receiver must be configured.
func (r *run) receiverTarget(flags *receiver.Flags, p *openapi.Provider, holder mockserver.Tenant) (receiver.Target, error) {
	t, err := flags.Target(p)
	if err != nil {
		return t, control.Invalidf("%w", err)
	}
	requested := credentials(*flags, p.Name)
	t.Account = holder.Account
	t.Credentials = maps.Clone(holder.Credentials)
	maps.Copy(t.Credentials, requested)
	profile, err := t.Profile()
	if err != nil {
		return t, control.Invalidf("%w", err)
	}
	if name, value, _ := profile.Credential(); name != "" && len(flags.Header) == 0 {
		if _, ok := requested[name]; !ok {
			r.state.Secret = map[string]string{name: value}
			flags.Credential = maps.Clone(flags.Credential)
			if flags.Credential == nil {
				flags.Credential = map[string]string{}
			}
			flags.Credential[name] = value
		}
	}
	t.Command = flags.Command()
	return t, nil
}

// useEndpoint adds the options and headers of the account's endpoint with the same URL, unless the request has its own.
func useEndpoint(flags *receiver.Flags, holder mockserver.Tenant) {
	headers := holder.Headers
	for _, ep := range holder.Endpoints {
		if ep.URL != flags.URL {
			continue
		}
		if len(ep.Headers) > 0 {
			headers = ep.Headers
		}
		options := maps.Clone(ep.Switches)
		if options == nil {
			options = map[string]string{}
		}
		maps.Copy(options, flags.Switch)
		flags.Switch = options
		break
	}
	if len(flags.Header) == 0 {
		for _, h := range headers {
			flags.Header = append(flags.Header, h[0]+": "+h[1])
		}
	}
}

// credentials returns the requested credentials by name, without the prefix of the provider.
func credentials(flags receiver.Flags, provider string) map[string]string {
	byName := map[string]string{}
	for name, value := range flags.Credential {
		byName[strings.TrimPrefix(name, provider+".")] = value
	}
	return byName
}

// prepareProvider prepares a run against a provider.
func (r *run) prepareProvider(c control.CheckRequest) error {
	engine := r.service.engine
	p, err := r.service.provider(c.Kind, c.Provider)
	if err != nil {
		return err
	}
	if err := requireURLs("url", c.URL, "listen_url", c.ListenURL); err != nil {
		return err
	}
	t := provider.Target{URL: c.URL, Provider: p, Key: c.Key, OtherKey: c.OtherKey, BadKey: c.BadKey, Forbidden: c.ForbiddenKey, Listen: c.Listen, ListenURL: c.ListenURL,
		Only: c.Only, Skip: c.Skip, Core: c.Core, Seed: c.Seed, Strict: c.Strict, Version: engine.Version(), Dial: engine.Dial}
	t.Command = t.CommandLine(c.Provider)
	selected, err := provider.Select(t)
	if err != nil {
		return selectionError(err)
	}
	failOn, err := conformance.ParseLevel(c.FailOn)
	if err != nil {
		return control.Invalidf("fail_on: %w", err)
	}
	r.state.Total, r.strict, r.failOn = len(selected), c.Strict, failOn
	r.check = func(ctx context.Context, onResult func(conformance.Result)) (*conformance.Report, error) {
		report, err := provider.Run(ctx, t, onResult)
		if err == nil {
			report.FailOn = failOn
		}
		return report, err
	}
	return nil
}

// selectionError returns the error of a selection in terms of the control API.
func selectionError(err error) error {
	if errors.Is(err, conformance.ErrUsage) {
		return control.Invalidf("no check matches run, skip and core: GET %s/conformance/checks lists all checks", control.Base)
	}
	return err
}

// requireURLs validates URLs, which follow their names; empty URLs are allowed.
func requireURLs(fields ...string) error {
	for i := 0; i < len(fields); i += 2 {
		value := fields[i+1]
		if u, err := url.Parse(value); value != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			return control.Invalidf("%s: invalid URL %q: use one such as http://127.0.0.1:3000/webhooks", fields[i], value)
		}
	}
	return nil
}

// message returns the message of an error without the prefix of [conformance.ErrUsage], which concerns the command line.
func message(err error) string {
	return strings.TrimPrefix(err.Error(), conformance.ErrUsage.Error()+": ")
}
