package conformance_test

import (
	"testing"

	"github.com/idmock/idmock/conformance"
)

// A secret is found in each encoding.
func TestRedactor(t *testing.T) {
	var r conformance.Redactor
	r.Add("signing_secret", "whsec_c2VjcmV0IG9mIHRoaXMgdGVzdA==")
	r.Add("api_key", "sk/live 42'x")
	r.Add("api_key of another", "sk/live 42'xyz")
	r.Add("authorization", "dXNlcjpvcGVuIHNlc2FtZQ==")
	r.Add("pin", "1234") // too short
	r.AddURL("https://probe:hunter22@app.example/subjects")
	r.AddURL("not : a URL")
	for got, want := range map[string]string{
		"key whsec_c2VjcmV0IG9mIHRoaXMgdGVzdA==!":      "key <signing_secret>!",
		"c2VjcmV0IG9mIHRoaXMgdGVzdA==":                 "<signing_secret>",
		"the secret of this test":                      "the <key of signing_secret>",
		"736563726574206f6620746869732074657374":       "<hex of signing_secret>",
		"?k=sk%2Flive+42%27x":                          "?k=<api_key>",
		"/sk%2Flive%2042%27x/":                         "/<api_key>/",
		"Basic c2svbGl2ZSA0Mid4Og==":                   "Basic <base64 of api_key>",
		"c2svbGl2ZSA0Mid4, c2svbGl2ZSA0Mid4eXo=":       "<base64 of api_key>, <base64 of api_key of another>",
		`-H 'X-Key: sk/live 42'\''x'`:                  "-H 'X-Key: <api_key>'",
		"sk/live 42'xyz and sk/live 42'x":              "<api_key of another> and <api_key>",
		"user:open sesame, open sesame":                "<key of authorization>, <password of authorization>",
		"http://probe:hunter22@app.example/subjects/1": "http://probe:<password>@app.example/subjects/1",
		"1234 is kept":                                 "1234 is kept",
	} {
		if got := r.Text(got); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := new(conformance.Redactor).Text("no secrets"); got != "no secrets" {
		t.Errorf("%q", got)
	}
}
