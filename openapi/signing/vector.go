package signing

import (
	"strings"
	"time"
)

// Vector is a published example of a scheme.
type Vector struct {
	Scheme, Encoding string
	Source           string // who published it
	Secret, Text     string
	Message          Message
}

// Vectors returns the published examples; each scheme of the table has one for each of its encodings.
func Vectors() []Vector {
	sent := time.Unix(1614265330, 0)
	message := func(body string) Message { return Message{Sent: sent, Body: []byte(body)} }
	standard := Message{ID: "msg_p5jXN8AQM9LWM0D4loKWxJek", Sent: sent, Body: []byte(`{"test": 2432232314}`)}
	return []Vector{
		{"token", "", "by definition", "6750ba3a4b8a4bd4", "6750ba3a4b8a4bd4", message(`{"any":"body"}`)},
		{"base64-key", "", "RFC 4648, section 10", "foobar", "Zm9vYmFy", message("any body")},
		{"base64-key", Base64, "documentation of providers that use it", "pk_demo_123", "cGtfZGVtb18xMjM=", message("any body")},
		{"hmac-sha256", Hex, "RFC 4231, section 4.2", strings.Repeat("\x0b", 20),
			"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", message("Hi There")},
		{"hmac-sha256", Hex, "RFC 4231, section 4.3", "Jefe",
			"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", message("what do ya want for nothing?")},
		{"hmac-sha256", "", "RFC 4231, section 4.3, in base64", "Jefe",
			"W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=", message("what do ya want for nothing?")},
		{"hmac-sha256", Hex, "RFC 4231, section 4.7", strings.Repeat("\xaa", 131),
			"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", message("Test Using Larger Than Block-Size Key - Hash Key First")},
		{"standard-webhooks", "", "the specification's libraries", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
			"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", standard},
		{"standard-webhooks-ed25519", "", "tests of the Svix server",
			"whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==",
			"v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==", standard},
		{"t-v1", "", `printf '1614265330.{"test": 2432232314}' | openssl dgst -sha256 -hmac umbra_secret_5f2b`, "umbra_secret_5f2b",
			"t=1614265330,v1=286e3740017ea3a81e2979a131f45ea4f6d6aa47c0478f2623075a81c7b4bf19", message(`{"test": 2432232314}`)},
	}
}
