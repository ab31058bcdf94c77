package mockserver_test

import (
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/openapi"
)

// own sends each key to each provider, with an operation that needs a backend's key, and returns the responses.
func own(t *testing.T, s *mockservertest.Server, key string, each func(p *openapi.Provider, got mockservertest.Answer)) {
	t.Helper()
	for _, p := range providers(t) {
		operations, err := p.Operations()
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range operations {
			if op.Dashboard || op.Mock || op.Public {
				continue
			}
			each(p, s.Account(key).Call(p.Name, op.ID, nil))
			break
		}
	}
}

// A key that names an error is refused with that error, in each provider's own format.
func TestBadKeys(t *testing.T) {
	t.Parallel()
	s := begin(t)
	for _, key := range []string{"invalid-key", "revoked_key"} {
		own(t, s, key, func(p *openapi.Provider, got mockservertest.Answer) {
			if got.Status != 401 {
				t.Errorf("%s: %s gets %d %s, want 401", p.Name, key, got.Status, got.Body)
			}
		})
	}
	forbidding := 0
	own(t, s, "forbidden-key", func(p *openapi.Provider, got mockservertest.Answer) {
		if p.Forbids() != (got.Status == 403) {
			t.Errorf("%s: a forbidden key gets %d %s", p.Name, got.Status, got.Body)
		}
		if p.Forbids() {
			forbidding++
		}
	})
	if forbidding == 0 {
		t.Error("no provider has a 403 of its own")
	}
	for _, call := range mockservertest.Entries[journal.Call](s.DefaultAccount()) {
		if call.Error == nil || call.Status != 403 && call.Status != 401 && call.Error.Kind != string(openapi.Invalid) {
			t.Errorf("the journal has %+v", call)
		}
	}
}

// With a list of keys, any other key is refused as by the provider, before other errors of the request.
func TestKnownKeys(t *testing.T) {
	t.Parallel()
	known, err := mockserver.ParseKeys("keys", []byte(`
# who          what
*              everywhere
identitypass   here        # and nowhere else
identitypass   suspended   forbidden
faceio         backend
`), providers(t))
	if err != nil {
		t.Fatal(err)
	}
	s := new(mockservertest.Network).Start(t, mockserver.Config{Start: began, Frozen: true, Keys: known})
	for key, want := range map[string]int{"everywhere": 200, "here": 200, "suspended": 403, "stranger": 401, "backend": 401} {
		if got := s.Account(key).Call(provider, bvn, number(found)); got.Status != want {
			t.Errorf("%s: %d %s, want %d", key, got.Status, got.Body, want)
		}
	}
	if got := s.Account("here").Call("prembly", bvn, number(found)); got.Status != 401 {
		t.Errorf("another provider's key: %d %s", got.Status, got.Body)
	}
	if got := s.Account("stranger").Call(provider, bvn, `{`); got.Status != 401 {
		t.Errorf("a bad key with a bad body: %d %s, want the key refused first", got.Status, got.Body)
	}
	if got := s.Account("here").Call(provider, bvn, `{`); got.Status != 400 {
		t.Errorf("a good key with a bad body: %d %s", got.Status, got.Body)
	}

	// A page's credential is accepted with a backend's key, although it was not used before.
	twin := new(mockservertest.Network).Start(t, mockserver.Config{Start: began, Frozen: true})
	twin.Account("backend").Control("POST", "/arm", map[string]string{"provider": faces, "scenario": "minor"})
	public := twin.DefaultAccount().Control("GET", "/accounts/backend", nil).At("credentials.faceio.public_id")
	if got := s.Account(public).Call(faces, "enrollFace", map[string]string{"face": "ada"}); got.Status != 200 {
		t.Errorf("the page of a known application (%s): %d %s", public, got.Status, got.Body)
	}
	if got := s.Account("fioa0000").Call(faces, "enrollFace", map[string]string{"face": "ada"}); got.Status != 401 {
		t.Errorf("the page of an unknown application: %d %s", got.Status, got.Body)
	}
	if got := s.DefaultAccount().Control("POST", "/play", map[string]string{"provider": faces, "scenario": "minor"}); got.At("status") != "200" {
		t.Errorf("played without an account: %s", got.Body)
	}

	// An empty key opens no account.
	accounts := string(s.DefaultAccount().Control("GET", "/accounts", nil).Body)
	if strings.Contains(accounts, `"stranger"`) || strings.Contains(accounts, `"suspended"`) || strings.Contains(accounts, "fioa0000") || !strings.Contains(accounts, `"here"`) {
		t.Errorf("the accounts are %s", accounts)
	}
}

func TestParseKeysErrors(t *testing.T) {
	for source, want := range map[string][]string{
		"acme key":                {`keys.txt:1: unknown provider "acme": use * or one of identitypass, `},
		"\n\nidentitypass # key":  {`keys.txt:3: "identitypass": must be a provider or *, a key, and optionally the word forbidden`},
		"* a b c d":               {"keys.txt:1: "},
		"* a\n* a\nfaceio a":      {`keys.txt:2: duplicate key "a" for *`},
		"* a revoked":             {`keys.txt:1: unknown word "revoked" after the key: use forbidden or nothing`},
		"faceio a forbidden":      {"keys.txt:1: faceio has no response for a forbidden key"},
		"# nothing":               {"keys.txt:1: no key"},
		"x a\nidentitypass\n* ok": {"keys.txt:1: ", "keys.txt:2: "},
	} {
		_, err := mockserver.ParseKeys("keys.txt", []byte(source), providers(t))
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%q: %v, want %s", source, err, w)
			}
		}
	}
}
