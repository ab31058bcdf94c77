package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/problem"
	"github.com/idmock/idmock/mockserver/control"
)

// Token requires a shared secret. Scripts send it as Authorization: Bearer; the page exchanges it once for an HttpOnly cookie.
// A nil Token requires nothing.
type Token struct {
	secret   string
	cookie   string // its name: cookies are shared between the ports of a host
	sessions *sessions
	guesses  *guesses
	log      *slog.Logger
}

// Options configures a Token. The zero value works.
type Options struct {
	// Port is the server's, which becomes part of the cookie's name.
	Port string
	// Store keeps the sessions, so that they outlast the process and other replicas know them. nil keeps them in memory.
	Store Store
	// Logger receives wrong tokens, without their text. nil discards them.
	Logger *slog.Logger
}

// NewToken returns a Token that requires a secret; an empty one requires nothing.
func NewToken(secret string, o Options) *Token {
	if secret == "" {
		return nil
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	name := "idmock_session"
	if o.Port != "" {
		name += "_" + o.Port
	}
	return &Token{secret: secret, cookie: name, sessions: newSessions(o.Store), guesses: newGuesses(), log: o.Logger}
}

// PublicPaths lists the paths that need no token: probes, webhook receivers, the session itself, and the page to log in. Every
// other path needs it; one that ends in a slash includes the paths below.
func PublicPaths() []string {
	return []string{
		control.Base + "/health", control.Base + "/ready", control.Base + "/receiver/", control.Base + "/login", control.Base + "/logout",
		"/login", "/assets/css/base.css", "/assets/css/login.css", "/assets/js/login.js", "/assets/js/root.js",
	}
}

func public(path string) bool {
	return slices.ContainsFunc(PublicPaths(), func(p string) bool {
		return path == p || strings.HasSuffix(p, "/") && strings.HasPrefix(path, p)
	})
}

// Wrap returns h behind the token: the control API and every page. Requests without it get 401 and a problem; the page
// redirects to /login.
func (t *Token) Wrap(h http.Handler) http.Handler {
	if t == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if public(r.URL.Path) {
			h.ServeHTTP(w, r)
			return
		}
		bearer, given := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if given {
			if t.check(w, r, bearer) {
				h.ServeHTTP(w, r)
			}
			return
		}
		if c, err := r.Cookie(t.cookie); err == nil {
			if ctx, done, ok := t.sessions.enter(r.Context(), c.Value); ok {
				defer done()
				h.ServeHTTP(w, r.WithContext(ctx))
				return
			}
		}
		if !strings.HasPrefix(r.URL.Path, control.Base) && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			to := url.URL{Path: strings.TrimSuffix(Prefix(r), "/") + "/login", RawQuery: r.URL.RawQuery}
			w.Header().Set("Cache-Control", "no-store")
			http.Redirect(w, r, to.String(), http.StatusSeeOther)
			return
		}
		unauthorized(w, "control token required: send Authorization: Bearer TOKEN, or log in at /login")
	})
}

// check reports whether a candidate is the secret. If not, it responds.
func (t *Token) check(w http.ResponseWriter, r *http.Request, candidate string) bool {
	from := address(r)
	if wait := t.guesses.refused(from, candidate); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(wait))
		_ = problem.New(http.StatusTooManyRequests, "too many wrong control tokens from this address: try again in %d s", wait).Write(w)
		return false
	}
	if equal(candidate, t.secret) {
		return true
	}
	if t.guesses.wrong(from, candidate) {
		t.log.Warn("wrong control token", "from", from, "path", r.URL.Path)
	}
	t.guesses.delay(r.Context())
	unauthorized(w, "invalid control token")
	return false
}

// Login starts a session and responds with 204 if candidate is the secret, else with 401.
func (t *Token) Login(w http.ResponseWriter, r *http.Request, candidate string) {
	if t != nil {
		if !t.check(w, r, candidate) {
			return
		}
		session, err := t.sessions.begin(r.Context())
		if err != nil {
			_ = problem.New(http.StatusServiceUnavailable, "start a session: %v", err).Write(w)
			return
		}
		http.SetCookie(w, t.cookieOf(r, session, int(sessionLife.Seconds())))
	}
	w.WriteHeader(http.StatusNoContent)
}

// Logout ends the session of the request, removes its cookie and responds with 204.
func (t *Token) Logout(w http.ResponseWriter, r *http.Request) {
	if t != nil {
		if c, err := r.Cookie(t.cookie); err == nil {
			t.sessions.end(r.Context(), c.Value)
		}
		http.SetCookie(w, t.cookieOf(r, "", -1))
	}
	w.WriteHeader(http.StatusNoContent)
}

func unauthorized(w http.ResponseWriter, detail string) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="idmock control"`)
	w.Header().Set("Cache-Control", "no-store")
	_ = problem.New(http.StatusUnauthorized, "%s", detail).Write(w) // text without members always encodes
}

// equal compares in constant time, regardless of the lengths.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// address is the network address of a client, without the port.
func address(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

func (t *Token) cookieOf(r *http.Request, value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: t.cookie, Value: value, Path: Prefix(r), MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil}
}
