package widget_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/idmock/idmock/mockserver/mockservertest"
)

const faces = "faceio"

// codes are those of package @faceio/fiojs 3.0.0.
var codes = map[string]int{
	"PERMISSION_REFUSED": 1, "NO_FACES_DETECTED": 2, "UNRECOGNIZED_FACE": 3, "MANY_FACES": 4, "PAD_ATTACK": 5, "FACE_MISMATCH": 6,
	"NETWORK_IO": 7, "WRONG_PIN_CODE": 8, "PROCESSING_ERR": 9, "UNAUTHORIZED": 10, "TERMS_NOT_ACCEPTED": 11, "UI_NOT_READY": 12,
	"SESSION_EXPIRED": 13, "TIMEOUT": 14, "TOO_MANY_REQUESTS": 15, "EMPTY_ORIGIN": 16, "FORBIDDEN_ORIGIN": 17, "FORBIDDEN_COUNTRY": 18,
	"UNIQUE_PIN_REQUIRED": 19, "SESSION_IN_PROGRESS": 20, "FACE_DUPLICATION": 21, "MINORS_NOT_ALLOWED": 22, "UPGRADE_REQUIRED": 23,
	"ABORTED_BY_USER": 24, "FORBIDDDEN_ORIGIN": 17, "FORBIDDDEN_COUNTRY": 18,
}

// before are the codes of rejections before the widget is shown: the object can be used again after them.
var before = []string{"UNAUTHORIZED", "EMPTY_ORIGIN", "FORBIDDEN_ORIGIN", "FORBIDDEN_COUNTRY", "UPGRADE_REQUIRED", "FORBIDDDEN_ORIGIN", "FORBIDDDEN_COUNTRY"}

// raisedBy are the documented codes of each method once the widget is shown.
var raisedBy = map[string][]string{
	"enroll": {"PERMISSION_REFUSED", "NO_FACES_DETECTED", "MANY_FACES", "PAD_ATTACK", "FACE_MISMATCH", "NETWORK_IO", "PROCESSING_ERR",
		"TERMS_NOT_ACCEPTED", "UI_NOT_READY", "SESSION_EXPIRED", "TIMEOUT", "TOO_MANY_REQUESTS", "UNIQUE_PIN_REQUIRED", "SESSION_IN_PROGRESS",
		"FACE_DUPLICATION", "MINORS_NOT_ALLOWED", "ABORTED_BY_USER"},
	"authenticate": {"PERMISSION_REFUSED", "NO_FACES_DETECTED", "UNRECOGNIZED_FACE", "MANY_FACES", "PAD_ATTACK", "NETWORK_IO", "WRONG_PIN_CODE",
		"PROCESSING_ERR", "UI_NOT_READY", "SESSION_EXPIRED", "TIMEOUT", "TOO_MANY_REQUESTS", "SESSION_IN_PROGRESS"},
}

// camera is an app with the script on its page, the account of its public ID, and the account's receiver.
type camera struct {
	*tab
	url     string
	account *mockservertest.Account
	hooks   *mockservertest.Receiver
}

func newCamera(t *testing.T, s *mockservertest.Server, p *tab, publicID string) *camera {
	t.Helper()
	hooks := mockservertest.NewReceiver(t)
	account := s.Account(publicID)
	account.Webhook(faces, hooks.URL)
	html := `<h1>Sign up</h1><button id=up>Up</button><script src="` + s.URL() + `/faceio/fio.js"></script><script>const faceio = new faceIO("` + publicID + `");</script>`
	return &camera{p, app(t, html), account, hooks}
}

// visit opens the app's page with options in its URL.
func (c *camera) visit(query string) { c.t.Helper(); c.open(c.url + "/signup?" + query) }

func rejected(name string) string { return fmt.Sprintf(`{"rejected":%d}`, codes[name]) }

