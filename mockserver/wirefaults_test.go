package mockserver_test

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http/httputil"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// miswired plays one delivery with a fault to a raw receiver, and returns the request and the attempt.
func miswired(t *testing.T, provider, event, fault string) (*mockservertest.Account, request, journal.Attempt) {
	t.Helper()
	source := "scenario: faulty\nprovider: " + provider + "\nrules:\n  - on: start\n    then: {send: " + event + ", fault: [" + fault + "]}\n"
	a := begin(t, source).Account("faulty")
	r := newRaw(t, "127.0.0.1:0")
	if provider == signing {
		quickly(a, r.URL)
	} else {
		a.Webhook(provider, r.URL)
	}
	if got := a.Control("POST", "/play", map[string]string{"provider": provider, "scenario": "faulty"}); got.Status != 200 {
		t.Fatalf("play: %d %s", got.Status, got.Body)
	}
	q := r.next()
	attempt := mockservertest.Wait[journal.Attempt](a, nil)
	return a, q, attempt
}

// proof is the valid signature of a body.
func proof(t *testing.T, a *mockservertest.Account, body []byte) string {
	t.Helper()
	h := hmac.New(sha256.New, []byte(secret(t, a)))
	h.Write(body)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

const completed = "verification.completed"

func TestWireFaults(t *testing.T) {
	t.Parallel()
	const right, wrong, none = "right", "wrong", "none"
	for fault, c := range map[string]struct {
		signed string
		check  func(t *testing.T, q request, body []byte, attempt journal.Attempt)
	}{
		"wrong-secret":      {wrong, valid},
		"other-tenant":      {wrong, valid},
		"rotated-secret":    {wrong, valid},
		"empty-secret":      {wrong, valid},
		"missing-signature": {none, valid},
		"tampered":          {wrong, valid},
		"stale":             {right, valid},
		"truncated": {right, func(t *testing.T, q request, body []byte, _ journal.Attempt) {
			if json.Valid(body) || value(q.head(), "Content-Length") == "" || len(body) == 0 {
				t.Errorf("the body is whole: %s", body)
			}
		}},
		"not-json": {right, func(t *testing.T, q request, body []byte, _ journal.Attempt) {
			if json.Valid(body) || value(q.head(), "Content-Type") != "application/json" {
				t.Errorf("%s\n%s", q.head(), body)
			}
		}},
		"{name: not-json, as: empty}": {right, func(t *testing.T, q request, body []byte, _ journal.Attempt) {
			if len(body) != 0 || value(q.head(), "Content-Length") != "0" {
				t.Errorf("%s\n%s", q.head(), body)
			}
		}},
		"wrong-content-type": {right, func(t *testing.T, q request, body []byte, _ journal.Attempt) {
			if !json.Valid(body) || value(q.head(), "Content-Type") != "text/plain" {
				t.Errorf("%s\n%s", q.head(), body)
			}
		}},
		"unknown-field": {right, func(t *testing.T, _ request, body []byte, _ journal.Attempt) {
			if !json.Valid(body) || !bytes.Contains(body, []byte(`,"idmock_unknown":{`)) {
				t.Errorf("%s", body)
			}
		}},
		"{name: oversize, size: 3MiB}": {right, func(t *testing.T, _ request, body []byte, attempt journal.Attempt) {
			if len(body) != 3<<20 || !json.Valid(body) {
				t.Errorf("%d bytes came", len(body))
			}
			if reported := attempt.Request.Body; reported.Size != 3<<20 || !reported.Truncated {
				t.Errorf("the journal has %d of %d bytes", len(reported.Bytes), reported.Size)
			}
		}},
		"{name: chunked, size: 5}": {right, func(t *testing.T, q request, _ []byte, _ journal.Attempt) {
			if value(q.head(), "Content-Length") != "" || !bytes.HasPrefix(q.body(), []byte("5\r\n{\"sta\r\n5\r\n")) {
				t.Errorf("%s", q.bytes)
			}
		}},
		"{name: slow-drip, over: 200ms, pieces: 8}": {right, func(t *testing.T, q request, body []byte, _ journal.Attempt) {
			if q.took < 150*time.Millisecond || len(q.reads) < 5 || !json.Valid(body) {
				t.Errorf("%d bytes came in %d pieces over %v", len(body), len(q.reads), q.took)
			}
		}},
		"{name: cut-off, keep: 0.25}": {none + "?", func(t *testing.T, q request, body []byte, attempt journal.Attempt) {
			if !errors.Is(q.end, io.EOF) || len(body) == 0 || int64(len(body)) != attempt.Request.Body.Size/4 {
				t.Errorf("%d of %d bytes came, then %v", len(body), attempt.Request.Body.Size, q.end)
			}
		}},
		"{name: reset, keep: 0.5}": {none + "?", func(t *testing.T, q request, _ []byte, attempt journal.Attempt) {
			if !isReset(q.end) || attempt.Class != "cut" || attempt.Accepted || attempt.Next.IsZero() {
				t.Errorf("the connection ended with %v, the attempt as %s", q.end, attempt.Class)
			}
		}},
		"{name: gzip, signed: packed}": {right, func(t *testing.T, q request, body []byte, _ journal.Attempt) {
			if value(q.head(), "Content-Encoding") != "gzip" || !json.Valid(unpack(t, body)) {
				t.Errorf("%s", q.head())
			}
		}},
		"gzip": {"unpacked", func(t *testing.T, q request, body []byte, attempt journal.Attempt) {
			plain := unpack(t, body)
			if value(q.head(), "Content-Encoding") != "gzip" || !json.Valid(plain) {
				t.Errorf("%s", q.head())
			}
		}},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			a, q, attempt := miswired(t, signing, completed, fault)
			body := q.body()
			if value(q.head(), "Transfer-Encoding") == "chunked" {
				var err error
				if body, err = io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(body))); err != nil {
					t.Fatal(err)
				}
			}
			switch got := value(q.head(), "X-Prembly-Signature"); c.signed {
			case right:
				if got != proof(t, a, body) {
					t.Errorf("the signature is not of these bytes: %s", q.bytes)
				}
			case wrong:
				if got == "" || got == proof(t, a, body) {
					t.Errorf("the signature is %q", got)
				}
			case "unpacked":
				if got != proof(t, a, unpack(t, body)) {
					t.Errorf("the signature is not of the bytes before they were packed")
				}
			case none:
				if got != "" || attempt.SignedBy != "" {
					t.Errorf("it is signed: %s", q.head())
				}
			}
			c.check(t, q, body, attempt)
			name, _, _ := strings.Cut(strings.TrimPrefix(fault, "{name: "), ",")
			if len(attempt.Fault) != 1 || attempt.Fault[0] != name || strings.Contains(attempt.Hint, "not applied") {
				t.Errorf("the journal has the faults %v: %s", attempt.Fault, attempt.Hint)
			}
		})
	}
}

