package httpapi_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/httpapi"
	"github.com/idmock/idmock/mockserver/store"
)

type problemBody struct {
	Type, Title, Detail string
	Status              int
}

func problemOf(t *testing.T, w *httptest.ResponseRecorder) problemBody {
	t.Helper()
	var p problemBody
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Fatalf("got %d %s %s, want a problem", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	return p
}

func TestWhatIsNotThere(t *testing.T) {
	h := newBackend(store.Retention{}).handler(httpapi.Options{})
	for _, c := range []struct {
		request string
		status  int
		allow   string
		detail  string
	}{
		{"POST /health", 405, "GET, HEAD", "method POST not allowed for /_idmock/v1/health: use GET, HEAD"},
		{"PUT /endpoints", 405, "GET, HEAD, POST", ""},
		{"OPTIONS /endpoints/e-1", 405, "DELETE", ""},
		{"GET /wait/idle", 405, "POST", ""},
		{"GET /nothing", 404, "", "path /_idmock/v1/nothing not found: GET /_idmock/v1/openapi.yaml lists all paths"},
		{"GET /health/", 404, "", ""},
		{"GET /receiver/", 404, "", ""},
		{"GET ", 404, "", ""},
		{"GET /events", 404, "", ""}, // no handler
	} {
		w := ask(t.Context(), h, c.request, "")
		p := problemOf(t, w)
		if w.Code != c.status || p.Status != c.status || w.Header().Get("Allow") != c.allow || !strings.Contains(p.Detail, c.detail) {
			t.Errorf("%s: got %d, Allow %q, %+v", c.request, w.Code, w.Header().Get("Allow"), p)
		}
	}
}

func TestHead(t *testing.T) {
	if w := ask(t.Context(), newBackend(store.Retention{}).handler(httpapi.Options{}), "HEAD /health", ""); w.Code != 200 {
		t.Errorf("got %d", w.Code)
	}
}

// TestCompressed: the large lists are gzipped for clients that accept it, and errors are not.
func TestCompressed(t *testing.T) {
	h := newBackend(store.Retention{}).handler(httpapi.Options{})
	for _, path := range []string{"/providers", "/scenarios"} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", control.Base+path, nil)
		r.Header.Set("Accept-Encoding", "br, gzip")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		z, err := gzip.NewReader(w.Body)
		if err != nil || w.Code != 200 || w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Content-Length") != "" {
			t.Fatalf("%s: got %d, %v, %v", path, w.Code, w.Header(), err)
		}
		plain := ask(t.Context(), h, "GET "+path, "")
		if body, err := io.ReadAll(z); err != nil || string(body) != plain.Body.String() || plain.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: gzipped %q, plain %q, %v", path, body, plain.Body, err)
		}
		r.URL.RawQuery = "nothing=1"
		w = httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if p := problemOf(t, w); p.Status != 400 || w.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: got %+v with %v", path, p, w.Header())
		}
	}
}

// TestErrorsNameTheField: the author of a request must find the error without documentation.
func TestErrorsNameTheField(t *testing.T) {
	h := newBackend(store.Retention{}).handler(httpapi.Options{})
	for _, c := range []struct {
		request, body string
		status        int
		detail        string
	}{
		{"POST /play", `{"Provider":"acme"}`, 400, `unknown field "Provider": use provider, scenario, subject, body, headers`},
		{"POST /play", `{"provider":1}`, 400, `provider must be a string`},
		{"POST /play", `{"headers":{"a":1}}`, 400, `headers.a must be a string`},
		{"POST /play", `{"headers":[]}`, 400, `headers must be an object`},
		{"POST /play", `{"provider":"a","provider":"b"}`, 400, `duplicate`},
		{"POST /play", `{} {}`, 400, `the body is not JSON`},
		{"POST /play", `hello`, 400, `the body is not JSON`},
		{"POST /play", `[]`, 400, `the body must be a JSON object`},
		{"POST /play", `"x"`, 400, `the body must be a JSON object`},
		{"POST /endpoints", `{"events":"ENROLL"}`, 400, `events must be a list`},
		{"POST /clock", `{"frozen":"yes"}`, 400, `frozen must be true or false`},
		{"POST /wait", `{"after":-1}`, 400, `after must be a whole number`},
		{"POST /wait", `{"count":1.5}`, 400, `count must be a whole number`},
		{"POST /wait", `{"count":100001}`, 422, `from 1 to 100000`},
		{"POST /arm", `{"provider":"acme"}`, 422, `scenario is required`},
		{"POST /reset?acount=a", ``, 400, `unknown query parameter "acount": use account`},
	} {
		w := ask(t.Context(), h, c.request, c.body)
		if p := problemOf(t, w); w.Code != c.status || !strings.Contains(p.Detail, c.detail) {
			t.Errorf("%s %s: got %d %q, want %d %q", c.request, c.body, w.Code, p.Detail, c.status, c.detail)
		}
	}
}

