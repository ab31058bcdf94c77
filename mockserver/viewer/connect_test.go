package viewer_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/files"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
	"github.com/idmock/idmock/openapi/catalog"
)

// testConnect reads what an app needs, registers endpoints, and plays a scenario by its outcome. The page is served below a path, behind
// a proxy, as by an ingress.
func testConnect(t *testing.T, b *viewertest.Browser) {
	s := &shown{browser: b, server: mockservertest.Start(t, config()), receiver: mockservertest.NewReceiver(t)}
	s.account = s.server.Account(key)
	target, err := url.Parse(s.server.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(http.StripPrefix("/mock", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.SetXForwarded()
		r.Out.Header.Set("X-Forwarded-Prefix", "/mock")
		r.Out.Host = r.In.Host
	}}))
	t.Cleanup(func() {
		proxy.CloseClientConnections()
		proxy.Close()
	})
	s.account.Call("prembly", "verifyBVN", map[string]any{"number": "22222222222"})
	s.Page = b.Open(t, proxy.URL+"/mock/?account="+key)
	s.Wait(`document.querySelectorAll("#rows > li[data-call]").length === 1`) // by websocket

	// The first load stays small, with headers and the lists of providers and scenarios: other modules are loaded on demand.
	var transferred struct{ Files, Bytes int }
	s.Eval(`(() => { const all = ["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type));
		return {Files: all.length, Bytes: all.reduce((sum, {transferSize}) => sum + transferSize, 0)}; })()`, &transferred)
	if transferred.Files < 30 || transferred.Bytes < 50_000 || transferred.Bytes > 100_000 {
		t.Errorf("the first load takes %d files of %d bytes, want at most 100,000", transferred.Files, transferred.Bytes)
	}
	t.Logf("first load: %d files, %d bytes", transferred.Files, transferred.Bytes)

	s.Tool("connect")
	s.Wait(`document.querySelector("dialog select[name=provider]")`)
	s.Fill(`dialog select[name=provider]`, "prembly")
	s.Wait(`document.querySelector("dialog [data-variable=PREMBLY_BASE_URL] dd")?.textContent === "` + proxy.URL + `/mock/prembly"`)
	s.Want(`document.querySelector("dialog [data-variable=PREMBLY_PUBLIC_KEY] dt").textContent.includes("signs the webhooks")`,
		`document.querySelector("dialog [data-variable=PREMBLY_API_KEY] dd").textContent === "`+key+`"`)
	s.Shot("connect")
	export := s.Copies(func() { s.Click(`dialog button[name=connect-export]`) })
	if got := shell(t, export+"\necho $PREMBLY_BASE_URL"); strings.TrimSpace(got) != proxy.URL+"/mock/prembly" {
		t.Errorf("%s\nprints %q", export, got)
	}
	if got := s.Copies(func() { s.Click(`dialog button[name=connect-compose]`) }); !strings.Contains(got, `PREMBLY_BASE_URL: "http://idmock:8080/mock/prembly"`) {
		t.Errorf("for Compose: %s", got)
	}
	s.Click(`dialog button[name=dialog-close]`)
	s.Wait(`!document.querySelector("dialog")`) // it is removed by a later task

	// An endpoint of the default account applies until the account has its own.
	s.server.DefaultAccount().Webhook("prembly", s.receiver.URL+"/default")
	before := len(mockservertest.Entries[journal.Call](s.account))
	s.Tool("settings")
	s.Wait(`document.querySelector("dialog li[data-scope=default]")?.textContent.includes("applies to every account without its own")`)
	s.Shot("endpoints")
	s.Click(`dialog li[data-scope=default] button[name=endpoint-test]`)
	s.Wait(`document.querySelector("dialog .note").textContent.includes(" sent: see the list")`)
	s.account.Advance(0)
	if got := s.receiver.Next(); got.Path != "/default" {
		t.Errorf("the test event went to %s", got.Path)
	}
	s.Fill(`dialog .endpoints select[name=provider]`, "prembly")
	s.Fill(`dialog .endpoints input[name=url]`, s.receiver.URL+"/own")
	s.Click(`dialog button[name=endpoint-add]`)
	s.Wait(`document.querySelector("dialog li[data-scope=own]") && document.querySelector("dialog li[data-scope=default]").textContent.includes("does not apply")`)
	s.Wait(`document.querySelector("dialog .screen form")`)
	if got := len(mockservertest.Entries[journal.Call](s.account)); got != before {
		t.Errorf("the journal has %d requests after the page read the settings, had %d", got, before)
	}
	s.Press(`dialog li[data-scope=own] button[name=endpoint-remove]`)
	s.Wait(`!document.querySelector("dialog li[data-scope=own]")`)
	s.Click(`dialog button[name=dialog-close]`)
	s.Wait(`!document.querySelector("dialog")`) // it is removed by a later task

	// The outcome narrows the scenarios down to those that lead to it.
	s.Click(`button[name=play]`)
	s.Fill(`dialog select[name=provider]`, "prembly")
	s.Fill(`dialog select[name=outcome]`, "not-found")
	s.Wait(`document.querySelector("dialog [data-operation] input[data-subject]")`)
	s.Want(`[...document.querySelectorAll("dialog select[name=scenario] option")].map((o) => o.value).join() === "not-found"`)
	s.Shot("play")
	s.Click(`dialog button[name=play-send]`)
	s.Wait(`document.querySelector("#rows > li[data-call][data-outcome=not-found] .outcome")?.textContent === "Not found"`)
	s.account.Advance(time.Minute)
	s.Wait(`document.querySelector("#rows > li[data-delivery][data-outcome=not-found][data-status=delivered]")`)

	// An event is sent for an existing run, which is found by its subject.
	s.Tool("send")
	s.Fill(`dialog select[name=provider]`, "prembly")
	s.Want(`[...document.querySelectorAll("dialog datalist option")].some((o) => o.label.includes("22222222222"))`)
	s.Click(`dialog button[name=dialog-close]`)
	s.Wait(`!document.querySelector("dialog")`) // it is removed by a later task
	s.Tool("check")                             // loads its modules below the path, too
	s.Wait(`document.querySelector("dialog[data-dialog=check] form")`)
}

