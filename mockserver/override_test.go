package mockserver_test

import (
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	schemes "github.com/idmock/idmock/openapi/signing"
)

// A delivery that is resent with another body is signed again, unless the signature is to be wrong.
func TestResendWithOverride(t *testing.T) {
	t.Parallel()
	s := begin(t)
	receiver := s.NewReceiver()
	a := s.Account("resend").Freeze()
	a.Webhook("prembly", receiver.URL)
	a.Call("prembly", "verifyBVN", map[string]any{"number": "12345678901"})
	a.Advance(time.Second)
	first := receiver.Next()
	id := mockservertest.Wait[journal.Delivery](a, nil).Delivery
	secret := s.DefaultAccount().Control("GET", "/accounts/resend", nil).At("credentials.prembly.public_key")
	signed := func(d mockservertest.Delivery) bool {
		scheme := schemes.Config{Scheme: "hmac-sha256", Secret: "public_key"}
		return scheme.Verify([]byte(secret), d.Header.Get("X-Prembly-Signature"), schemes.Message{Body: d.Body}, time.Now()) == nil
	}
	if !signed(first) {
		t.Fatalf("the delivery itself is not signed right: %v", first.Header)
	}
	const another = "*" // the token of an event with another body
	for _, c := range []struct {
		name   string
		change any
		body   string
		signed bool
		token  string
		extra  string
	}{
		{"nothing", nil, string(first.Body), true, first.Header.Get("Token"), ""},
		{"another body", map[string]any{"body": "{\"a\": 1.50}\n"}, "{\"a\": 1.50}\n", true, another, ""},
		{"a body tampered with", map[string]any{"body": "{}", "sign": false}, "{}", false, first.Header.Get("Token"), ""},
		{"bytes", map[string]any{"base64": "AP8="}, "\x00\xff", true, another, ""},
		{"headers", map[string]any{"headers": map[string]any{"TOKEN": nil, "x-extra": "1"}}, string(first.Body), true, "", "1"},
		{"a signature of one's own", map[string]any{"headers": map[string]any{"X-Prembly-Signature": "bm8="}}, string(first.Body), false, first.Header.Get("Token"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if answer := a.Control("POST", "/deliveries/"+id+"/resend", c.change); answer.Status != 202 {
				t.Fatalf("%d %s", answer.Status, answer.Body)
			}
			a.Advance(0)
			got := receiver.Next()
			if c.token == another && got.Header.Get("Token") != first.Header.Get("Token") {
				c.token = got.Header.Get("Token")
			}
			if string(got.Body) != c.body || signed(got) != c.signed || got.Header.Get("Token") != c.token || got.Header.Get("X-Extra") != c.extra {
				t.Errorf("got %s with %v", got, got.Header)
			}
		})
	}
	for _, bad := range []string{`{"headers":{"a b":"1"}}`, `{"headers":{"a":"1\r\nb: 2"}}`, `{"headers":{"":"1"}}`} {
		if answer := a.Control("POST", "/deliveries/"+id+"/resend", bad); answer.Status != 422 || !strings.Contains(string(answer.Body), "invalid header") {
			t.Errorf("%s: got %d %s", bad, answer.Status, answer.Body)
		}
	}
}