// A promise is rejected with the bare number of each documented code, and afterwards the session is as documented: over or, if the
// widget was never shown, unchanged.
func TestFaceIOEveryCode(t *testing.T) {
	t.Parallel()
	s := begin(t)
	c := newCamera(t, s, newTab(t, browser(t)), "fioa0001")
	for method, names := range raisedBy {
		for _, name := range append(names, before...) {
			c.visit("idmock_outcome=" + name)
			if got := c.ends(`faceio.` + method + `()`); got != rejected(name) {
				t.Errorf("%s with %s: %s, want %d", method, name, got, codes[name])
			}
			c.want(`document.querySelector("#faceio-modal").shadowRoot?.querySelector("dialog") ?? null`, "null")
			next, want := c.ends(`faceio.`+method+`()`), rejected("SESSION_EXPIRED")
			for _, early := range before {
				if name == early {
					want = rejected(name)
				}
			}
			if next != want {
				t.Errorf("%s again after %s: %s, want %s", method, name, next, want)
			}
		}
	}
	if got := c.hooks.Got(); len(got) != 0 {
		t.Errorf("webhook of a failure: %v", got)
	}
	c.visit("idmock_outcome=3")
	if got := c.ends(`faceio.enroll()`); !strings.Contains(got, "unknown outcome UNRECOGNIZED_FACE: use success") {
		t.Errorf("an outcome that enroll does not have: %s", got)
	}
	var want []byte
	want, _ = json.Marshal(codes)
	var have map[string]int
	if err := json.Unmarshal([]byte(c.eval(`fioErrCode`)), &have); err != nil {
		t.Fatal(err)
	}
	if got, _ := json.Marshal(have); string(got) != string(want) {
		t.Errorf("fioErrCode is %s, want %s", got, want)
	}
	c.want(`window.faceIO === faceIO && window.fioErrCode === fioErrCode && window.fioState === fioState && faceio.fetchAllErrorCodes() === fioErrCode`, "true")
}

// The promise's value, later API responses and the webhook agree.
func TestFaceIOIsOneStory(t *testing.T) {
	t.Parallel()
	s := begin(t)
	c := newCamera(t, s, newTab(t, browser(t)), "fioa0002")
	c.visit("idmock_outcome=success&idmock_pin=4711")
	var user struct {
		Resolved struct {
			FacialID, Timestamp string
			Details             struct {
				Gender string
				Age    int
			}
		}
	}
	if err := json.Unmarshal([]byte(c.ends(`faceio.enroll({payload: {whoami: 123456}, userConsent: true})`)), &user); err != nil {
		t.Fatal(err)
	}
	id := user.Resolved.FacialID
	if !strings.HasSuffix(id, "fioa0002") || len(id) != 40 || user.Resolved.Timestamp != "2026-03-02T09:30:00" || user.Resolved.Details.Age < 18 {
		t.Errorf("enrolled as %+v", user.Resolved)
	}
	if got := c.hooks.Got(); len(got) != 0 {
		t.Errorf("webhook before the response: %v", got)
	}
	c.account.Advance(time.Second)
	want := fmt.Sprintf(`"eventName":"ENROLL","facialId":"%s","appId":"fioa0002"`, id)
	looks := fmt.Sprintf(`"details":{"timestamp":"2026-03-02","gender":"%s","age":"%d"}`, user.Resolved.Details.Gender, user.Resolved.Details.Age)
	if got := string(c.hooks.Next().Body); !strings.Contains(got, want) || !strings.Contains(got, looks) {
		t.Errorf("got %s, want %s and %s", got, want, looks)
	}
	key := s.Account(credential(t, c.account, faces, "api_key")) // the backend names the same account by its API key
	if got := key.Call(faces, "checkFacialIDByPost", map[string]string{"fid": id}); got.At("valid") != "true" {
		t.Errorf("checkfacialid says %s", got.Body)
	}
	c.visit("idmock_outcome=success&idmock_pin=4711") // the page is reloaded: enrolled faces are on the server
	if got, want := c.ends(`faceio.authenticate()`), fmt.Sprintf(`{"resolved":{"facialId":"%s","payload":{"whoami":123456}}}`, id); got != want {
		t.Errorf("recognised as %s, want %s", got, want)
	}
	c.account.Advance(time.Second)
	if got := string(c.hooks.Next().Body); !strings.Contains(got, fmt.Sprintf(`"eventName":"AUTH","facialId":"%s"`, id)) {
		t.Errorf("got %s", got)
	}
	c.visit("idmock_outcome=success&idmock_pin=9999")
	if got := c.ends(`faceio.authenticate()`); got != rejected("WRONG_PIN_CODE") {
		t.Errorf("with a wrong PIN: %s", got)
	}
	if got := key.Call(faces, "deleteFacialIDByPost", map[string]string{"fid": id}); got.Status != 200 {
		t.Errorf("deletefacialid says %s", got.Body)
	}
	c.visit("idmock_outcome=success")
	if got := c.ends(`faceio.authenticate()`); got != rejected("UNRECOGNIZED_FACE") {
		t.Errorf("after the deletion: %s", got)
	}
	for _, alias := range []string{"enrol", "register", "record"} {
		c.visit("idmock_outcome=success")
		if got := c.ends(`faceio.` + alias + `({payload: null})`); !strings.HasPrefix(got, `{"resolved":{"facialId":"`) {
			t.Errorf("%s: %s", alias, got)
		}
	}
	for _, alias := range []string{"auth", "recognize", "identify"} {
		c.visit("idmock_outcome=success")
		if got := c.ends(`faceio.` + alias + `()`); !strings.HasSuffix(got, `"payload":null}}`) {
			t.Errorf("%s: %s", alias, got)
		}
	}
}