func valid(t *testing.T, _ request, body []byte, _ journal.Attempt) {
	t.Helper()
	if !json.Valid(body) || len(body) < 100 {
		t.Errorf("the body is %s", body)
	}
}

func unpack(t *testing.T, b []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// Faults that depend on the event's schema apply to the first suitable field, or to the named one.
func TestSchemaFaults(t *testing.T) {
	t.Parallel()
	const enroll = `"eventName":"ENROLL"`
	for fault, c := range map[string]struct{ event, has, lacks string }{
		"unknown-event":                                   {"ENROLL", `"eventName":"idmock.unheard_of"`, enroll},
		"unknown-value":                                   {"ENROLL", `"gender":"IDMOCK_UNHEARD_OF"`, `"gender":"male"`},
		"{name: unknown-value, field: facialId}":          {"AUTH", `"facialId":"IDMOCK_UNHEARD_OF"`, `"details"`},
		"missing-required":                                {"ENROLL", `{"facialId":`, "eventName"},
		"{name: missing-required, field: details.gender}": {"ENROLL", `"timestamp"`, "gender"},
		"{name: missing-required, field: details.age}":    {"ENROLL", `"}}`, "age"},
		"{name: missing-required, field: clientIp}":       {"DELETION", `"}`, "clientIp"},
		"{name: missing-optional, field: appId}":          {"DELETION", `"clientIp"`, "appId"},
		"{name: unknown-field, field: 'new \"one\"'}":     {"AUTH", `,"new \"one\"":{`, "~"},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			_, q, attempt := miswired(t, "faceio", c.event, fault)
			body := string(q.body())
			if !json.Valid(q.body()) || !strings.Contains(body, c.has) || strings.Contains(body, c.lacks) {
				t.Errorf("%s: want it with %s and without %s", body, c.has, c.lacks)
			}
			if len(attempt.Fault) != 1 || attempt.Hint != "" {
				t.Errorf("the journal has %v: %q", attempt.Fault, attempt.Hint)
			}
		})
	}
}

