package mockserver_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi"
)

// way is how public receivers verify the webhooks of a provider: the endpoint's settings, and what they compare.
type way struct {
	name, provider string
	switches       map[string]string
	authentication map[string]any // of the portal's wizard, where there is one
	// accepts is written as receivers are, with what their vendor gave them: the credentials.
	accepts func(h http.Header, body []byte, credentials map[string]string) bool
}

func equal(got, want string) bool {
	return want != "" && subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1
}

func sum(key string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// bearer reads a header as receivers do: split at the space, the word in any case.
func bearer(header string) string {
	word, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(word, "bearer") {
		return ""
	}
	return token
}

func ways() []way {
	base64Key := func(header string) func(http.Header, []byte, map[string]string) bool {
		return func(h http.Header, _ []byte, c map[string]string) bool {
			return equal(h.Get(header), base64.StdEncoding.EncodeToString([]byte(c["public_key"]))) && h.Get("token") != ""
		}
	}
	signed := func(h http.Header, body []byte, c map[string]string) bool {
		got := h.Get("x-prembly-signature")
		return equal(got, sum(c["public_key"], body)) || equal(got, sum(c["live_public_key"], body))
	}
	return []way{
		{name: "HMAC of the raw body, in base64", provider: "prembly", accepts: signed},
		{name: "base64 of the public key", provider: "prembly", switches: map[string]string{"signature": "base64-key"},
			accepts: func(h http.Header, _ []byte, c map[string]string) bool {
				key, err := base64.StdEncoding.DecodeString(h.Get("x-prembly-signature"))
				return err == nil && (equal(string(key), c["public_key"]) || equal(string(key), c["live_public_key"]))
			}},
		{name: "base64 of the public key, and the token", provider: "identitypass", accepts: base64Key("x-identitypass-signature")},
		{name: "no header: the result is confirmed over the API", provider: "peleza",
			accepts: func(h http.Header, body []byte, _ map[string]string) bool {
				return json.Valid(body) && h.Get("Content-Type") == "application/json"
			}},
		{name: "base64 of the public key, as in the rest of the family", provider: "peleza", switches: map[string]string{"signature": "base64-key"}, accepts: base64Key("x-prembly-signature")},
		{name: "HMAC, as in the rest of the family", provider: "peleza", switches: map[string]string{"signature": "hmac-sha256"}, accepts: signed},
		{name: "basic authentication", provider: "idwise", authentication: map[string]any{"type": "basic", "username": "hook", "password": "p:w é"},
			accepts: func(h http.Header, _ []byte, _ map[string]string) bool {
				user, password, ok := (&http.Request{Header: h}).BasicAuth()
				return ok && equal(user, "hook") && equal(password, "p:w é")
			}},
		{name: "bearer token", provider: "idwise", authentication: map[string]any{"type": "bearer", "token": "tok-1"},
			accepts: func(h http.Header, _ []byte, _ map[string]string) bool {
				return equal(bearer(h.Get("Authorization")), "tok-1")
			}},
		{name: "header of one's own", provider: "idwise", authentication: map[string]any{"type": "headers", "headers": []any{map[string]any{"name": "X-Hook-Key", "value": "k1"}}},
			accepts: func(h http.Header, _ []byte, _ map[string]string) bool { return equal(h.Get("x-hook-key"), "k1") }},
		{name: "bearer token in WWW-Authenticate", provider: "faceio",
			accepts: func(h http.Header, body []byte, c map[string]string) bool {
				var sent struct{ AppID string }
				return json.Unmarshal(body, &sent) == nil && equal(bearer(h.Get("WWW-Authenticate")), c["webhook_token"]) && equal(sent.AppID, c["public_id"])
			}},
	}
}

// Every event of every provider is accepted by receivers that verify as public ones do, in every shape of its body; and refused with
// another key or token.
func TestReceiversAcceptEveryEvent(t *testing.T) {
	t.Parallel()
	s := begin(t)
	all := providers(t)
	for _, w := range ways() {
		p := all[slices.IndexFunc(all, func(p *openapi.Provider) bool { return p.Name == w.provider })]
		shapes := p.Switches()["shape"]
		if len(shapes) == 0 {
			shapes = []string{""}
		}
		for i, shape := range shapes {
			name := "live_sk_" + strings.Map(func(r rune) rune {
				if r >= 'a' && r <= 'z' {
					return r
				}
				return -1
			}, w.provider+w.name+shape)
			a := s.Account(name).Freeze()
			receiver := s.NewReceiver()
			w.register(t, a, receiver, shape)
			opened, err := a.Client().Account(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			c := opened.Credentials[w.provider]
			for _, event := range p.Events() {
				a.Send(w.provider, event.Name, nil)
				a.Idle()
				got := receiver.Next()
				if !w.accepts(got.Header, got.Body, c) {
					t.Errorf("%s, %s, shape %q: %s is refused: %v %s", w.provider, w.name, shape, event.Name, got.Header, got.Body)
				}
				if i == 0 && w.provider != "peleza" && w.accepts(forged(got.Header), got.Body, c) {
					t.Errorf("%s, %s: %s is accepted with another key", w.provider, w.name, event.Name)
				}
			}
		}
	}
}

// register registers the receiver as the provider's users do.
func (w way) register(t *testing.T, a *mockservertest.Account, r *mockservertest.Receiver, shape string) {
	t.Helper()
	if w.authentication != nil {
		got := a.Call(w.provider, "createWebhook", map[string]any{"environment": "Sandbox", "url": r.URL, "authentication": w.authentication,
			"types": []string{"Finished Journey", "Manually Reviewed", "AML Monitor Update", "Finished User Steps", "Finished spot Check", "Finished Step",
				"Updated Journey", "Verification Update Required", "KYC Renewal Deadline Exceeded"}})
		if got.Status >= 300 {
			t.Fatalf("%s: %d %s", w.name, got.Status, got.Body)
		}
		return
	}
	switches := map[string]string{}
	for name, value := range w.switches {
		switches[name] = value
	}
	if shape != "" {
		switches["shape"] = shape
	}
	ep := webhook.Endpoint{Account: a.Name, Provider: w.provider, URL: r.URL, Switches: switches}
	if _, err := a.Server.Control().Endpoints.SetEndpoint(t.Context(), ep); err != nil {
		t.Fatal(err)
	}
}

// forged returns headers whose values were made without the secret.
func forged(h http.Header) http.Header {
	f := http.Header{}
	for name, values := range h {
		f[name] = []string{values[0]}
		if scheme, token, ok := strings.Cut(values[0], " "); ok {
			f.Set(name, scheme+" "+string(bytes.ToUpper([]byte(token)))+"A")
		} else if name != "Content-Type" {
			f.Set(name, base64.StdEncoding.EncodeToString([]byte("pk_of_somewhere_else")))
		}
	}
	return f
}