// A scenario or a subject decides without a dialog.
func TestFaceIODecidedByScenario(t *testing.T) {
	t.Parallel()
	s := begin(t)
	c := newCamera(t, s, newTab(t, browser(t)), "fioa0003")
	for subject, code := range map[string]string{"minor": "MINORS_NOT_ALLOWED", "duplicate": "FACE_DUPLICATION", "spoof": "PAD_ATTACK", "mismatch": "FACE_MISMATCH",
		"outage": "PROCESSING_ERR", "quota": "TOO_MANY_REQUESTS", "timeout": "TIMEOUT"} {
		c.visit("idmock_subject=" + subject)
		if got := c.ends(`faceio.enroll()`); got != rejected(code) {
			t.Errorf("subject %s: %s, want %s", subject, got, code)
		}
	}
	c.visit("idmock_scenario=spoof")
	if got := c.ends(`faceio.authenticate()`); got != rejected("PAD_ATTACK") {
		t.Errorf("scenario in the address: %s", got)
	}
	if got := c.account.Control("POST", "/arm", map[string]any{"provider": faces, "scenario": "forbidden-origin", "calls": 1}); got.Status >= 300 {
		t.Fatalf("arm: %s", got.Body)
	}
	c.visit("idmock_outcome=success")
	if got := c.ends(`faceio.enroll()`); got != rejected("FORBIDDEN_ORIGIN") {
		t.Errorf("armed: %s", got)
	}
	if got := c.ends(`faceio.enroll()`); !strings.HasPrefix(got, `{"resolved"`) {
		t.Errorf("again, once it is over: %s", got)
	}
	if got := c.account.Control("POST", "/arm", map[string]any{"provider": faces, "scenario": "minor", "calls": 1}); got.Status >= 300 {
		t.Fatalf("arm: %s", got.Body)
	}
	c.visit("")
	if got := c.ends(`faceio.enroll()`); got != rejected("MINORS_NOT_ALLOWED") {
		t.Errorf("armed for the enrolment: %s", got)
	}
}

