package mockserver_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
)

// A provider with several signatures signs as the endpoint selects: in the dashboard, kept when the URL changes, or by
// the control API.
func TestSignatureSwitch(t *testing.T) {
	t.Parallel()
	const provider, update, try = "prembly", "updateWebhook", "testWebhook"
	s := begin(t)
	a, r := s.Account("merchant"), s.NewReceiver()
	key := func() string {
		a.Call(provider, "getWebhook", nil) // opens the account
		all, err := s.Control().Accounts.Accounts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, account := range all {
			if account.Name == "merchant" {
				return account.Credentials[provider]["public_key"]
			}
		}
		return ""
	}()
	if key == "" {
		t.Fatal("the account has no public key")
	}
	hashed := func(body string) string {
		hash := hmac.New(sha256.New, []byte(key))
		hash.Write([]byte(body))
		return base64.StdEncoding.EncodeToString(hash.Sum(nil))
	}
	plain := func(string) string { return base64.StdEncoding.EncodeToString([]byte(key)) }
	for _, step := range []struct {
		change map[string]string
		want   func(body string) string
	}{
		{map[string]string{"webhook_url": r.URL}, hashed},
		{map[string]string{"webhook_url": r.URL, "signature": "base64-key"}, plain},
		{map[string]string{"webhook_url": r.URL + "/moved"}, plain},
		{map[string]string{"webhook_url": r.URL, "signature": "hmac-sha256"}, hashed},
	} {
		if got := a.Call(provider, update, step.change); got.Status != 200 {
			t.Fatalf("update %v: %d %s", step.change, got.Status, got.Body)
		}
		a.Call(provider, try, nil)
		got := r.Next()
		if have, want := got.Header.Get("x-prembly-signature"), step.want(string(got.Body)); have != want {
			t.Errorf("after %v the signature is %q, want %q", step.change, have, want)
		}
	}
	for _, bad := range []map[string]string{{"signature": "md5"}, {"colour": "red"}} {
		got := a.Control("POST", "/endpoints", map[string]any{"provider": provider, "url": r.URL, "switches": bad})
		if got.Status != 422 || !strings.Contains(got.At("detail"), "switch") {
			t.Errorf("switches %v: %d %s", bad, got.Status, got.Body)
		}
	}
	a.Control("POST", "/endpoints", map[string]any{"provider": provider, "url": r.URL, "switches": map[string]string{"signature": "base64-key"}})
	a.Call(provider, try, nil)
	if got := r.Next(); got.Header.Get("x-prembly-signature") != plain("") {
		t.Errorf("set by the control API: %v", got.Header)
	}
}