func TestBackendGetsWhatWasAsked(t *testing.T) {
	b := newBackend(store.Retention{})
	h := b.handler(httpapi.Options{})
	ask(t.Context(), h, "POST /play?account=a", `{"provider":"acme","scenario":"pending","subject":"2","body":{"n": 1},"headers":{"x":"y"}}`)
	if diff := cmp.Diff(control.PlayRequest{Account: "a", Provider: "acme", Scenario: "pending", Subject: "2", Body: json.RawMessage(`{"n": 1}`), Headers: map[string]string{"x": "y"}}, b.played); diff != "" {
		t.Error(diff)
	}
	ask(t.Context(), h, "POST /arm", `{"provider":"acme","scenario":"pending","calls":2,"subject":"2"}`)
	if diff := cmp.Diff(control.ArmRequest{Provider: "acme", Scenario: "pending", Calls: 2, Subject: "2"}, b.armed); diff != "" {
		t.Error(diff)
	}
	ask(t.Context(), h, "POST /call?account=a", `{"provider":"acme","operation":"verify","scenario":"s","parameters":{"id":"7"},"body":{"n": 1},"headers":{"x":"y"}}`)
	if diff := cmp.Diff(control.CallRequest{Account: "a", Provider: "acme", Operation: "verify", Scenario: "s", Parameters: map[string]string{"id": "7"},
		Body: json.RawMessage(`{"n": 1}`), Headers: map[string]string{"x": "y"}}, b.called); diff != "" {
		t.Error(diff)
	}
	ask(t.Context(), h, "POST /deliveries/d-1/resend", `{"body":"{}","headers":{"x":"y","z":null},"sign":false}`)
	if diff := cmp.Diff(control.Resend{Body: new("{}"), Headers: map[string]*string{"x": new("y"), "z": nil}, Sign: new(false)}, b.resent); diff != "" {
		t.Error(diff)
	}
	ask(t.Context(), h, "POST /reset?account=a%20b", "")
	ask(t.Context(), h, "POST /reset", "{}")
	if diff := cmp.Diff([]string{"a b", ""}, b.resets); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyFaultsOfOursAreLogged(t *testing.T) {
	var log strings.Builder
	b := newBackend(store.Retention{})
	h := b.handler(httpapi.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	ask(t.Context(), h, "GET /deliveries/d-9", "")
	ask(t.Context(), h, "POST /play", "{}")
	if log.String() != "" {
		t.Errorf("logged %s", log.String())
	}
	b.fail(errors.New("the disk is full"))
	ask(t.Context(), h, "GET /accounts", "")
	if !strings.Contains(log.String(), "the disk is full") {
		t.Errorf("logged %q", log.String())
	}
}

// FuzzControl: no request causes an internal error, and every error is a problem.
func FuzzControl(f *testing.F) {
	f.Add("POST", "/wait", "account=a", `{"timeout":"0s","count":2}`)
	f.Add("POST", "/clock/advance", "", `{"by":"36500d"}`)
	f.Add("POST", "/play", "", `{"provider":"acme","scenario":"pending","body":{"a":[1e400]}}`)
	f.Add("GET", "/journal", "kind=event,gap&limit=1&after=18446744073709551615", "")
	f.Add("\x9e", "/clock", "", "") // is repeated in the problem
	f.Add("POST", "/conformance/runs", "account=a", `{"kind":"receiver","provider":"acme","url":"http://a/","run":["auth/*"],"seed":18446744073709551615}`)
	f.Add("GET", "/conformance/runs/k-1", "format=html&wait=1s", "")
	f.Add("PUT", "/receiver/a%2Fb", "status=299", "x")
	h := newBackend(store.Retention{}).handler(httpapi.Options{})
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // so that nothing blocks
		r := httptest.NewRequestWithContext(ctx, "GET", control.Base+"/", strings.NewReader(body))
		r.Method, r.URL.Path, r.URL.RawQuery = method, control.Base+path, query
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		receiver := strings.Contains(path, "/receiver/")
		if w.Code == 500 && !receiver || w.Code >= 400 && !receiver && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %s?%s %s: got %d %s", method, path, query, body, w.Code, w.Body)
		}
	})
}
