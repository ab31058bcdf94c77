package httpapi_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/access"
	"github.com/idmock/idmock/mockserver/control/httpapi"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// contract drives a server and validates its responses by the document.
type contract struct {
	backend *backend
	server  *httptest.Server
	router  routers.Router
	open    map[string]bool // operations and statuses that were not seen yet
}

func newContract(t *testing.T) *contract {
	j := &contract{backend: newBackend(store.Retention{}), open: map[string]bool{}}
	j.backend.add(t, "test_sk_1", journal.Account{Account: "test_sk_1", Seed: 7}, planned("d-1", "verification.completed"), attempt("d-1", 503))
	j.server = httptest.NewServer(j.backend.handler(httpapi.Options{ProviderSchema: []byte(`{"title": "idmock provider"}`), Token: access.NewToken("x", access.Options{}), Version: "v1.2.3", Events: http.HandlerFunc(stream)}))
	t.Cleanup(j.server.Close)
	openapi3filter.RegisterBodyDecoder("application/x-ndjson", openapi3filter.PlainBodyDecoder)
	t.Cleanup(func() { openapi3filter.UnregisterBodyDecoder("application/x-ndjson") })
	reply, err := http.Get(j.server.URL + control.Base + "/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	source, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(source)
	if err != nil {
		t.Fatal(err)
	}
	doc.Servers = openapi3.Servers{{URL: j.server.URL + control.Base}}
	if j.router, err = legacy.NewRouter(doc); err != nil {
		t.Fatal(err)
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			for status := range op.Responses.Map() {
				j.open[op.OperationID+" "+status] = true
			}
		}
	}
	return j
}

func (j *contract) check(t *testing.T, x exchange) {
	t.Helper()
	method, path, _ := strings.Cut(x.request, " ")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, j.server.URL+control.Base+path, strings.NewReader(x.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", cmp.Or(x.kind, "application/json"))
	if path == "/events?after=3" {
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", "websocket")
	}
	j.backend.prepare(x, j.backend.Memory)
	reply, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatalf("%s: %v", x.request, err)
	}
	defer reply.Body.Close()
	var body []byte
	if reply.StatusCode != http.StatusSwitchingProtocols {
		if body, err = io.ReadAll(reply.Body); err != nil {
			t.Fatalf("%s: %v", x.request, err)
		}
	}
	if reply.StatusCode != x.want || !bytes.Contains(body, []byte(x.says)) {
		t.Errorf("%s %.80s: got %d %s, want %d and %s", x.request, x.body, reply.StatusCode, body, x.want, x.says)
	}
	route, params, err := j.router.FindRoute(r)
	if err != nil {
		t.Fatalf("%s: %v", x.request, err)
	}
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route}
	if x.want < 300 && x.body != "" {
		r.Body = io.NopCloser(strings.NewReader(x.body))
		if err := openapi3filter.ValidateRequest(ctx, input); err != nil {
			t.Errorf("%s %s: the document would not take the request: %v", x.request, x.body, err)
		}
	}
	answer := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: reply.StatusCode, Header: reply.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true}}
	if err := openapi3filter.ValidateResponse(ctx, answer.SetBodyBytes(body)); err != nil {
		t.Errorf("%s: got %d %s, which is not as documented: %v", x.request, reply.StatusCode, body, err)
	}
	status := fmt.Sprint(reply.StatusCode)
	if route.Operation.Responses.Value(status) == nil {
		status = "default"
	}
	delete(j.open, route.Operation.OperationID+" "+status)
}

func (j *contract) complete(t *testing.T) {
	var left []string
	for name := range j.open {
		left = append(left, name)
	}
	if slices.Sort(left); len(left) > 0 {
		t.Errorf("documented and never seen: %s", strings.Join(left, ", "))
	}
}

// prepare brings the backend into the state that an exchange requires.
func (b *backend) prepare(x exchange, m *store.Memory) {
	var failure error
	if x.fails {
		failure = errors.New("the disk is full")
	}
	if x.stops {
		_ = m.Close()
	}
	if strings.HasSuffix(x.request, "account=removed") {
		failure = control.Invalidf("endpoint %q is not registered any more", "e-1")
	}
	b.fail(failure)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.idle = func(context.Context) error { return nil }
	if x.want == http.StatusRequestTimeout {
		b.idle = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	}
}

// stream replaces the websocket: these tests check only that it is routed and documented.
func stream(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, detail string) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"type":"about:blank","title":%q,"status":%d,"detail":%q}`, http.StatusText(status), status, detail)
	}
	if r.URL.Query().Get("after") == "x" {
		refuse(http.StatusBadRequest, "after must be a number")
		return
	}
	if r.URL.Query().Get("account") == "late" {
		refuse(http.StatusServiceUnavailable, "the server is stopping")
		return
	}
	conn, out, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = out.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	_ = out.Flush()
}
