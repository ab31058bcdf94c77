package openapi_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/openapi"
)

// The vectors of hmac-sha256 are test cases 1, 2 and 6 of RFC 4231, section 4; those of base64-key are of RFC 4648,
// section 10, and the key that the documentation of these services shows.
func TestSignaturesMeetPublishedVectors(t *testing.T) {
	for _, v := range []struct {
		scheme, encoding, secret, body, want string
	}{
		{"hmac-sha256", "hex", strings.Repeat("\x0b", 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{"hmac-sha256", "hex", "Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{"hmac-sha256", "base64", "Jefe", "what do ya want for nothing?", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="},
		{"hmac-sha256", "", "Jefe", "what do ya want for nothing?", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="},
		{"hmac-sha256", "hex", strings.Repeat("\xaa", 131), "Test Using Larger Than Block-Size Key - Hash Key First", "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
		{"base64-key", "", "foobar", "any body", "Zm9vYmFy"},
		{"base64-key", "base64", "pk_demo_123", "any body", "cGtfZGVtb18xMjM="},
	} {
		s := openapi.Signature{Scheme: v.scheme, Encoding: v.encoding, Secret: "public_key"}
		now := time.Now()
		if got := s.Sign([]byte(v.secret), []byte(v.body), now); got != v.want {
			t.Errorf("%s %s of %q = %s, want %s", v.scheme, v.encoding, v.body, got, v.want)
		}
		if err := s.Verify([]byte(v.secret), v.want, []byte(v.body), now); err != nil {
			t.Errorf("%s %s refuses its own signature: %v", v.scheme, v.encoding, err)
		}
		if err := s.Verify([]byte(v.secret+"x"), v.want, []byte(v.body), now); !errors.Is(err, openapi.ErrSignature) {
			t.Errorf("%s %s accepts another secret", v.scheme, v.encoding)
		}
		if err := s.Verify([]byte(v.secret), v.want, []byte(v.body+" "), now); (err == nil) != (v.scheme == "base64-key") {
			t.Errorf("%s %s on a changed body: %v", v.scheme, v.encoding, err)
		}
	}
}
