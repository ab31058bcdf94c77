package access_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/access"
)

// Browsers are served under no name that DNS rebinding can produce, at any door. Programs may use any name.
func TestSecurityDoor(t *testing.T) {
	guard := access.Guard{AllowedHosts: []string{"ci.example.com"}, ProviderHost: func(host string) bool { return host == "api.acme.test" }}
	browsers := []http.Header{
		{"Origin": {"http://evil.example.com"}}, {"Sec-Fetch-Site": {"same-origin"}}, {"Sec-Fetch-Dest": {"empty"}}, {"User-Agent": {"Mozilla/5.0 (X11)"}},
	}
	for host, ok := range map[string]bool{
		"evil.example.com": false, "evil.example.com:8080": false, "build.internal": false, "idmock.team.svc": false, "printer.local": false, "": false,
		"localhost:8080": true, "acme.localhost": true, "127.0.0.1:8080": true, "[::1]:8080": true, "192.168.1.5": true, "idmock:8080": true,
		"api.acme.test": true, "ci.example.com": true,
	} {
		for _, header := range browsers {
			r := httptest.NewRequest("GET", "/", nil)
			r.Host, r.Header = host, header
			if err := guard.Door(r); (err == nil) != ok {
				t.Errorf("a browser at %q with %v: %v", host, header, err)
			}
		}
		for _, header := range []http.Header{{}, {"User-Agent": {"curl/8"}}, {"Sec-Fetch-Mode": {"cors"}, "User-Agent": {"node"}}} {
			r := httptest.NewRequest("GET", "/", nil)
			r.Host, r.Header = host, header
			if err := guard.Door(r); err != nil {
				t.Errorf("a program at %q with %v: %v", host, header, err)
			}
		}
	}
}

// A page of another site cannot load what needs no Origin either.
func TestSecurityCrossSite(t *testing.T) {
	for request, ok := range map[string]bool{"GET no-cors": false, "GET cors": false, "GET websocket": false, "GET navigate": true, "POST navigate": false} {
		method, mode, _ := strings.Cut(request, " ")
		r := httptest.NewRequest(method, "/", nil)
		r.Host, r.Header = "localhost:8080", http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {mode}}
		if err := (access.Guard{}).Allowed(r); (err == nil) != ok {
			t.Errorf("%s: %v", request, err)
		}
	}
}

type door struct {
	t       *testing.T
	token   *access.Token
	handler http.Handler
}

const secret = "a-long-secret"

func newDoor(t *testing.T, o access.Options) door {
	token := access.NewToken(secret, o)
	return door{t, token, token.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case control.Base + "/login":
			token.Login(w, r, r.URL.Query().Get("token"))
		case control.Base + "/logout":
			token.Logout(w, r)
		case "/stream":
			<-r.Context().Done()
		}
	}))}
}

