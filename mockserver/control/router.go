package control

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/idmock/idmock/mockserver/metrics"
)

type api struct {
	Backend
	options Options
	log     *slog.Logger

	asJSON func() ([]byte, error) // the document, converted on first use
}

// handler writes an answer, or returns what is to become a problem. It does not do both.
type handler func(http.ResponseWriter, *http.Request) error

type route struct {
	method string   // empty: any
	path   string   // below Base
	query  []string // what may stand in the query
	serve  handler
}

// free is the query of a route that looks after its own.
var free = []string{"*"}

// New returns the API. It takes requests for [Base] and everything below it.
func New(b Backend, o Options) http.Handler {
	a := &api{Backend: b, options: o, log: o.Logger, asJSON: sync.OnceValues(documentAsJSON)}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.options.Metrics == nil {
		a.options.Metrics = metrics.New(b.Journal, o.Version)
	}
	return a.mux(a.routes())
}

func (a *api) routes() []route {
	one := []string{"account"}
	routes := []route{
		{"GET", "/health", nil, a.health},
		{"GET", "/ready", nil, a.ready},
		{"POST", "/login", nil, a.login},
		{"POST", "/logout", nil, a.logout},
		{"GET", "/openapi.yaml", nil, a.documentYAML},
		{"GET", "/openapi.json", nil, a.documentJSON},
		{"GET", "/metrics", nil, a.metrics},
		{"GET", "/providers", nil, a.providers},
		{"GET", "/providers/{name}/fidelity", nil, a.fidelity},
		{"GET", "/providers/{name}/env", one, a.environment},
		{"GET", "/providers/{name}/operations/{operation}", nil, a.form},
		{"GET", "/scenarios", one, a.scenarios},
		{"GET", "/scenarios/{provider}/{name}", one, a.scenarioText},
		{"POST", "/scenarios", []string{"account", "source"}, a.giveScenarios},
		{"GET", "/schema", nil, a.schema},
		{"GET", "/accounts", nil, a.accounts},
		{"GET", "/accounts/{name}", nil, a.account},
		{"POST", "/accounts/{name}", nil, a.setAccount},
		{"DELETE", "/accounts/{name}", nil, a.dropAccount},
		{"POST", "/reset", one, a.reset},
		{"GET", "/journal", []string{"account", "after", "limit", "kind", "format", "redact", "follow"}, a.journal},
		{"GET", "/deliveries", []string{"account", "limit"}, a.deliveries},
		{"GET", "/deliveries/{id}", one, a.delivery},
		{"POST", "/deliveries/{id}/resend", one, a.resend},
		{"POST", "/deliveries/{id}/hold", one, a.holdDelivery},
		{"POST", "/deliveries/{id}/release", one, a.releaseDelivery},
		{"GET", "/holds", one, a.holds},
		{"POST", "/holds", one, a.setHold},
		{"DELETE", "/holds", one, a.endHold},
		{"DELETE", "/holds/{id}", one, a.endHold},
		{"GET", "/endpoints", one, a.endpoints},
		{"POST", "/endpoints", one, a.setEndpoint},
		{"DELETE", "/endpoints/{id}", one, a.removeEndpoint},
		{"POST", "/play", one, a.play},
		{"POST", "/call", one, a.call},
		{"GET", "/runs/{run}/scenario", []string{"account", "provider", "name"}, a.record},
		{"POST", "/arm", one, a.arm},
		{"GET", "/default", one, a.defaults},
		{"POST", "/default", one, a.setDefault},
		{"POST", "/simulate", one, a.simulate},
		{"GET", "/public-url", nil, a.publicURL},
		{"PUT", "/public-url", nil, a.setPublicURL},
		{"GET", "/faults", one, a.faults},
		{"POST", "/faults", one, a.setFault},
		{"DELETE", "/faults", one, a.removeFault},
		{"GET", "/faults/catalogue", nil, a.faultCatalogue},
		{"DELETE", "/faults/{id}", one, a.removeFault},
		{"POST", "/send", one, a.sendEvent},
		{"GET", "/clock", one, a.clock},
		{"POST", "/clock", one, a.setClock},
		{"POST", "/clock/advance", one, a.advance},
		{"POST", "/wait", one, a.wait},
		{"POST", "/wait/idle", one, a.waitIdle},
		{"", "/receiver/{name}", free, a.receiver},
		{"GET", "/conformance/profiles", nil, a.checkProfiles},
		{"GET", "/conformance/checks", []string{"kind", "provider"}, a.checks},
		{"GET", "/conformance/runs", one, a.checkRuns},
		{"POST", "/conformance/runs", one, a.beginChecks},
		{"GET", "/conformance/runs/{id}", []string{"format", "wait"}, a.checkRun},
		{"DELETE", "/conformance/runs/{id}", nil, a.stopChecks},
		{"GET", "/conformance/runs/{id}/checks/{group}/{name}", nil, a.checkResult},
	}
	if events := a.options.Events; events != nil {
		routes = append(routes, route{"GET", "/events", free, func(w http.ResponseWriter, r *http.Request) error {
			events.ServeHTTP(w, r)
			return nil
		}})
	}
	return routes
}

// others are the methods that a path which is only read does not take.
var others = []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace}

func (a *api) mux(routes []route) http.Handler {
	mux := http.NewServeMux()
	allowed := map[string][]string{} // methods by path
	for _, rt := range routes {
		mux.Handle(strings.TrimSpace(rt.method+" "+Base+rt.path), a.handle(rt))
		if rt.method == http.MethodGet {
			allowed[rt.path] = append(allowed[rt.path], http.MethodHead) // which ServeMux lets in with GET
		}
		if rt.method != "" {
			allowed[rt.path] = append(allowed[rt.path], rt.method)
		}
	}
	for path, methods := range allowed {
		slices.Sort(methods)
		allow := strings.Join(methods, ", ")
		refuse := a.handle(route{query: free, serve: func(w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Allow", allow)
			return problem{Status: http.StatusMethodNotAllowed, Detail: fmt.Sprintf("%s takes %s, not %s", r.URL.Path, allow, r.Method)}
		}})
		if path != "/faults/catalogue" {
			mux.Handle(Base+path, refuse)
			continue
		}
		// Beside /faults/{id}, which takes one method, ServeMux wants each of the others by name.
		for _, method := range others {
			mux.Handle(method+" "+Base+path, refuse)
		}
	}
	mux.Handle("/", a.handle(route{query: free, serve: func(_ http.ResponseWriter, r *http.Request) error {
		return problem{Status: http.StatusNotFound, Detail: fmt.Sprintf("nothing is at %s: GET %s/openapi.yaml lists what there is", r.URL.Path, Base)}
	}}))
	return mux
}

func (a *api) handle(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		err := rt.judgeQuery(r)
		if err == nil {
			err = rt.serve(w, r)
		}
		if err != nil {
			a.fail(w, r, err)
		}
	})
}

// judgeQuery refuses what would be passed over: with a misspelt account, a call would mean everybody.
func (rt route) judgeQuery(r *http.Request) error {
	if slices.Equal(rt.query, free) {
		return nil
	}
	for name, values := range r.URL.Query() {
		if !slices.Contains(rt.query, name) {
			known := "it takes none"
			if len(rt.query) > 0 {
				known = "there are " + strings.Join(rt.query, ", ")
			}
			return badRequest("unknown query parameter %q: %s", name, known)
		}
		if len(values) > 1 {
			return badRequest("the query parameter %q is given %d times: give it once", name, len(values))
		}
	}
	return nil
}
