package access

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"

	"github.com/idmock/idmock/internal/problem"
	"github.com/idmock/idmock/mockserver/control"
)

// Token requires a shared secret. Scripts send it as Authorization: Bearer; the page exchanges it once for an HttpOnly cookie.
// The zero value requires nothing.
type Token struct{ secret string }

// NewToken returns a Token that requires a secret; an empty one requires nothing.
func NewToken(secret string) Token { return Token{secret} }

const cookieName = "idmock_session"

// public lists the paths below [control.Base] that need no token: probes, webhook receivers and the session itself.
var public = []string{"/health", "/ready", "/receiver/", "/login", "/logout"}

// Wrap returns the control API h behind the token. Requests without it get 401 and a problem.
func (t Token) Wrap(h http.Handler) http.Handler {
	if t.secret == "" {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.Path, control.Base)
		for _, p := range public {
			if path == p || strings.HasSuffix(p, "/") && strings.HasPrefix(path, p) {
				h.ServeHTTP(w, r)
				return
			}
		}
		if !t.authorized(r) {
			unauthorized(w, "control token required: send Authorization: Bearer TOKEN, or log in at /login")
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Page returns the page h behind the token. Without it, / redirects to /login.
func (t Token) Page(h http.Handler) http.Handler {
	if t.secret == "" {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" && !t.authorized(r) {
			to := url.URL{Path: "/login", RawQuery: r.URL.RawQuery}
			w.Header().Set("Cache-Control", "no-store")
			http.Redirect(w, r, to.String(), http.StatusSeeOther)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Login sets the session cookie and responds with 204 if candidate is the secret, else with 401.
func (t Token) Login(w http.ResponseWriter, r *http.Request, candidate string) {
	if t.secret != "" && !equal(candidate, t.secret) {
		unauthorized(w, "invalid control token")
		return
	}
	if t.secret != "" {
		http.SetCookie(w, cookie(r, t.session(), 0))
	}
	w.WriteHeader(http.StatusNoContent)
}

// Logout removes the session cookie and responds with 204.
func (t Token) Logout(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, cookie(r, "", -1))
	w.WriteHeader(http.StatusNoContent)
}

func unauthorized(w http.ResponseWriter, detail string) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="idmock control"`)
	w.Header().Set("Cache-Control", "no-store")
	_ = problem.New(http.StatusUnauthorized, "%s", detail).Write(w) // text without members always encodes
}

// authorized reports whether a request carries the secret or a session cookie.
func (t Token) authorized(r *http.Request) bool {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && equal(bearer, t.secret) {
		return true
	}
	c, err := r.Cookie(cookieName)
	return err == nil && equal(c.Value, t.session())
}

// session derives the cookie's value from the secret without revealing it. It needs no state, so every replica accepts it.
func (t Token) session() string {
	h := hmac.New(sha256.New, []byte(t.secret))
	h.Write([]byte("idmock control session"))
	return hex.EncodeToString(h.Sum(nil))
}

// equal compares in constant time, regardless of the lengths.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

func cookie(r *http.Request, value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: cookieName, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil}
}