func (d door) do(method, path string, header ...string) *http.Response {
	r := httptest.NewRequestWithContext(d.t.Context(), method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w.Result()
}

func (d door) login() string {
	d.t.Helper()
	in := d.do("POST", control.Base+"/login?token="+secret)
	if in.StatusCode != 204 || len(in.Cookies()) != 1 {
		d.t.Fatalf("login: %d %v", in.StatusCode, in.Header)
	}
	return in.Cookies()[0].Name + "=" + in.Cookies()[0].Value
}

// Every path needs the token unless it is listed.
func TestSecurityDenyByDefault(t *testing.T) {
	d := newDoor(t, access.Options{})
	for _, path := range []string{"/", "/playground/", "/playground/faceio/sample?account=a", "/new", "/assets/js/main.js", control.Base + "/new", control.Base, "/login/x", control.Base + "/healthy"} {
		for _, method := range []string{"GET", "POST"} {
			if got := d.do(method, path); got.StatusCode != 401 && (got.StatusCode != 303 || method != "GET" || strings.HasPrefix(path, control.Base)) {
				t.Errorf("%s %s without a token: %d", method, path, got.StatusCode)
			}
			if got := d.do(method, path, "Authorization", "Bearer "+secret); got.StatusCode != 200 {
				t.Errorf("%s %s with the token: %d", method, path, got.StatusCode)
			}
		}
	}
	for _, path := range access.PublicPaths() {
		if got := d.do("GET", path); got.StatusCode >= 300 && !strings.HasSuffix(path, "/login") {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
}

// A session is random, of one port, and ends at logout with the requests that it made.
func TestSecuritySessions(t *testing.T) {
	d := newDoor(t, access.Options{Port: "8080"})
	one, two := d.login(), d.login()
	if one == two || !strings.HasPrefix(one, "idmock_session_8080=") {
		t.Errorf("cookies %s and %s", one, two)
	}
	in := d.do("POST", control.Base+"/login?token="+secret).Cookies()[0]
	if !in.HttpOnly || in.SameSite != http.SameSiteStrictMode {
		t.Errorf("cookie %v", in)
	}
	streaming := make(chan struct{})
	go func() {
		defer close(streaming)
		d.do("GET", "/stream", "Cookie", one)
	}()
	if got := d.do("GET", "/", "Cookie", one); got.StatusCode != 200 {
		t.Errorf("in the session: %d", got.StatusCode)
	}
	d.do("POST", control.Base+"/logout", "Cookie", one)
	<-streaming
	if got := d.do("GET", "/x", "Cookie", one); got.StatusCode != 303 {
		t.Errorf("after logout: %d", got.StatusCode)
	}
	if got := d.do("GET", "/", "Cookie", two); got.StatusCode != 200 {
		t.Errorf("another session after logout: %d", got.StatusCode)
	}
	if got := newDoor(t, access.Options{Port: "8080"}).do("GET", "/", "Cookie", two); got.StatusCode != 303 {
		t.Errorf("at another server: %d", got.StatusCode)
	}
	if got := d.do("GET", "/", "Cookie", strings.Replace(two, "8080", "9090", 1)); got.StatusCode != 303 {
		t.Errorf("with the cookie of another port: %d", got.StatusCode)
	}
}

// Sessions expire.
func TestSecuritySessionExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t, access.Options{})
		session := d.login()
		time.Sleep(11 * time.Hour)
		if got := d.do("GET", "/", "Cookie", session); got.StatusCode != 200 {
			t.Errorf("after 11 h: %d", got.StatusCode)
		}
		time.Sleep(2 * time.Hour)
		if got := d.do("GET", "/", "Cookie", session); got.StatusCode != 303 {
			t.Errorf("after 13 h: %d", got.StatusCode)
		}
	})
}

// Guesses are few, slow and logged; the same wrong token again locks out no other client.
func TestSecurityGuesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		d := newDoor(t, access.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		start, compared, refused := time.Now(), 0, 0
		for i := range 1000 {
			switch got := d.do("GET", control.Base+"/journal", "Authorization", "Bearer guess-"+strings.Repeat("x", i)); got.StatusCode {
			case 401:
				compared++
			case 429:
				refused++
				if got.Header.Get("Retry-After") == "" {
					t.Error("no Retry-After")
				}
			default:
				t.Fatalf("a guess gets %d", got.StatusCode)
			}
		}
		if took := time.Since(start); compared > 20 || refused < 900 || took < time.Second {
			t.Errorf("%d guesses compared, %d refused in %v", compared, refused, took)
		}
		if n := strings.Count(log.String(), "wrong control token"); n != compared || strings.Contains(log.String(), "guess-") {
			t.Errorf("%d warnings for %d guesses: %s", n, compared, log.String())
		}
		if got := d.do("GET", control.Base+"/journal", "Authorization", "Bearer "+secret); got.StatusCode != 429 {
			t.Errorf("the right token while guesses are refused: %d: parallel guesses would find it", got.StatusCode)
		}
		time.Sleep(time.Minute)
		for range 100 { // a script that has an old token
			if got := d.do("GET", control.Base+"/journal", "Authorization", "Bearer old-token"); got.StatusCode != 401 {
				t.Fatalf("the same wrong token again: %d", got.StatusCode)
			}
		}
		if got := d.do("GET", control.Base+"/journal", "Authorization", "Bearer "+secret); got.StatusCode != 200 {
			t.Errorf("the right token beside it: %d", got.StatusCode)
		}
	})
}

// Behind a proxy below a path, redirects and cookies have that path.
func TestSecurityPrefix(t *testing.T) {
	d := newDoor(t, access.Options{})
	got := d.do("GET", "/", "X-Forwarded-Prefix", "/tools/idmock/")
	if to := got.Header.Get("Location"); to != "/tools/idmock/login" {
		t.Errorf("redirects to %s", to)
	}
	in := d.do("POST", control.Base+"/login?token="+secret, "X-Forwarded-Prefix", "/tools/idmock")
	if path := in.Cookies()[0].Path; path != "/tools/idmock/" {
		t.Errorf("cookie of %s", path)
	}
	for _, prefix := range []string{"//evil.example.com", "https://evil.example.com", "/a/../b", "/a\\b", "/a b", "/a;b"} {
		if got := d.do("GET", "/", "X-Forwarded-Prefix", prefix); got.Header.Get("Location") != "/login" {
			t.Errorf("%s redirects to %s", prefix, got.Header.Get("Location"))
		}
	}
}