// One operation per page, unless the plan allows the session to be restarted.
func TestFaceIOSession(t *testing.T) {
	t.Parallel()
	s := begin(t)
	c := newCamera(t, s, newTab(t, browser(t)), "fioa0004")
	c.visit("idmock_outcome=success")
	c.want(`faceio.restartSession()`, "false")
	if got := c.ends(`Promise.allSettled([faceio.enroll(), faceio.authenticate()]).then((all) => [all[0].status, all[1].reason, faceio.restartSession()])`); got != `{"resolved":["fulfilled",20,true]}` {
		t.Errorf("two at once: %s", got)
	}
	if got := c.ends(`faceio.authenticate()`); !strings.HasPrefix(got, `{"resolved"`) {
		t.Errorf("after a restart: %s", got)
	}
	if got := c.ends(`faceio.authenticate()`); got != rejected("SESSION_IN_PROGRESS") {
		t.Errorf("after a success: %s", got)
	}
	c.visit("idmock_outcome=MANY_FACES")
	c.ends(`faceio.authenticate()`)
	c.want(`[faceio.restartSession(), faceio.restartSession()]`, "[true,false]")

	c.visit("idmock_outcome=success&idmock_scenario=free-plan")
	c.ends(`faceio.enroll()`)
	c.want(`faceio.restartSession()`, "false")

	c.visit("idmock_outcome=success")
	if got := c.ends(`new faceIO("").enroll()`); got != rejected("UNAUTHORIZED") {
		t.Errorf("without a public ID: %s", got)
	}
	if got := c.ends(`faceio.enroll({payload: "x".repeat(17000)})`); got != rejected("PROCESSING_ERR") {
		t.Errorf("with too large a payload: %s", got)
	}
	for _, beyond := range []string{"liveness", "ageVerify", "idmatch"} {
		if got := c.ends(`faceio.` + beyond + `()`); got != rejected("UPGRADE_REQUIRED") {
			t.Errorf("%s: %s", beyond, got)
		}
	}
	// The page's own object gets the defaults, in milliseconds: a second use has longer times.
	c.visit("idmock_outcome=success")
	c.want(`(async () => { const o = {permissionTimeout: 10, idleTimeout: 9, replyTimeout: 20, termsTimeout: 2}; await faceio.enroll(o); return o; })()`,
		`{"permissionTimeout":10000,"idleTimeout":27000,"replyTimeout":20000,"termsTimeout":600000,"payload":null,"locale":"auto","userConsent":false,"enrollIntroTimeout":11000}`)
	c.hears("FACEIO: simulated by idmock")
}

const dialog = `document.querySelector("#faceio-modal").shadowRoot.querySelector("dialog")`

// press clicks the element of the dialog that matches a selector, once it exists.
func (c *camera) press(selector string) {
	c.t.Helper()
	find := dialog + fmt.Sprintf(`?.querySelector(%q)`, selector)
	c.wait(`document.querySelector("#faceio-modal").shadowRoot && ` + find)
	c.eval(find + `.click()`)
}

