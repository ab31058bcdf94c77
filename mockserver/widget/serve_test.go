package widget_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// ask sends a request; headers are "Name: value".
func ask(t *testing.T, s *mockservertest.Server, method, path, host string, headers ...string) mockservertest.Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		r.Host = host
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	return s.Do(r)
}

// A script is served below the provider's prefix and on its real host, to pages of any origin, and nowhere else.
func TestScriptsAreServedAtTheirPaths(t *testing.T) {
	t.Parallel()
	s := begin(t)
	for _, at := range []struct {
		path, host string
		status     int
	}{
		{"/faceio/fio.js", "", 200},
		{"/fio.js", "cdn.faceio.net", 200},
		{"/fio.js", "cdn.faceio.net:443", 200},
		{"/fio.js", "faceio.localhost", 200},
		{"/fio.js", "api.faceio.net", 401}, // the REST API asks for the key before it looks at the path
		{"/fio.js", "", 404},
		{"/fio.css", "cdn.faceio.net", 401},
		{"/prembly/v1/inline/widget.js", "", 200},
		{"/v1/inline/widget.js", "js.prembly.com", 200},
		{"/v1/inline/widget-v2.js", "js.prembly.com", 200},
		{"/v1/inline/widget-v3.js", "js.prembly.com", 200},
		{"/v1/inline/loader/src/loadingOverlay.js", "js.prembly.com", 200},
		{"/style.css", "js.prembly.com", 200},
		{"/v1/inline/kyc.js", "js.myidentitypay.com", 200},
		{"/v1/inline/kyc.js", "js.prembly.com", 401},
		{"/websdk/latest/idwise.min.js", "releases.idwise.com", 200},
		{"/idwise/websdk/v5.2.0/idwise.min.js", "", 200},
		{"/websdk/a/b/idwise.min.js", "releases.idwise.com", 401},
	} {
		got := ask(t, s, "GET", at.path, at.host)
		if got.Status != at.status {
			t.Errorf("%s on %q: status %d, want %d", at.path, at.host, got.Status, at.status)
		}
		if at.status != 200 {
			continue
		}
		kind := "text/javascript; charset=utf-8"
		if strings.HasSuffix(at.path, ".css") {
			kind = "text/css; charset=utf-8"
		}
		if h := got.Header; h.Get("Content-Type") != kind || h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || h.Get("X-Idmock") == "" {
			t.Errorf("%s on %q: headers %v", at.path, at.host, h)
		}
		if again := ask(t, s, "GET", at.path, at.host, "If-None-Match: "+got.Header.Get("ETag"), "Accept-Encoding: gzip"); got.Header.Get("ETag") == "" || again.Status != 304 {
			t.Errorf("%s on %q again: status %d, want 304", at.path, at.host, again.Status)
		}
	}
	if got := ask(t, s, "PUT", "/faceio/fio.js", ""); got.Status != 405 {
		t.Errorf("PUT: status %d, want 405", got.Status)
	}
}

// Pages of any origin may call the operations of the real script, and nothing else: not the REST API, the console or the
// control API.
func TestPagesMayCallWhatScriptsCall(t *testing.T) {
	t.Parallel()
	s := begin(t)
	for path, open := range map[string]bool{
		"/faceio/sdk/enroll":                                           true,
		"/faceio/sdk/authenticate":                                     true,
		"/faceio/sdk/session":                                          true,
		"/faceio/_idmock/widget":                                       true,
		"/faceio/deletefacialid":                                       false,
		"/faceio/dashboard/application":                                false,
		"/faceio/checkfacialid":                                        false,
		"/prembly/verification/bvn":                                    false,
		"/prembly/sdk/finish":                                          true,
		"/prembly/checker/sdk/widget/initialize":                       false, // for servers, with a key
		"/identitypass/sdk/checkout":                                   true,
		"/prembly/api/v1/checker-widget/sdk/sessions/initiate/":        true,
		"/prembly/identitypass/internal/checker/sdk/widget/initialize": true,
		"/identitypass/dashboard/settings/webhook":                     false,
		"/_idmock/v1/reset":                                            false,
		"/_idmock/v1/accounts":                                         false,
	} {
		for _, origin := range []string{"https://app.example.com", "http://localhost:5173", "null"} {
			got := ask(t, s, "OPTIONS", path, "", "Origin: "+origin, "Access-Control-Request-Method: POST",
				"Access-Control-Request-Headers: content-type,x-idmock-scenario", "Access-Control-Request-Private-Network: true")
			h := got.Header
			if is := got.Status == 204 && h.Get("Access-Control-Allow-Origin") == "*" && h.Get("Access-Control-Allow-Headers") == "content-type,x-idmock-scenario" &&
				h.Get("Access-Control-Allow-Private-Network") == "true" && h.Get("Access-Control-Allow-Credentials") == ""; is != open {
				t.Errorf("%s asked by %s: open %v, want %v: %d %v", path, origin, is, open, got.Status, h)
			}
			if path == "/faceio/_idmock/widget" {
				continue
			}
			if h := ask(t, s, "POST", path, "", "Origin: "+origin).Header; (h.Get("Access-Control-Allow-Origin") != "") != open {
				t.Errorf("%s called by %s: Access-Control-Allow-Origin %q", path, origin, h.Get("Access-Control-Allow-Origin"))
			}
		}
	}
}

