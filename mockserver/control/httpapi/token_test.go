package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/access"
	"github.com/idmock/idmock/mockserver/control/httpapi"
	"github.com/idmock/idmock/mockserver/store"
)

const secret = "a-long-secret"

func TestToken(t *testing.T) {
	token := access.NewToken(secret, access.Options{})
	api := token.Wrap(newBackend(store.Retention{}).handler(httpapi.Options{Token: token}))
	do := func(request, body string, header ...string) *http.Response {
		method, path, _ := strings.Cut(request, " ")
		r := httptest.NewRequest(method, control.Base+path, strings.NewReader(body))
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		return w.Result()
	}
	in := do("POST /login", `{"token":"`+secret+`"}`)
	if in.StatusCode != 204 || len(in.Cookies()) != 1 {
		t.Fatalf("the right token is answered %d with %v", in.StatusCode, in.Header)
	}
	cookie := in.Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/" || strings.Contains(cookie.Value, secret) {
		t.Errorf("the cookie is %v", cookie)
	}
	for _, c := range []struct {
		request, body string
		header        []string
		want          int
	}{
		{request: "GET /providers", want: 401},
		{request: "GET /journal", want: 401},
		{request: "GET /events", want: 401},
		{request: "GET /nothing", want: 401},
		{request: "GET /openapi.yaml", want: 401},
		{request: "POST /reset", want: 401},
		{request: "GET /providers", header: []string{"Authorization", "Bearer " + secret}, want: 200},
		{request: "GET /providers", header: []string{"Authorization", "Bearer " + secret + "x"}, want: 401},
		{request: "GET /providers", header: []string{"Authorization", "Bearer "}, want: 401},
		{request: "GET /providers", header: []string{"Authorization", "Basic " + secret}, want: 401},
		{request: "GET /providers", header: []string{"Cookie", cookie.Name + "=" + cookie.Value}, want: 200},
		{request: "GET /providers", header: []string{"Cookie", cookie.Name + "=" + secret}, want: 401},
		{request: "GET /providers", header: []string{"Cookie", cookie.Name + "="}, want: 401},
		{request: "GET /health", want: 200},
		{request: "GET /ready", want: 200},
		{request: "POST /receiver/mine", body: "{}", want: 200},
		{request: "GET /healthy", want: 401},
		{request: "POST /login", body: `{"token":"guess"}`, want: 401},
		{request: "POST /login", want: 401},
		{request: "POST /logout", want: 204},
	} {
		got := do(c.request, c.body, c.header...)
		if got.StatusCode != c.want || c.want == 401 && got.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s %v: got %d, want %d", c.request, c.header, got.StatusCode, c.want)
		}
	}
	if out := do("POST /logout", ""); len(out.Cookies()) != 1 || out.Cookies()[0].MaxAge >= 0 {
		t.Errorf("logging out leaves %v", out.Header)
	}

	page := token.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	for path, want := range map[string]int{"/": 303, "/?account=a": 303, "/playground/faceio/sample?account=a": 303, "/assets/js/api.js": 303, "/login": 418, "/assets/js/login.js": 418} {
		w := httptest.NewRecorder()
		page.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: got %d, want %d", path, w.Code, want)
		}
		if _, query, _ := strings.Cut(path, "?"); want == 303 && !strings.HasSuffix(w.Header().Get("Location"), "/login"+strings.TrimSuffix("?"+query, "?")) {
			t.Errorf("%s: led to %s", path, w.Header().Get("Location"))
		}
	}
}

// Without a token no request needs one.
func TestNoToken(t *testing.T) {
	h := newBackend(store.Retention{}).handler(httpapi.Options{})
	if w := ask(t.Context(), access.NewToken("", access.Options{}).Wrap(h), "GET /providers", ""); w.Code != 200 {
		t.Errorf("got %d", w.Code)
	}
	if w := ask(t.Context(), h, "POST /login", `{"token":"any"}`); w.Code != 204 || len(w.Result().Cookies()) != 0 {
		t.Errorf("got %d, %v", w.Code, w.Header())
	}
}
