package httpapi

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/problem"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/wire"
)

// handler writes a response or returns an error, never both.
type handler func(http.ResponseWriter, *http.Request) error

type route struct {
	method string   // empty: any
	path   string   // below control.Base
	query  []string // allowed query parameters
	serve  handler
}

// anyQuery marks a route that validates its own query.
var anyQuery = []string{"*"}

// nonGetMethods are the methods that a read-only path rejects.
var nonGetMethods = []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace}

func newMux(routes []route, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	allowed := map[string][]string{} // methods by path
	for _, rt := range routes {
		mux.Handle(strings.TrimSpace(rt.method+" "+control.Base+rt.path), rt.handler(log))
		if rt.method == http.MethodGet {
			allowed[rt.path] = append(allowed[rt.path], http.MethodHead) // ServeMux serves HEAD with GET
		}
		if rt.method != "" {
			allowed[rt.path] = append(allowed[rt.path], rt.method)
		}
	}
	for path, methods := range allowed {
		slices.Sort(methods)
		reject := methodNotAllowed(strings.Join(methods, ", ")).handler(log)
		if path != "/faults/catalogue" {
			mux.Handle(control.Base+path, reject)
			continue
		}
		// DELETE /faults/{id} matches this path too, so that ServeMux requires each of the other methods by name.
		for _, method := range nonGetMethods {
			mux.Handle(method+" "+control.Base+path, reject)
		}
	}
	mux.Handle("/", route{query: anyQuery, serve: notFound}.handler(log))
	return mux
}

func methodNotAllowed(allow string) route {
	return route{query: anyQuery, serve: func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Allow", allow)
		return problem.New(http.StatusMethodNotAllowed, "method %s not allowed for %s: use %s", r.Method, r.URL.Path, allow)
	}}
}

func notFound(_ http.ResponseWriter, r *http.Request) error {
	return problem.New(http.StatusNotFound, "path %s not found: GET %s/openapi.yaml lists all paths", r.URL.Path, control.Base)
}

func (rt route) handler(log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		err := rt.checkQuery(r)
		if err == nil {
			err = rt.serve(w, r)
		}
		if err != nil {
			wire.Fail(w, r, log, err)
		}
	})
}

// checkQuery rejects unknown parameters: with a misspelt account, a request would apply to all accounts.
func (rt route) checkQuery(r *http.Request) error {
	if slices.Equal(rt.query, anyQuery) {
		return nil
	}
	for name, values := range r.URL.Query() {
		if !slices.Contains(rt.query, name) {
			hint := "this path has none"
			if len(rt.query) > 0 {
				hint = "use " + strings.Join(rt.query, ", ")
			}
			return wire.BadRequest("unknown query parameter %q: %s", name, hint)
		}
		if len(values) > 1 {
			return wire.BadRequest("duplicate query parameter %q (%d values)", name, len(values))
		}
	}
	return nil
}
