package provider

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// flaws are the flawed providers without state.
var flaws = []flaw{
	{check: "call/served", name: "an operation is missing", after: func(e *relayed) {
		if strings.HasSuffix(e.request.URL.Path, "/bvn") {
			e.respond(404, `{"status":false,"message":"Not found"}`)
		}
	}},
	{check: "call/accepted", name: "it refuses a documented request", after: func(e *relayed) {
		if strings.HasSuffix(e.request.URL.Path, "/bvn") {
			e.respond(400, `{"status":false,"message":"Bad request"}`)
		}
	}},
	{check: "call/status", name: "it responds with an undocumented status", after: func(e *relayed) { e.status += 9 }},
	{check: "call/body", name: "it omits a member of the response", after: func(e *relayed) { e.body = bytes.Replace(e.body, []byte(`"status"`), []byte(`"state"`), 1) }},
	{check: "call/media-type", name: "it labels JSON as plain text", after: func(e *relayed) { e.header.Set("Content-Type", "text/plain") }},
	{check: "call/silent", name: "it responds with a stack trace", after: func(e *relayed) { e.body = append(e.body, "\ngoroutine 7 [running]:"...) }},
	{check: "example/status", name: "it has only successful responses", before: func(r *http.Request) { r.Header.Del("Prefer") }},
	{check: "example/body", name: "its errors are empty", after: func(e *relayed) {
		if e.status >= 400 && e.request.Header.Get("Prefer") != "" {
			e.body = []byte(`{}`)
		}
	}},
	{check: "error/bad-json", name: "it accepts a truncated body", after: lenient(400, nil)},
	{check: "error/no-body", name: "it accepts a request without a body", after: lenient(400, func(e *relayed) bool { return len(e.sent) == 0 })},
	{check: "error/not-an-object", name: "it accepts an array in place of an object", after: lenient(400, func(e *relayed) bool { return e.sent[0] == '[' })},
	{check: "error/missing-field", name: "it accepts a request without a required member", after: lenient(400, nil)},
	{check: "error/wrong-type", name: "it accepts any type", after: lenient(400, func(e *relayed) bool { return bytes.Contains(e.sent, []byte(`{"not":"this"}`)) })},
	{check: "error/unknown-path", name: "it responds 200 to every path", after: lenient(404, nil)},
	{check: "error/method", name: "it accepts any method", after: lenient(405, nil)},
	{check: "error/allow", name: "it omits the header Allow", after: func(e *relayed) { e.header.Del("Allow") }},
	{check: "error/media-type", name: "it accepts any media type", after: lenient(415, nil)},
	{check: "error/too-large", name: "it reads bodies of any size", after: lenient(413, nil)},
	{check: "error/shape", name: "its errors have another body", after: func(e *relayed) {
		if e.status >= 400 {
			e.body = []byte(`{"errors":[{"title":"no"}]}`)
		}
	}},
	{check: "cred/missing", name: "it requires no key", after: lenient(401, nil)},
	{check: "cred/bad", name: "it accepts any key", after: lenient(401, nil)},
	{check: "cred/malformed", name: "it does not distinguish a malformed credential from an invalid one", provider: "idwise", after: func(e *relayed) {
		e.body = bytes.Replace(e.body, []byte("invalid_authentication_format"), []byte("invalid_credentials"), 1)
	}},
	{check: "cred/forbidden", name: "it gives every key all permissions", after: lenient(403, nil)},
	{check: "cred/shape", name: "it refuses keys with an error body of its own", after: func(e *relayed) {
		if e.status == 401 {
			e.body = []byte(`Unauthorized`)
		}
	}},
	{check: "cred/silent", name: "it repeats the key", after: func(e *relayed) {
		e.body = append(e.body, e.request.Header.Get("X-Api-Key")...)
	}},
	{check: "tenant/own-run", name: "it forgets its runs", provider: "identitypass", after: func(e *relayed) {
		if strings.Contains(string(e.sent), `"reference"`) {
			e.respond(404, `{"status":false,"message":"Not found"}`)
		}
	}},
	{check: "tenant/others-run", name: "it shows runs to other accounts", before: key("-b", "-a")},
	{check: "tenant/others-hook", name: "it has one dashboard for all accounts", before: key("-b", "-a")},

	{check: "reg/https-only", name: "it registers http", provider: "stratus", strict: true, body: replaced(`http://hooks\.idmock-check`, "https://hooks.idmock-check")},
	{check: "reg/no-credentials-in-url", name: "it registers a password", strict: true, body: replaced(`hook:swordfish@`, "")},
	{check: "reg/unusual-scheme", name: "it registers any scheme", strict: true, body: replaced(`gopher:`, "http:")},
	{check: "reg/unusual-port", name: "it registers the ports of other services", strict: true, body: replaced(`:25/`, "/")},
	{check: "reg/url-length-unicode-idn", name: "it changes URLs", body: replaced(`a%2Fb`, "a/b")},
	{check: "reg/error-shape", name: "its refusals have another body", after: func(e *relayed) {
		if e.status == 400 {
			e.body = []byte(`{"errors":["url"]}`)
		}
	}},
	{check: "reg/unknown-event-name", name: "it accepts any event", provider: "idwise", strict: true, body: replaced(`no\.such\.event`, "Finished Journey")},
	{check: "reg/duplicate-url", name: "it sends an event to a duplicate registration as well", hook: func(d *delivery) {
		d.forward()
		if d.n > 1 {
			d.forward()
		}
	}},
	{check: "reg/disable-delete-stops-delivery", name: "it continues to send after the removal", before: func(r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if r.Body = io.NopCloser(bytes.NewReader(body)); err == nil && bytes.Contains(body, []byte(`"webhook_url":""`)) {
			r.Method, r.Body, r.ContentLength = http.MethodGet, nil, 0
		}
	}},
	{check: "reg/disable-delete-stops-delivery", name: "it continues to send after the removal", provider: "nimbus", before: func(r *http.Request) {
		if r.Method == http.MethodDelete {
			r.Method = http.MethodGet
		}
	}},
	{check: "reg/tenant-isolation", name: "it has one webhook for all accounts", before: func(r *http.Request) {
		key("-b-", "-a-")(r)
		r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "-b-", "-a-", 1)
	}},
	{check: "reg/secret-strength", name: "its secrets are short", provider: "faceio", after: func(e *relayed) {
		if strings.Contains(e.request.URL.Path, "/accounts/") {
			e.body = regexp.MustCompile(`"webhook_token":"[^"]{8}`).ReplaceAll(e.body, []byte(`"webhook_token":"`))
			e.body = regexp.MustCompile(`("webhook_token":")[0-9a-f]*`).ReplaceAll(e.body, []byte("${1}0123456789abcdef"))
		}
	}},
	{check: "reg/loopback", name: "it calls loopback addresses", strict: true, body: asPublic(`127\.8\.9\.1`)},
	{check: "reg/private-ipv4", name: "it calls private networks", strict: true, body: asPublic(`172\.16\.0\.1`)},
	{check: "reg/link-local-metadata", name: "it calls the metadata service", strict: true, body: asPublic(`169\.254\.170\.2`)},
	{check: "reg/link-local-metadata", name: "it calls the metadata service", strict: true, body: replaced(`169\.254\.169\.254:[0-9]+`, closed)}, // a port without a listener
	{check: "reg/link-local-metadata", name: "it calls the metadata service", after: func(e *relayed) {
		if e.status == 400 {
			e.status = 500
		}
	}},
	{check: "reg/ipv6-loopback-ula-linklocal", name: "it does not filter IPv6 addresses", strict: true, body: asPublic(`\[fd12:3456::1\]`)},
	{check: "reg/v4-mapped-v6", name: "it calls IPv4 addresses in IPv6 notation", strict: true, body: asPublic(`\[::ffff:7f00:1\]`)},
	{check: "reg/nat64-6to4-teredo", name: "it calls translated addresses", strict: true, body: asPublic(`\[2002:7f00:1::\]`)},
	{check: "reg/decimal-octal-hex-ip", name: "it takes numeric addresses for names", strict: true, body: asPublic(`0177\.0\.0\.1`)},
	{check: "reg/short-ip", name: "it takes short addresses for names", strict: true, body: asPublic(`127\.1`)},
	{check: "reg/unicode-ip", name: "it takes Unicode digits for a name", strict: true, body: asPublic(`127。0。0。1`)},
	{check: "reg/mixed-A-AAAA", name: "it checks one address and calls another", strict: true, body: asPublic(`both\.[a-z0-9.-]+`)},
	{check: "reg/wildcard-dns", name: "it takes any name for a public one", hides: true},
	{check: "reg/dns-rebinding", name: "it resolves the name only at the registration", hides: true},
	{check: "reg/redirect-to-private", name: "it follows a redirect to a private address", hook: func(d *delivery) {
		d.follow = true
		d.forward()
	}},

	{check: "send/429-retry-after-honoured", name: "it does not wait as long as Retry-After says", provider: "nimbus", hook: func(d *delivery) {
		d.forward()
		d.forward()
	}},
	{check: "send/410-disables", name: "it continues to send after a 410", provider: "nimbus", hook: func(d *delivery) {
		d.answers = 500
		d.forward()
	}},
	{check: "send/order-metadata-present", name: "its events all have the same time", provider: "nimbus", hook: edits(`"occurred_at":\s*"[^"]*"`, `"occurred_at":"2026-01-02T03:04:05Z"`)},
	{check: "send/test-mode-flag", name: "its test events look like live ones", provider: "nimbus", hook: edits(`"test":\s*true`, `"test":false`)},
	{check: "send/resend-endpoint", name: "it sends another event instead", provider: "nimbus", hook: func(d *delivery) {
		if d.n > 1 {
			d.header.Set("Webhook-Id", "another")
		}
		d.forward()
	}},

	{check: "send/delivered", name: "it loses its webhooks", hook: func(d *delivery) { d.w.WriteHeader(200) }},
	{check: "send/content-type", name: "it labels its webhooks as plain text", hook: func(d *delivery) {
		d.header.Set("Content-Type", "text/plain")
		d.forward()
	}},
	{check: "send/payload", name: "it omits a member of the webhook", hook: func(d *delivery) {
		d.body = bytes.Replace(d.body, []byte(`"status"`), []byte(`"state"`), 1)
		d.forward()
	}},
	{check: "send/signature", name: "it signs with another secret", provider: "identitypass", hook: func(d *delivery) {
		d.header.Set("X-Identitypass-Signature", "bm90IHRoZSBrZXk=")
		d.forward()
	}},
	{check: "send/schedule", name: "it does not follow its schedule", hook: func(d *delivery) {
		d.forward()
		d.forward()
	}},
	{check: "send/gives-up", name: "it makes more attempts than documented", hook: func(d *delivery) {
		d.forward()
		d.forward()
	}},
	{check: "send/recognisable", name: "each attempt looks like a new event", hook: func(d *delivery) {
		d.body = append(d.body, bytes.Repeat([]byte(" "), d.n)...)
		d.forward()
	}},
	{check: "send/once", name: "it repeats delivered webhooks", hook: func(d *delivery) {
		d.forward()
		d.forward()
	}},
	{check: "send/redirect", name: "it follows redirects", hook: func(d *delivery) {
		d.follow = true
		d.forward()
	}},
	{check: "send/timeout", name: "it waits longer than its timeout", provider: "faceio", hook: func(d *delivery) {
		d.patient = true
		d.forward()
	}},
}

// statefulFlaws returns the flaws that keep state, which are created for each run.
func statefulFlaws() []flaw {
	return []flaw{
		{check: "reg/secret-returned-once", name: "it shows the secret again", provider: "nimbus", after: showsSecrets()},
		{check: "send/timestamp-fresh", name: "it signs a retry with the time of the first attempt", provider: "acme", hook: keeps("Webhook-Timestamp")},
		{check: "send/timestamp-fresh", name: "it signs a retry with the time of the first attempt", provider: "umbra", hook: keeps("Umbra-Signature")},
		{check: "send/jitter", name: "its retries are simultaneous", provider: "nimbus", hook: together()},
	}
}