// The dialog can be used with the keyboard alone, and states its title and the response of each outcome.
func TestFaceIODialogByKeyboard(t *testing.T) {
	t.Parallel()
	s := begin(t)
	c := newCamera(t, s, newTab(t, browser(t)), "fioa0005")
	c.visit("")
	c.eval(`document.querySelector("#up").focus(), void (window.ended = faceio.enroll({payload: 7, showAbortBtn: true}))`)
	c.wait(`document.querySelector("#faceio-modal").shadowRoot && ` + dialog + `?.open`)
	root := `document.querySelector("#faceio-modal").shadowRoot`
	c.want(dialog+`.matches(":modal") && `+root+`.activeElement.textContent`, `"Accept"`)
	c.want(root+`.getElementById(`+dialog+`.getAttribute("aria-labelledby")).textContent`, `"FACEIO: enroll"`)
	c.want(dialog+`.querySelector("[data-outcome=MINORS_NOT_ALLOWED] code").textContent`, `"responds with {\"errCode\":22,\"error\":\"MINORS_NOT_ALLOWED\"}"`)
	c.do(chromedp.KeyEvent(kb.Enter))
	c.wait(root + `.activeElement?.textContent === "Allow the camera"`)
	c.do(chromedp.KeyEvent(kb.Enter))
	c.wait(root + `.activeElement?.textContent === "Enroll this face"`)
	c.want(dialog+`?.querySelector("form > code")?.textContent.endsWith("then sends ENROLL")`, "true")
	c.want(`[...`+dialog+`.querySelectorAll("label")].map((l) => l.querySelector("input").name)`, `["face","pin"]`)
	c.eval(dialog + `.querySelector("[name=pin]").value = "12"`)
	c.do(chromedp.KeyEvent(kb.Enter))
	c.want(dialog+`.querySelector("[name=pin]").matches(":invalid") && `+dialog+`.open`, `true`)
	c.eval(dialog + `.querySelector("[name=pin]").value = "1200", ` + dialog + `.querySelector("[name=face]").value = "grace", ` + dialog + `.querySelector("[name=pin]").focus()`)
	c.do(chromedp.KeyEvent(kb.Enter))
	if got := c.ends(`ended`); !strings.HasPrefix(got, `{"resolved":{"facialId"`) {
		t.Fatalf("ended with %s", got)
	}
	c.want(`document.activeElement.id`, `"up"`)

	// The face is recognized by its word, and the PIN has three tries.
	c.visit("")
	c.eval(`void (window.ended = faceio.authenticate())`)
	c.press("button.first")
	for _, left := range []string{"", "2", "1"} {
		c.wait(dialog + `?.querySelector("[name=pin]") && ` + dialog + `.querySelector("[role=alert]").textContent.includes("` + left + `")`)
		c.eval(dialog + `.querySelector("[name=face]").value = "grace", ` + dialog + `.querySelector("[name=pin]").value = "0000"`)
		c.press("button.first")
	}
	if got := c.ends(`ended`); got != rejected("WRONG_PIN_CODE") {
		t.Errorf("three wrong PINs: %s", got)
	}

	// Escape closes it only if the page shows an abort button.
	c.visit("")
	c.eval(`void (window.ended = faceio.enroll({showAbortBtn: true}))`)
	c.wait(`document.querySelector("#faceio-modal").shadowRoot && ` + dialog + `?.open`)
	c.do(chromedp.KeyEvent(kb.Escape))
	if got := c.ends(`ended`); got != rejected("ABORTED_BY_USER") {
		t.Errorf("Escape: %s", got)
	}
	c.visit("")
	c.eval(`void (window.ended = faceio.enroll())`)
	c.wait(`document.querySelector("#faceio-modal").shadowRoot && ` + dialog + `?.open`)
	c.do(chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent(kb.Escape))
	c.wait(dialog + `.open`)
	c.press("[data-outcome=UNIQUE_PIN_REQUIRED]") // reports it and asks again
	c.wait(dialog + `.querySelector("[role=alert]").textContent.includes("another")`)
	c.press("[data-outcome=FORBIDDEN_COUNTRY]")
	if got := c.ends(`ended`); got != rejected("FORBIDDEN_COUNTRY") {
		t.Errorf("chosen: %s", got)
	}
}

// Time limits run on the account's clock: they do not expire while it is frozen, and expire when it is advanced.
func TestFaceIOTimeouts(t *testing.T) {
	t.Parallel()
	s := begin(t)
	c := newCamera(t, s, newTab(t, browser(t)), "fioa0006")
	for _, one := range []struct {
		call, code string
		steps      int
		shown      string
		limit      time.Duration
	}{
		{`faceio.enroll({termsTimeout: 5})`, "TERMS_NOT_ACCEPTED", 0, "Accept", 5 * time.Minute},
		{`faceio.enroll({userConsent: true, permissionTimeout: 3})`, "PERMISSION_REFUSED", 0, "Allow", 3 * time.Second},
		{`faceio.enroll({userConsent: true})`, "NO_FACES_DETECTED", 1, "Enroll", 27 * time.Second},
		{`faceio.authenticate({idleTimeout: 60})`, "NO_FACES_DETECTED", 1, "Show", time.Minute},
	} {
		c.visit("")
		c.eval(`void (window.over = false, window.ended = ` + one.call + `, ended.catch(() => {}).then(() => over = true))`)
		c.wait(`document.querySelector("#faceio-modal").shadowRoot && ` + dialog + `?.open`)
		for range one.steps {
			c.press("button.first")
		}
		c.wait(dialog + `.querySelector("button.first").textContent.startsWith("` + one.shown + `")`)
		c.account.Advance(one.limit - time.Millisecond)
		c.want(`over`, "false")
		c.account.Advance(time.Millisecond)
		if got := c.ends(`ended`); got != rejected(one.code) {
			t.Errorf("%s: %s, want %s", one.call, got, one.code)
		}
	}
}
