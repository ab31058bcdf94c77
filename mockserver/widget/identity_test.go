package widget_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// generation is a script that defines IdentityKYC, with the parameters of its pages.
type generation struct {
	name, provider, script string
	parameters             string // JSON without the callback
	required               []string
	invalid                string // message of E00; empty: the parameters as JSON
	session                bool   // the account's API has the session
}

var generations = []generation{
	{"kyc.js", "identitypass", "/identitypass/v1/inline/kyc.js",
		`{"first_name":"Ada","last_name":"Okoro","email":"a@example.com","merchant_key":"sandbox_pk_1","user_ref":"u-1","is_test":true}`,
		[]string{"first_name", "last_name", "email", "merchant_key"}, "", false},
	{"widget.js", "prembly", "/prembly/v1/inline/widget.js",
		`{"first_name":"Ada","last_name":"Okoro","email":"a@example.com","merchant_key":"sandbox_pk_1","user_ref":"u-1","config_id":"CFG"}`,
		[]string{"first_name", "last_name", "email", "merchant_key"}, "", true},
	{"widget-v2.js", "prembly", "/prembly/v1/inline/widget-v2.js",
		`{"first_name":"Ada","last_name":"Okoro","email":"a@example.com","merchant_key":"sandbox_pk_1","user_ref":"u-1","config_id":"CFG","image":"https://app.example.com/a.png"}`,
		[]string{"first_name", "last_name", "email", "merchant_key"}, "", true},
	{"widget-v3.js", "prembly", "/prembly/v1/inline/widget-v3.js",
		`{"first_name":"Ada","last_name":"Okoro","email":"a@example.com","widget_id":"w-1","widget_key":"wdgt_1","phone":"0800","metadata":{"user_ref":"u-1"}}`,
		[]string{"first_name", "last_name", "email", "widget_id", "widget_key"}, "Validation failed", true},
}

// signUp is a page with one of the scripts.
type signUp struct {
	*tab
	generation
	url     string
	account *mockservertest.Account
	hooks   *mockservertest.Receiver
}

func newSignUp(t *testing.T, s *mockservertest.Server, p *tab, g generation) *signUp {
	t.Helper()
	account := "sandbox_pk_1"
	if strings.Contains(g.script, "-v3") {
		account = "wdgt_1"
	}
	c := &signUp{tab: p, generation: g, account: s.Account(account), hooks: mockservertest.NewReceiver(t)}
	c.account.Webhook(g.provider, c.hooks.URL)
	c.url = app(t, `<button id=go>Verify</button><script src="`+s.URL()+g.script+`"></script>
		<script>window.heard = []; window.addEventListener("message", (e) => heard.push(e.data)); window.calls = [];
		const verify = (more = {}) => new Promise((done) => IdentityKYC.verify({...`+g.parameters+`, callback: (...all) => { calls.push(all); done(all); }, ...more}));</script>`)
	return c
}

func (c *signUp) visit(query string) { c.t.Helper(); c.open(c.url + "/?" + query) }

// callback returns the arguments of the page's callback: code, status and message, and the second argument.
func (c *signUp) callback(expression string) (result struct {
	Code, Status, Message, Channel string
	Data                           json.RawMessage
}, raw map[string]any) {
	c.t.Helper()
	var all [2]json.RawMessage
	if err := json.Unmarshal([]byte(c.eval(expression)), &all); err != nil {
		c.t.Fatal(err)
	}
	if err := json.Unmarshal(all[0], &result); err != nil {
		c.t.Fatal(err)
	}
	if err := json.Unmarshal(all[1], &raw); err != nil {
		c.t.Fatal(err)
	}
	return result, raw
}

// Every generation calls back with every code, and agrees with the webhook and the API.
func TestIdentityKYC(t *testing.T) {
	t.Parallel()
	b := browser(t)
	for _, g := range generations {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			c := newSignUp(t, begin(t), newTab(t, b), g)
			c.succeeds(t)
			c.fails(t)
			c.refuses(t)
			c.isChosenByHand(t)
		})
	}
}

