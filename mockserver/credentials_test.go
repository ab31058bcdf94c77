package mockserver_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// A configured credential signs the webhooks of every account, so that a receiver can be started with it first.
func TestConfiguredCredentialSigns(t *testing.T) {
	var n mockservertest.Network
	r := n.NewReceiver(t)
	s := n.Start(t, mockserver.Config{
		Providers: providers(t), Webhooks: map[string]string{provider: r.URL},
		Credentials: map[string]map[string]string{provider: {"public_key": "pk_mine"}},
	})
	for _, key := range []string{"one", "another"} {
		a := s.Account(key)
		a.Call(provider, bvn, number(found))
		a.Advance(2 * time.Second)
		if got := r.Next().Header.Get("X-Identitypass-Signature"); got != base64.StdEncoding.EncodeToString([]byte("pk_mine")) {
			t.Errorf("account %q: signature %q, want the configured key", key, got)
		}
	}
}

func TestInvalidCredentials(t *testing.T) {
	for name, test := range map[string]struct {
		given map[string]map[string]string
		want  string
	}{
		"provider":    {map[string]map[string]string{"unknown": {"public_key": "x"}}, `unknown provider "unknown", use one of [identitypass`},
		"name":        {map[string]map[string]string{"identitypass": {"pubic_key": "x"}}, "unknown credential: use one of [public_key app_id]"},
		"the account": {map[string]map[string]string{"identitypass": {"api_key": "x"}}, "unknown credential"},
		"empty":       {map[string]map[string]string{"identitypass": {"public_key": ""}}, "must not be empty"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := mockserver.New(mockserver.Config{Addr: "127.0.0.1:0", Providers: providers(t), Credentials: test.given})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}
