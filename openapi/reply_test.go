package openapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/settings"
)

// An example's property that has x-idmock-value is the expression's value: at any depth, in lists, in the example that
// a webhook quotes. A property that the example leaves out stays out.
func TestLiveExamples(t *testing.T) {
	p := open(t, acme())
	op := operation(t, p, "verifyPerson")
	s := scope(t, p, `4"2`)
	name := s.Fake.FirstName
	over, err := template.ParseJSON([]byte(`{"number":"${upper('x')}","extra":[1]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		example string
		over    *template.Node
		status  int
		want    string
	}{
		{"", nil, 200, `{"name":"NAME","number":"4\"2","spouse":{"name":"NAME"},"friends":[{"name":"NAME"}]}`},
		{"success", over, 200, `{"name":"NAME","number":"X","spouse":{"name":"NAME"},"friends":[{"name":"NAME"}],"extra":[1]}`},
		{"unnamed", nil, 200, `{"name":"NAME"}`},
		{"unavailable", nil, 503, `{"down":true}`},
	} {
		reply, err := p.Reply(op, c.example, c.over, s)
		if err != nil {
			t.Errorf("%s: %v", c.example, err)
			continue
		}
		if want := strings.ReplaceAll(c.want, "NAME", name); string(reply.Body) != want || reply.Status != c.status {
			t.Errorf("%s: answered %d %s, want %d %s", c.example, reply.Status, reply.Body, c.status, want)
		}
		if diff := cmp.Diff([][2]string{{"Content-Type", "application/json"}}, reply.Header); diff != "" {
			t.Error(diff)
		}
	}
	if _, err := p.Reply(op, "sucess", nil, s); err == nil || !strings.Contains(err.Error(), `no example "sucess": use success, unnamed, unavailable`) {
		t.Errorf("an unknown example: %v", err)
	}
}

func TestOperationsKnowWhatTheyAre(t *testing.T) {
	p := open(t, acme())
	operations, err := p.Operations()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, op := range operations {
		line := op.Method + " " + op.Path + " " + op.ID
		if op.Starts() {
			line += " starts"
		}
		if missing, ok := op.Finds(); ok {
			line += " finds or " + missing
		}
		if verb := op.DashboardVerb(); verb != "" {
			line += " " + string(verb)
			if verb == openapi.DashboardTest {
				event, _ := op.DashboardTest()
				line += " " + event
			}
		}
		if op.Public {
			line += " public"
		}
		got = append(got, strings.TrimSpace(line))
	}
	want := []string{"POST /check verifyPerson starts", "GET /checks/{id}/ getCheck finds or missing", "GET /search searchAll public",
		"GET /settings getSettings read", "PUT /settings putSettings update", "POST /settings/test testSettings test check.done"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w, err := operation(t, p, "putSettings").Webhook(&template.Scope{Body: map[string]any{"url": "http://app/hook"}}); err != nil || w.URL != "http://app/hook" {
		t.Errorf("webhook %+v, %v", w, err)
	}
	if op, err := p.Operation("missing"); op != nil || err != nil {
		t.Errorf("an unknown operation: %v, %v", op, err)
	}
}

func TestRequest(t *testing.T) {
	p := open(t, acme())
	for _, c := range []struct{ operation, subject, want string }{
		{"verifyPerson", "", `{"number":"123","age":30}`},
		{"verifyPerson", "7", `{"number":"7","age":30}`},
		{"putSettings", "7", `{"url":"http://app/hook"}`}, // it has no such notion
	} {
		mediaType, body, err := operation(t, p, c.operation).Request(c.subject)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := body.Append(nil, nil); string(got) != c.want || mediaType != "application/json" {
			t.Errorf("%s %s: %s, want %s", c.operation, mediaType, got, c.want)
		}
	}
	if mediaType, body, err := operation(t, p, "getSettings").Request(""); mediaType != "" || body != nil || err != nil {
		t.Errorf("an operation without a body: %q %v %v", mediaType, body, err)
	}
}

func TestRefuse(t *testing.T) {
	p := open(t, acme())
	reply, err := p.Refuse(&openapi.Error{Kind: openapi.Method, Message: `use "GET"`, Allow: "GET"}, &template.Scope{})
	want := openapi.Reply{Status: 405, Header: [][2]string{{"Content-Type", "application/json"}, {"Allow", "GET"}}, Body: []byte(`{"error":"use \"GET\""}`)}
	if diff := cmp.Diff(want, reply); err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
}

func TestDeliver(t *testing.T) {
	p := open(t, acme())
	s := scope(t, p, "7")
	s.Account["public_key"] = "pk_demo_123"
	over, err := template.ParseJSON([]byte(`{"number":"8","spouse":{"age":3},"code":"00"}`))
	if err != nil {
		t.Fatal(err)
	}
	d, err := p.Webhooks().Deliver("check.done", over, s, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	want := openapi.Delivery{
		Header:   [][2]string{{"Content-Type", "application/json"}, {"X-Signature", "cGtfZGVtb18xMjM="}},
		Body:     []byte(strings.ReplaceAll(`{"event":"done","data":{"name":"NAME","number":"8","spouse":{"name":"NAME","age":3},"friends":[{"name":"NAME"}],"code":"00"}}`, "NAME", s.Fake.FirstName)),
		SignedBy: "public_key", Signature: "cGtfZGVtb18xMjM=",
	}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, d.Body)
	}
	if err := p.Webhooks().Validate("check.done", d.Body); err != nil {
		t.Error(err)
	}
	if _, err := p.Webhooks().Deliver("check.gone", nil, s, time.Unix(0, 0)); err == nil {
		t.Error("an unknown event was delivered")
	}
	s.Run["operation"] = "missing"
	if _, err := p.Webhooks().Deliver("check.done", nil, s, time.Unix(0, 0)); err == nil || !strings.Contains(err.Error(), `unknown operation "missing"`) {
		t.Errorf("error %v", err)
	}
}

func TestCheck(t *testing.T) {
	p := open(t, acme())
	op := operation(t, p, "verifyPerson")
	for _, c := range []struct {
		status     int
		body, want string
	}{
		{200, `{"name":"Ada","more":1}`, ""},
		{200, `{"name":null}`, ""},
		{200, `{"name":3}`, "response 200: name: "},
		{200, `{}`, "name: this field is required"},
		{200, `{"name":"x","friends":[{}]}`, "friends.0.name"},
		{200, `nothing`, "not JSON"},
		{200, `{"name":"x"} {}`, "not JSON"},
		{422, `{"error":"x"}`, ""},
		{401, `{}`, "response 401: error: "},
		{302, `{}`, "undocumented response 302: the document has [200 4XX 503]"},
	} {
		judge(t, op.ValidateResponse(c.status, []byte(c.body)), c.want, c.body)
	}
	for body, want := range map[string]string{
		`{"event":"done","data":{"name":"Ada"}}`: "",
		`{"event":"done"}`:                       "event check.done: data: this field is required",
		`[]`:                                     "body: value must be an object",
		``:                                       "not JSON",
	} {
		judge(t, p.Webhooks().Validate("check.done", []byte(body)), want, body)
	}
	judge(t, p.Webhooks().Validate("check.gone", nil), "no event", "")
	judge(t, open(t, with("provider.yaml", "webhook: done", "webhook: gone")).Webhooks().Validate("check.done", []byte(`{}`)), `no webhook "gone"`, "")
}

func judge(t *testing.T, err error, want, body string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("%s: error %v, want %q", body, err, want)
	}
}

func TestCredentials(t *testing.T) {
	p := open(t, acme())
	first, err := p.Credentials("a", 1)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := p.Credentials("a", 1)
	other, _ := p.Credentials("a", 2)
	if !cmp.Equal(first, again) || cmp.Equal(first["public_key"], other["public_key"]) || first["api_key"] != "a" {
		t.Errorf("%v, again %v, with another seed %v", first, again, other)
	}
	if diff := cmp.Diff([]string{"api_key", "public_key"}, p.CredentialNames()); diff != "" {
		t.Error(diff)
	}
}

func TestRetry(t *testing.T) {
	p := open(t, acme())
	for _, c := range []struct {
		failed int
		after  time.Duration
		again  bool
	}{{-1, 0, false}, {0, 0, false}, {1, time.Second, true}, {2, time.Minute, true}, {3, 24 * time.Hour, true}, {4, 0, false}, {1 << 40, 0, false}} {
		if after, again := p.Webhooks().Retry().Next(settings.Failure{Attempt: c.failed}, nil); after != c.after || again != c.again {
			t.Errorf("after %d failures: %v, %v, want %v, %v", c.failed, after, again, c.after, c.again)
		}
	}
	if _, again := (settings.Retry{}).Next(settings.Failure{Attempt: 1}, nil); again {
		t.Error("an empty table tries again")
	}
	if p.Webhooks().Timeout() != 5*time.Second || p.Webhooks().Method() != "POST" || p.Webhooks().Accept()[0] != "2xx" || p.Prefix != "/acme" {
		t.Errorf("timeout %v, method %s, accepts %v, prefix %s", p.Webhooks().Timeout(), p.Webhooks().Method(), p.Webhooks().Accept(), p.Prefix)
	}
}
