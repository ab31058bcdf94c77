package mockserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// A middleware gets the requests of its provider only, responds or passes them on, until it is removed.
func TestMiddleware(t *testing.T) {
	t.Parallel()
	s := new(mockservertest.Network).Start(t, mockserver.Config{})
	a := s.Account("fronted")
	var seen []string
	gate := func(name string) mockserver.Middleware {
		return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			seen = append(seen, name)
			if r.Header.Get("X-Answered-By") == name {
				w.WriteHeader(http.StatusTeapot)
				return
			}
			next.ServeHTTP(w, r)
		}
	}
	call := func(answeredBy string) int {
		t.Helper()
		seen = nil
		r := a.Request(provider, bvn, number(found))
		r.Header.Set("X-Answered-By", answeredBy)
		return s.Do(r).Status
	}
	inner := s.Use(provider, gate("inner"))
	outer := s.Use(provider, gate("outer"))
	for _, step := range []struct {
		do     func()
		by     string
		status int
		seen   string
	}{
		{func() {}, "unknown", 200, "outer inner"},
		{func() {}, "inner", 418, "outer inner"},
		{func() {}, "outer", 418, "outer"},
		{inner, "inner", 200, "outer"},
		{inner, "outer", 418, "outer"}, // once more changes nothing
		{outer, "outer", 200, ""},
	} {
		step.do()
		if status := call(step.by); status != step.status || strings.Join(seen, " ") != step.seen {
			t.Errorf("answered by %s: %d, seen by %q, want %d and %q", step.by, status, seen, step.status, step.seen)
		}
	}
	defer s.Use(provider, gate("this"))()
	for _, other := range s.Engine().ProviderNames() {
		if seen = nil; other == provider {
			continue
		}
		s.Do(httpRequest(t, s.URL()+"/"+other+"/nothing"))
		if len(seen) > 0 {
			t.Errorf("a call to %s is seen by the gate of %s", other, provider)
		}
	}
}

func httpRequest(t *testing.T, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