// testNotServed shows what a document has and the server leaves out.
func testNotServed(t *testing.T, b *viewertest.Browser) {
	document := filepath.Join(t.TempDir(), "twice.yaml")
	if err := os.WriteFile(document, []byte(`openapi: 3.0.3
info: {title: Twice, version: "1"}
paths:
  /checks/{id}: {get: {operationId: getCheck, responses: {"200": {description: ok, content: {application/json: {example: {id: a}}}}}}}
  /checks/{other}: {get: {operationId: getOther, responses: {"200": {description: ok, content: {application/json: {example: {id: a}}}}}}}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	providers, err := files.Source{Documents: []files.Document{{From: document}}, BuiltIn: catalog.Open, Complete: catalog.Complete}.OpenProviders()
	if err != nil {
		t.Fatal(err)
	}
	c := config()
	c.Providers = providers
	s := &shown{browser: b, server: mockservertest.Start(t, c)}
	s.Page = b.Open(t, s.server.URL()+"/?account="+key)
	s.Tool("connect")
	s.Wait(`document.querySelector("dialog select[name=provider]")`)
	s.Fill(`dialog select[name=provider]`, "twice")
	s.Wait(`document.querySelector("dialog [data-skipped]")?.textContent.startsWith("GET /checks/{other}: path cannot be routed")`)
	s.Shot("not-served")
	s.Fill(`dialog select[name=provider]`, "prembly")
	s.Wait(`document.querySelector("dialog [data-variable=PREMBLY_BASE_URL]")`)
	s.Want(`!document.querySelector("dialog [data-skipped]")`)
}
