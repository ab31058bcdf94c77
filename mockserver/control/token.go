package control

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
)

// Token asks whoever uses the control API or the page for a secret. Scripts send it as Authorization: Bearer; the page
// asks for it once and keeps a cookie that no script in a page can read. The zero value asks nobody for anything.
type Token struct{ secret string }

// NewToken returns a Token for a secret; an empty one asks nobody.
func NewToken(secret string) Token { return Token{secret} }

const cookieName = "idmock_session"

// open are the paths below [Base] that need no token: probes, receiving webhooks, and logging in.
var open = []string{"/health", "/ready", "/receiver/", "/login", "/logout"}

// Wrap returns h, which serves what is below [Base], behind the token: without it the answer is 401 and a problem.
func (t Token) Wrap(h http.Handler) http.Handler {
	if t.secret == "" {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.Path, Base)
		for _, free := range open {
			if path == free || strings.HasSuffix(free, "/") && strings.HasPrefix(path, free) {
				h.ServeHTTP(w, r)
				return
			}
		}
		if !t.known(r) {
			t.refuse(w, "this server asks for its control token: send it as Authorization: Bearer TOKEN, or log in at /login")
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Page returns h, which serves the page, behind the token: whoever opens the page without it is led to /login.
func (t Token) Page(h http.Handler) http.Handler {
	if t.secret == "" {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" && !t.known(r) {
			to := url.URL{Path: "/login", RawQuery: r.URL.RawQuery}
			w.Header().Set("Cache-Control", "no-store")
			http.Redirect(w, r, to.String(), http.StatusSeeOther)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func (t Token) refuse(w http.ResponseWriter, why string) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="idmock control"`)
	w.Header().Set("Cache-Control", "no-store")
	if err := (problem{Status: http.StatusUnauthorized, Detail: why}).send(w); err != nil {
		w.WriteHeader(http.StatusUnauthorized)
	}
}

// known reports whether a request carries the token, or the cookie that stands for it.
func (t Token) known(r *http.Request) bool {
	if given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && same(given, t.secret) {
		return true
	}
	cookie, err := r.Cookie(cookieName)
	return err == nil && same(cookie.Value, t.session())
}

// session is what the cookie holds: something that only who knows the secret can make, and that does not tell it.
func (t Token) session() string {
	h := hmac.New(sha256.New, []byte(t.secret))
	h.Write([]byte("idmock control session"))
	return hex.EncodeToString(h.Sum(nil))
}

// same compares in a time that says nothing of where they differ, or of how long they are.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

func (a *api) login(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Token string `json:"token"`
	}
	if err := receive(w, r, &body); err != nil {
		return err
	}
	t := a.options.Token
	if t.secret != "" && !same(body.Token, t.secret) {
		t.refuse(w, "that is not the server's control token")
		return nil
	}
	if t.secret != "" {
		http.SetCookie(w, t.cookie(r, t.session(), 0))
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *api) logout(w http.ResponseWriter, r *http.Request) error {
	if err := receiveNothing(w, r); err != nil {
		return err
	}
	http.SetCookie(w, a.options.Token.cookie(r, "", -1))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (t Token) cookie(r *http.Request, value string, age int) *http.Cookie {
	return &http.Cookie{Name: cookieName, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil}
}