func (c *signUp) succeeds(t *testing.T) {
	c.visit("idmock_outcome=success")
	result, raw := c.callback(`verify()`)
	if result.Code != "00" || result.Status != "success" || result.Channel != "NIN" || raw["eventInstance"] != "identity_verification_event" {
		t.Errorf("success is %+v with %v", result, raw)
	}
	c.want(`document.querySelector("#identity-frame-container, [data-idmock-overlay]")`, "null")
	c.want(`heard.filter((d) => d.eventInstance === "identity_verification_event").length`, "1")
	if got := c.hooks.Got(); len(got) != 0 {
		t.Errorf("called back too early: %v", got)
	}
	c.account.Advance(time.Second)
	event := c.hooks.Next()
	var body map[string]any
	if err := json.Unmarshal(event.Body, &body); err != nil {
		t.Fatal(err)
	}
	record, person := body["data"], body["widget_info"]
	if c.provider == "identitypass" {
		record, person = body["data"].(map[string]any)["nin_data"], body["user_info"]
	}
	var same any
	if err := json.Unmarshal(result.Data, &same); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(record, same); diff != "" {
		t.Errorf("the page gets another record than the webhook (-webhook +page):\n%s", diff)
	}
	if p := person.(map[string]any); p["first_name"] != "Ada" || p["email"] != "a@example.com" || p["user_ref"] != "u-1" {
		t.Errorf("the person in the webhook is %v", p)
	}
	if c.session {
		if face, ok := body["face_data"].(map[string]any); !ok || face["Status"] != true {
			t.Errorf("the webhook's face_data is %v", body["face_data"])
		}
		c.agrees(t, "VERIFIED")
	}
}

func (c *signUp) fails(t *testing.T) {
	c.visit("idmock_outcome=failed")
	if result, raw := c.callback(`verify()`); result.Code != "E01" || result.Status != "failed" || result.Message == "" || raw != nil {
		t.Errorf("failed is %+v with %v", result, raw)
	}
	c.account.Advance(time.Second)
	event := c.hooks.Next()
	if !strings.Contains(string(event.Body), `"response_code":"01"`) {
		t.Errorf("the webhook says %s", event.Body)
	}
	if c.session {
		c.agrees(t, "NOT-VERIFIED")
	}
	c.visit("idmock_outcome=cancelled")
	if result, raw := c.callback(`verify()`); result.Code != "E02" || result.Status != "cancelled" || result.Message != "Verification Canceled" || raw != nil {
		t.Errorf("cancelled is %+v with %v", result, raw)
	}
	c.account.Advance(time.Hour)
	if got := c.hooks.Got(); len(got) != 2 {
		t.Errorf("%d webhooks, want none for what was cancelled", len(got))
	}
}

// agrees gets the session that the last webhook is about.
func (c *signUp) agrees(t *testing.T, want string) {
	t.Helper()
	events := mockservertest.Entries[journal.Event](c.account)
	reference := events[len(events)-1].Run
	got := ask(t, c.account.Server, "GET", "/prembly/api/v1/checker-widget/sdk/sessions/"+reference+"/", "", "x-api-key: "+c.account.Name)
	if status := got.At("response.verification_status"); status != want {
		t.Errorf("the API says %s of the session, want %s: %s", status, want, got.Body)
	}
}

// refuses: parameters that the real script rejects call back with E00, and no session begins.
func (c *signUp) refuses(t *testing.T) {
	c.visit("")
	for _, name := range c.required {
		result, raw := c.callback(fmt.Sprintf(`verify({%s: undefined})`, name))
		var data struct{ Param string }
		if err := json.Unmarshal(result.Data, &data); err != nil {
			t.Fatal(err)
		}
		if result.Code != "E00" || data.Param != name+" is required" || raw != nil || c.invalid != "" && result.Message != c.invalid || c.invalid == "" && !strings.HasPrefix(result.Message, "{") {
			t.Errorf("without %s: %+v", name, result)
		}
	}
	if result, _ := c.callback(`verify({email: "ada"})`); result.Code != "E00" || !strings.Contains(string(result.Data), "Email is not valid") {
		t.Errorf("with a bad address: %+v", result)
	}
	c.want(`IdentityKYC.verify({...`+c.parameters+`}).then(() => calls.length)`, fmt.Sprint(len(c.required)+1))
	c.hears("callback is required")
	c.want(`document.querySelector("#identity-frame-container, [data-idmock-overlay]")`, "null")
	if !c.session { // later generations need no key
		if result, raw := c.callback(`verify({merchant_key: "revoked-key"})`); result.Code != "E00" || raw != nil {
			t.Errorf("with a bad key: %+v", result)
		}
	}
}

