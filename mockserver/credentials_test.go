package mockserver_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/openapi/catalog"
)

// A receiver that was started with a key of its own must see it in the signature, whatever account the webhook is of.
func TestGivenCredentialSigns(t *testing.T) {
	signatures := make(chan string, 2)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		signatures <- r.Header.Get("X-Identitypass-Signature")
	}))
	defer receiver.Close()
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	s, err := mockserver.New(mockserver.Config{
		Addr: "127.0.0.1:0", Providers: providers, Webhooks: map[string]string{"identitypass": receiver.URL},
		Credentials: map[string]map[string]string{"identitypass": {"public_key": "pk_mine"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer s.Stop(t.Context())
	for _, key := range []string{"one", "another"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
			s.URL()+"/identitypass/api/v2/biometrics/merchant/data/verification/bvn", strings.NewReader(`{"number":"12345678901"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Api-Key", key)
		r.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if _, err := s.Control().Clocks.Advance(t.Context(), key, 2*time.Second); err != nil {
			t.Fatal(err)
		}
		if got, want := <-signatures, base64.StdEncoding.EncodeToString([]byte("pk_mine")); got != want {
			t.Errorf("account %s: signature %q, want %q", key, got, want)
		}
	}
}

func TestCredentialsThatCannotBeGiven(t *testing.T) {
	for name, test := range map[string]struct {
		given map[string]map[string]string
		want  string
	}{
		"provider":    {map[string]map[string]string{"nobody": {"public_key": "x"}}, `no provider is called "nobody", want one of [identitypass`},
		"name":        {map[string]map[string]string{"identitypass": {"pubic_key": "x"}}, "no such credential to give, want one of [public_key app_id]"},
		"the account": {map[string]map[string]string{"identitypass": {"api_key": "x"}}, "no such credential to give"},
		"empty":       {map[string]map[string]string{"identitypass": {"public_key": ""}}, "it is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			providers, err := catalog.Open()
			if err != nil {
				t.Fatal(err)
			}
			_, err = mockserver.New(mockserver.Config{Addr: "127.0.0.1:0", Providers: providers, Credentials: test.given})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}