// A fault that cannot be applied is not recorded as applied, and the attempt has the reason.
func TestInapplicableFault(t *testing.T) {
	t.Parallel()
	for fault, c := range map[string]struct{ provider, event, says string }{
		"missing-optional": {"faceio", "AUTH", "has no optional field"},
		"unknown-value":    {"faceio", "AUTH", "has no enumerated field"},
		"{name: missing-required, field: unknown}": {"faceio", "AUTH", "no member unknown"},
		"wrong-secret":  {"peleza", completed, "is not signed"},
		"unknown-event": {"peleza", completed, "does not name its event"},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			_, q, attempt := miswired(t, c.provider, c.event, fault)
			if !json.Valid(q.body()) || len(attempt.Fault) != 0 || !strings.Contains(attempt.Hint, c.says) {
				t.Errorf("the journal has %v: %q", attempt.Fault, attempt.Hint)
			}
		})
	}
}

func TestFaultIPv6(t *testing.T) {
	t.Parallel()
	r := newRaw(t, "[::1]:0")
	_, port, _ := strings.Cut(r.listener.Addr().String(), "]:")
	a := begin(t, sends(`{`+send+`, fault: ipv6}`)).Account("faulty")
	a.Webhook(signing, "http://127.0.0.1:"+port+"/hook")
	a.CallAs("faulty", signing, bvn, number(found))
	q := r.next()
	if !strings.HasPrefix(q.peer.String(), "[::1]:") || value(q.head(), "Host") != "127.0.0.1:"+port {
		t.Errorf("it came from %v:\n%s", q.peer, q.head())
	}
	if attempt := mockservertest.Wait[journal.Attempt](a, nil); !attempt.Accepted {
		t.Errorf("the attempt ended as %s: %s", attempt.Class, attempt.Error)
	}
}

// Another tenant's secret is that of the account other-tenant, for every scheme.
func TestOtherTenant(t *testing.T) {
	t.Parallel()
	a, r := faulty(t, `{`+send+`, fault: other-tenant}`)
	other := a.Server.Account("other-tenant")
	other.Call(signing, bvn, number(found))
	if d := r.Next(); signed(t, a, d) || !signed(t, other, d) {
		t.Error("it is not signed with the other tenant's secret")
	}
	for fault, want := range map[string]string{"wrong-secret": "Bearer ", "other-tenant": "Bearer ", "empty-secret": "Bearer", "missing-signature": "", "rotated-secret": "Bearer "} {
		b, q, attempt := miswired(t, "faceio", "AUTH", fault)
		own := b.Server.Control().Accounts
		all, err := own.Accounts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		right := all[0].Credentials["faceio"]["webhook_token"]
		got := value(q.head(), "WWW-Authenticate")
		if !strings.HasPrefix(got, want) || (want == "") != (got == "") || strings.Contains(got, right) || len(attempt.Fault) != 1 {
			t.Errorf("%s: the header is %q, the account's token %q", fault, got, right)
		}
	}
}

// A webhook that precedes the response has ended before the response is sent.
func TestBeforeReply(t *testing.T) {
	t.Parallel()
	a := begin(t, sends(`{`+send+`, fault: before-reply}`)).Account("faulty")
	r := a.Server.NewReceiver()
	a.Webhook(signing, r.URL)
	answer, came := make(chan struct{}), make(chan mockservertest.Answer, 1)
	r.Answer(mockservertest.Response{Until: answer})
	go func() { came <- a.CallAs("faulty", signing, bvn, number(found)) }()
	r.Next()
	select {
	case got := <-came:
		t.Fatalf("the call was answered first: %d", got.Status)
	default:
	}
	close(answer)
	if got := <-came; got.Status != 200 {
		t.Errorf("the call: %d %s", got.Status, got.Body)
	}
	if played(a) != "before-reply" {
		t.Errorf("the journal has %q", played(a))
	}
}

// The account lists its rotated secrets, so that a receiver can be configured with them.
func TestRotatedSecret(t *testing.T) {
	t.Parallel()
	for to, whose := range map[string]string{"": "next", ", to: previous": "previous"} {
		a, q, attempt := miswired(t, signing, completed, "{name: rotated-secret"+to+"}")
		all, err := a.Server.Control().Accounts.Accounts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(all, func(one control.Account) bool { return one.Name == a.Name })
		h := hmac.New(sha256.New, []byte(all[i].Rotation[signing][whose]))
		h.Write(q.body())
		if value(q.head(), "X-Prembly-Signature") != base64.StdEncoding.EncodeToString(h.Sum(nil)) || attempt.SignedBy != "public_key ("+whose+")" {
			t.Errorf("%s: signed by %s:\n%s", whose, attempt.SignedBy, q.head())
		}
	}
}