// isChosenByHand: the dialog is in the frame and can be closed.
func (c *signUp) isChosenByHand(t *testing.T) {
	c.visit("")
	// The frame has another origin, so the test drives it as a page of its own.
	c.eval(`void (window.ended = verify())`)
	c.wait(`document.querySelector("#identity-frame-component")`)
	var src string
	if err := json.Unmarshal([]byte(c.eval(`document.querySelector("#identity-frame-component").src`)), &src); err != nil {
		t.Fatal(err)
	}
	c.want(`document.querySelector("#identity-frame-component").allow.includes("camera")`, "true")
	c.open(src)
	c.eval(`void (window.heard = [], window.addEventListener("message", (e) => heard.push(e.data)))`)
	find := `document.querySelector("body > div").shadowRoot.querySelector("dialog")`
	c.wait(`document.querySelector("body > div")?.shadowRoot && ` + find + `?.open`)
	c.want(`[...`+find+`.querySelectorAll("[data-outcome]")].map((b) => b.dataset.outcome)`, `["failed","cancelled"]`)
	c.want(find+`.querySelector("[data-outcome=failed] code").textContent.includes("then sends")`, "true")
	c.eval(find + `.querySelector("[data-outcome=failed]").click()`)
	c.wait(`heard.length === 1`)
	c.want(`heard[0].data.status`, `"failed"`)
}

// A scenario decides the outcome of the session, and its timeline does not end it again.
func TestIdentityKYCDecidedByScenario(t *testing.T) {
	t.Parallel()
	b := browser(t)
	for _, g := range []generation{generations[0], generations[3]} {
		c := newSignUp(t, begin(t), newTab(t, b), g)
		for scenario, want := range map[string]string{"face-match": "00", "face-mismatch": "E01", "not-found": "E01", "provider-down": "E00"} {
			if got := c.account.Control("POST", "/arm", map[string]any{"provider": c.provider, "scenario": scenario, "calls": 1}); got.Status >= 300 {
				t.Fatalf("arm: %s", got.Body)
			}
			c.visit("")
			if result, _ := c.callback(`verify()`); result.Code != want {
				t.Errorf("%s: %s is %+v, want %s", g.name, scenario, result, want)
			}
		}
		// The subject may decide, too: the register has no such number.
		c.visit("")
		subject := `{user_ref: "11111111111", metadata: {user_ref: "11111111111"}}`
		if result, _ := c.callback(`verify(` + subject + `)`); result.Code != "E01" {
			t.Errorf("%s: unknown subject: got %+v", g.name, result)
		}
		c.account.Advance(time.Hour)
		if got := c.hooks.Got(); len(got) != 4 {
			t.Errorf("%s: %d webhooks, want one for each session", g.name, len(got))
		}
	}
}

// As with the real script, the second verify calls back twice.
func TestIdentityKYCListensForEver(t *testing.T) {
	t.Parallel()
	c := newSignUp(t, begin(t), newTab(t, browser(t)), generations[2])
	c.visit("idmock_outcome=success")
	c.eval(`verify().then(() => 1)`)
	c.eval(`verify().then(() => 1)`)
	c.wait(`calls.length === 3`)
	// A page may post the event itself, as tests of the real widget do.
	c.eval(`void window.postMessage({eventInstance: "identity_verification_event", data: {status: "failed", message: "no"}}, "*")`)
	c.wait(`calls.length === 5`)
	c.want(`calls[4]`, `[{"code":"E01","message":"no","status":"failed"},null]`)
	c.want(`typeof loadingOverlay().activate`, `"function"`)
}
