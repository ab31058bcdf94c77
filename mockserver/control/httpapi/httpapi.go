// Package httpapi serves the control API below [control.Base]. openapi.yaml describes it and is served with it.
//
// Handlers decode and validate a request, call the [control.Backend] and encode its result; they decide nothing about providers,
// scenarios or deliveries. Journal and waiting are in package history, access control is in package access.
package httpapi

import (
	"log/slog"
	"net/http"
	"sync"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/access"
	"github.com/idmock/idmock/mockserver/control/history"
	"github.com/idmock/idmock/mockserver/metrics"
)

// Options configures the API. The zero value works.
type Options struct {
	// Version of the server, for GET health.
	Version string
	// StrictTargets reports in GET health that webhooks are restricted to public addresses.
	StrictTargets bool
	// Events serves GET events, the websocket; nil: not found.
	Events http.Handler
	// Metrics serves GET metrics; nil: counted from the backend's journal.
	Metrics *metrics.Metrics
	// Token validates POST login. The caller wraps the API with [access.Token.Wrap].
	Token *access.Token
	// ProviderSchema is the JSON Schema of provider.yaml.
	ProviderSchema []byte
	// Logger receives internal errors, which get a 500 response; nil discards them.
	Logger *slog.Logger
}

// New returns the API. It serves [control.Base] and every path below.
func New(b control.Backend, o Options) http.Handler {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = metrics.New(b.Journal, o.Version)
	}
	return newMux(routes(b, o), o.Logger)
}

func routes(b control.Backend, o Options) []route {
	system := system{b, o}
	document := document{sync.OnceValues(documentJSON)}
	catalogue := catalogue{b}
	accounts := accounts{b.Accounts}
	history := history.Handler{Journal: b.Journal, Deliveries: b.Deliveries, Catalogue: b.Catalogue, Prospects: b.Prospects, Version: o.Version, Log: o.Logger}
	deliveries := deliveries{b.Deliveries, b.Holds}
	endpoints := endpoints{b.Endpoints}
	runs := runs{b}
	faults := faults{b.Faults}
	wallets := wallets{b.Wallets}
	clocks := clocks{b}
	conformance := conformance{b.Checks}
	account := []string{"account"}
	open := accounts.open
	list := []route{
		{"GET", "/health", nil, system.health},
		{"GET", "/ready", nil, system.ready},
		{"POST", "/login", nil, system.login},
		{"POST", "/logout", nil, system.logout},
		{"GET", "/openapi.yaml", nil, document.serveYAML},
		{"GET", "/openapi.json", nil, document.serveJSON},
		{"GET", "/metrics", nil, system.metrics},
		{"GET", "/public-url", nil, system.publicURL},
		{"PUT", "/public-url", nil, system.setPublicURL},
		{"", "/receiver/{name}", anyQuery, receiver},

		{"GET", "/providers", nil, compressed(catalogue.providers)},
		{"GET", "/providers/{name}/fidelity", nil, catalogue.fidelity},
		{"GET", "/providers/{name}/env", account, catalogue.environment},
		{"GET", "/providers/{name}/operations/{operation}", nil, catalogue.form},
		{"GET", "/scenarios", account, compressed(open(catalogue.scenarios))},
		{"GET", "/scenarios/{provider}/{name}", account, open(catalogue.scenarioText)},
		{"POST", "/scenarios", []string{"account", "source"}, catalogue.replaceScenarios},
		{"GET", "/schema", nil, catalogue.schema},
		{"GET", "/schema/provider", nil, providerSchema(o.ProviderSchema)},

		{"GET", "/accounts", []string{"after", "limit"}, accounts.list},
		{"GET", "/accounts/{name}", nil, accounts.get},
		{"POST", "/accounts/{name}", nil, accounts.set},
		{"DELETE", "/accounts/{name}", nil, accounts.drop},
		{"POST", "/reset", account, open(accounts.reset)},

		{"GET", "/journal", []string{"account", "after", "limit", "kind", "format", "redact", "follow"}, open(history.Read)},
		{"POST", "/wait", account, open(history.Wait)},
		{"POST", "/wait/idle", account, open(clocks.waitIdle)},

		{"GET", "/deliveries", []string{"account", "limit"}, open(deliveries.list)},
		{"GET", "/deliveries/{id}", account, open(deliveries.get)},
		{"POST", "/deliveries/{id}/resend", account, open(deliveries.resend)},
		{"POST", "/deliveries/{id}/hold", account, open(deliveries.hold)},
		{"POST", "/deliveries/{id}/release", account, open(deliveries.release)},
		{"GET", "/holds", account, open(deliveries.holds)},
		{"POST", "/holds", account, deliveries.setHold},
		{"DELETE", "/holds", account, open(deliveries.endHold)},
		{"DELETE", "/holds/{id}", account, open(deliveries.endHold)},
		{"GET", "/endpoints", account, open(endpoints.list)},
		{"POST", "/endpoints", account, endpoints.set},
		{"DELETE", "/endpoints/{id}", account, open(endpoints.remove)},
		{"GET", "/faults", account, open(faults.list)},
		{"POST", "/faults", account, faults.set},
		{"DELETE", "/faults", account, open(faults.remove)},
		{"GET", "/faults/catalogue", nil, faults.catalogue},
		{"DELETE", "/faults/{id}", account, open(faults.remove)},

		{"GET", "/wallets", account, open(wallets.list)},
		{"PUT", "/wallets/{provider}", account, wallets.fill},
		{"DELETE", "/wallets/{provider}", account, open(wallets.remove)},

		{"POST", "/play", account, runs.play},
		{"POST", "/call", account, runs.call},
		{"POST", "/send", account, runs.send},
		{"POST", "/simulate", account, open(runs.simulate)},
		{"POST", "/arm", account, runs.arm},
		{"GET", "/default", account, open(runs.defaults)},
		{"POST", "/default", account, runs.setDefault},
		{"GET", "/runs/{run}/scenario", []string{"account", "provider", "name"}, open(runs.record)},

		{"GET", "/clock", account, open(clocks.get)},
		{"POST", "/clock", account, clocks.set},
		{"POST", "/clock/advance", account, open(clocks.advance)},

		{"GET", "/conformance/profiles", nil, conformance.profiles},
		{"GET", "/conformance/checks", []string{"kind", "provider"}, conformance.checks},
		{"GET", "/conformance/runs", account, open(conformance.runs)},
		{"POST", "/conformance/runs", account, conformance.begin},
		{"GET", "/conformance/runs/{id}", []string{"format", "wait"}, conformance.run},
		{"DELETE", "/conformance/runs/{id}", nil, conformance.stop},
		{"GET", "/conformance/runs/{id}/checks/{group}/{name}", nil, conformance.result},
	}
	if o.Events != nil {
		list = append(list, route{"GET", "/events", anyQuery, func(w http.ResponseWriter, r *http.Request) error {
			o.Events.ServeHTTP(w, r)
			return nil
		}})
	}
	return list
}