// Invalid requests of a script outside the provider's API get an explanation.
func TestInvalidRequests(t *testing.T) {
	t.Parallel()
	s := begin(t)
	for path, want := range map[string]string{
		"/faceio/_idmock/widget":                                              "operation: required",
		"/faceio/_idmock/widget?operation=nothing":                            `unknown operation "nothing"`,
		"/faceio/_idmock/widget?operation=enrollFace&scenario=x":              `unknown scenario "x"`,
		"/faceio/_idmock/widget/elapse":                                       "use a duration up to 24h, such as 27s",
		"/faceio/_idmock/widget/elapse?for=-1s":                               "use a duration up to 24h, such as 27s",
		"/faceio/_idmock/widget/elapse?for=1000h":                             "use a duration up to 24h, such as 27s",
		"/faceio/_idmock/widget/nothing":                                      "not found",
		"/faceio/_idmock/widget?operation=enrollFace&account=a&subject=minor": `"scenario":"minor"`,
	} {
		if got := ask(t, s, "GET", path, ""); !strings.Contains(string(got.Body), want) {
			t.Errorf("%s: %d %s, want %s", path, got.Status, got.Body, want)
		}
	}
}

// The script works if a page loads it twice, from a file, or under a strict policy.
func TestScriptInOddPages(t *testing.T) {
	t.Parallel()
	s := mockservertest.Start(t, mockserver.Config{Start: began, Frozen: true, AllowedHosts: []string{"null"}}) // files have no origin
	p := newTab(t, browser(t))
	src := s.URL() + "/faceio/fio.js?idmock_outcome=success"
	script := `<script src="` + src + `"></script>`
	file := filepath.Join(t.TempDir(), "page.html")
	for name, html := range map[string]string{
		"twice":        script + script,
		"in the head":  `<!doctype html><head>` + script + `</head><body>`,
		"as a module":  `<script type=module src="` + src + `"></script>`,
		"late":         `<script>const s = document.createElement("script"); s.src = "` + src + `"; document.head.append(s);</script>`,
		"under policy": `<meta http-equiv=Content-Security-Policy content="default-src 'none'; script-src ` + s.URL() + `; connect-src ` + s.URL() + `; require-trusted-types-for 'script'">` + script,
		"own modal":    `<div id=faceio-modal></div>` + script,
	} {
		if err := os.WriteFile(file, []byte("<!doctype html><title>page</title>"+html), 0o600); err != nil {
			t.Fatal(err)
		}
		p.open("file://" + file)
		p.wait(`typeof faceIO === "function"`)
		if got := p.ends(`new faceIO("fioa00aa").enroll()`); !strings.HasPrefix(got, `{"resolved":{"facialId"`) {
			t.Errorf("%s: %s", name, got)
		}
		p.want(`document.querySelectorAll("#faceio-modal").length <= 1`, "true")
		if n := p.hears("simulated by idmock"); n != 1 {
			t.Errorf("%s: the console reports the replacement %d times, want once", name, n)
		}
		p.forget()
	}
	for _, complaint := range p.console("") {
		if strings.Contains(complaint, "Error") || strings.Contains(complaint, "policy") {
			t.Errorf("the browser complains: %s", complaint)
		}
	}
}

// A server that renders pages may load the scripts, twice: they change nothing, and reject calls without a page.
func TestScriptsOnAServer(t *testing.T) {
	testenv.Need(t, "node")
	t.Parallel()
	s := begin(t)
	for path, c := range map[string]struct{ use, want string }{
		"/faceio/fio.js": {`const f = new faceIO("fioa1234");
			f.enroll().then(() => console.log("enrolled"), (code) => console.log("rejected", code, f.restartSession(), fioErrCode.FORBIDDDEN_ORIGIN))`, "rejected 12 false 17"},
		"/prembly/v1/inline/widget-v3.js":                 {`console.log(typeof IdentityKYC.verify, IdentityKYC.verify({callback() {}}) instanceof Promise)`, "function true"},
		"/prembly/v1/inline/loader/src/loadingOverlay.js": {`console.log(typeof loadingOverlay().activate)`, "function"},
		"/identitypass/v1/inline/kyc.js":                  {`console.log(typeof IdentityKYC.verify, IdentityKYC.verify({callback() {}}) instanceof Promise)`, "function true"},
		"/idwise/websdk/latest/idwise.min.js":             {`IDWise.initialize({}).catch((e) => console.log(e.code))`, "INVALID_PARAMETERS"},
	} {
		file := filepath.Join(t.TempDir(), "script.cjs")
		if err := os.WriteFile(file, ask(t, s, "GET", path, "").Body, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "node", "-e", `require(process.argv[1]); delete require.cache[process.argv[1]]; require(process.argv[1]);`+c.use, file).CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != c.want {
			t.Errorf("%s: %v: %s, want %s", path, err, out, c.want)
		}
	}
}
