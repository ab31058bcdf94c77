package har_test

import (
	"encoding/json"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/journal/har"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/store"
)

// validator judges archives by the schema that the form's users agreed on. It is somebody else's reading of the form.
const validator = "har-validator@5.1.5"

func validate(t *testing.T, archive []byte) {
	t.Helper()
	if said := judge(t, archive); said != "valid" {
		t.Errorf("the archive is not valid: %s\n%s", said, archive)
	}
}

// judge has Node judge an archive. Without the validator the test fails: what nobody looked at is not valid.
func judge(t *testing.T, archive []byte) string {
	t.Helper()
	dir := t.TempDir()
	install := exec.CommandContext(t.Context(), "npm", "install", "--prefix", dir, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error", validator)
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm install %s: %v\n%s", validator, err, out)
	}
	file := filepath.Join(dir, "archive.har")
	if err := os.WriteFile(file, archive, 0o600); err != nil {
		t.Fatal(err)
	}
	const script = `require("har-validator/lib/promise").har(JSON.parse(require("fs").readFileSync(process.argv[1])))
		.then(log => console.log("valid"), e => { console.error(JSON.stringify(e.errors, null, 1)); process.exit(1) })`
	run := exec.CommandContext(t.Context(), "node", "-e", script, file)
	run.Dir = dir
	out, err := run.CombinedOutput()
	if text := strings.TrimSpace(string(out)); err == nil || strings.Contains(text, "schemaPath") {
		return text
	}
	t.Fatalf("%s did not run: %v\n%s", validator, err, out)
	return ""
}

// The validator does find what is wrong.
func TestValidatorJudges(t *testing.T) {
	t.Parallel()
	broken := har.End(append(har.Begin(nil, har.Options{Version: "1"}), `{"startedDateTime":"yesterday"}`...), "")
	if said := judge(t, broken); !strings.Contains(said, "date-time") && !strings.Contains(said, "required") {
		t.Errorf("of a broken archive it says %s", said)
	}
}

// archive is what a reader of the form takes from it.
type archive struct {
	Log struct {
		Comment string
		Entries []struct {
			Time    float64
			Kind    string `json:"_kind"`
			Event   string `json:"_event"`
			Attempt int    `json:"_attempt"`
			Error   string `json:"_error"`
			Account string `json:"_account"`
			Request struct {
				Method, URL string
				QueryString []struct{ Name, Value string }
				Headers     []struct{ Name, Value string }
				PostData    *struct {
					MimeType, Text string
					Encoding       string `json:"_encoding"`
				}
			}
			Response struct {
				Status  int
				Content struct{ Text, Encoding string }
			}
			Timings struct{ Blocked, DNS, Connect, Send, Wait, Receive float64 }
		}
	}
}

func read(t *testing.T, text []byte) archive {
	t.Helper()
	var a archive
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return a
}

// What an account did and was told comes out as an archive that others can read: calls, failed attempts, bytes that are
// no text, and a call that was never answered.
func TestArchiveOfAnAccount(t *testing.T) {
	t.Parallel()
	const provider = "identitypass"
	s := mockservertest.Start(t, mockserver.Config{Frozen: true})
	receiver := mockservertest.NewReceiver(t)
	receiver.Answer(mockservertest.Response{Status: 503, Body: "\xff\x00 not text"}, mockservertest.Response{Body: "fine"})
	a := s.Account("the key")
	a.Webhook(provider, receiver.URL+"/hooks?from=idmock&empty")
	a.Call(provider, "verifyBVN", map[string]string{"number": "22222222222"})
	binary := a.Request(provider, "verifyBVN", "\xfe\xff")
	binary.Header.Set("Cookie", "session=1; theme=dark")
	if got := s.Do(binary); got.Status != 400 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	a.Advance(time.Hour)

	whole := a.Control("GET", "/journal?format=har", nil)
	validate(t, whole.Body)
	log := read(t, whole.Body).Log
	if len(log.Entries) != 4 || whole.Header.Get("Content-Disposition") != `attachment; filename="idmock-the-key.har"` {
		t.Fatalf("%d entries (%s), want two calls and two attempts: %s", len(log.Entries), whole.Header.Get("Content-Disposition"), whole.Body)
	}
	asked, refused, failed, accepted := log.Entries[0], log.Entries[1], log.Entries[2], log.Entries[3]
	if asked.Kind != "call" || asked.Request.Method != http.MethodPost || !strings.HasPrefix(asked.Request.URL, s.URL()+"/identitypass/") || !strings.Contains(asked.Response.Content.Text, `"02"`) {
		t.Errorf("the first call is %+v", asked)
	}
	if refused.Response.Status != 400 || refused.Request.PostData.Text != "/v8=" || refused.Request.PostData.Encoding != "base64" || refused.Error == "" {
		t.Errorf("bytes that are no text: %+v", refused)
	}
	if failed.Attempt != 1 || failed.Response.Status != 503 || failed.Response.Content.Encoding != "base64" || failed.Request.QueryString[0].Value != "idmock" {
		t.Errorf("the failed attempt is %+v", failed)
	}
	if accepted.Attempt != 2 || accepted.Event != "verification.completed" || accepted.Response.Content.Text != "fine" {
		t.Errorf("the accepted attempt is %+v", accepted)
	}
	for _, e := range log.Entries {
		sum := e.Timings.Send + e.Timings.Wait + e.Timings.Receive + max(0, e.Timings.Blocked) + max(0, e.Timings.DNS) + max(0, e.Timings.Connect)
		if math.Abs(sum-e.Time) > 1e-6 || e.Time <= 0 {
			t.Errorf("time %v is not the sum of its phases %+v", e.Time, e.Timings)
		}
	}
	if !strings.Contains(string(whole.Body), `"the key"`) {
		t.Error("the archive is not as it was sent: the key is missing")
	}

	// What is passed on tells no key.
	passedOn := a.Control("GET", "/journal?format=har&redact=true", nil).Body
	validate(t, passedOn)
	for _, never := range []string{"the key", "session=1", "sandbox_pk_", asked.Request.URL + "?"} {
		if strings.Contains(string(passedOn), never) {
			t.Errorf("the redacted archive has %q: %s", never, passedOn)
		}
	}
	if again := read(t, passedOn).Log; len(again.Entries) != 4 || again.Entries[0].Request.PostData.Text != asked.Request.PostData.Text {
		t.Errorf("redacting took away what is no secret: %s", passedOn)
	}

	only := read(t, a.Control("GET", "/journal?format=har&kind=attempt&limit=1", nil).Body).Log
	if len(only.Entries) != 1 || only.Entries[0].Attempt != 1 {
		t.Errorf("one attempt alone: %+v", only.Entries)
	}
}

// What retention has dropped is said, and a call that was never answered has no response.
func TestArchiveTellsWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := mockservertest.Start(t, mockserver.Config{Frozen: true, Retention: store.Retention{Entries: 3}})
	a := s.Account("few")
	for range 5 {
		a.Call("identitypass", "verifyBVN", map[string]string{"number": "12345678901"})
	}
	text := a.Control("GET", "/journal?format=har", nil).Body
	validate(t, text)
	if log := read(t, text).Log; !strings.HasSuffix(log.Comment, "entries of the journal had been dropped before") || len(log.Entries) == 0 {
		t.Errorf("the comment is %q", log.Comment)
	}
	never := journal.New("a", time.Now(), time.Now(), journal.Call{Method: "GET", Path: "/x?a=b;c&key=1%20", Error: &journal.CallError{Message: "never"}})
	one, ok, err := har.Append([]byte("["), never, har.Options{})
	if err != nil || !ok || !strings.Contains(string(one), `"status":0,`) || !strings.HasPrefix(string(one), `[{"started`) {
		t.Errorf("%s, %v", one, err)
	}
	if out, ok, err := har.Append([]byte("["), journal.New("a", time.Now(), time.Now(), journal.Reset{}), har.Options{}); ok || err != nil || string(out) != "[" {
		t.Errorf("a reset in an archive: %s, %v", out, err)
	}
	if _, _, err := har.Append(nil, store.Entry{Kind: journal.KindCall, Data: []byte("{")}, har.Options{}); err == nil {
		t.Error("a broken entry is no error")
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("/x?api_key=1&b=2", `{"token": "abc", "nested": {"Secret\"": "x"}}`)
	f.Add("//:%", `{"key":"`)
	f.Fuzz(func(t *testing.T, path, body string) {
		e := journal.New("a", time.Now(), time.Now(), journal.Call{Method: "POST", Path: path, Status: 200,
			Request: journal.Payload{Headers: []journal.Header{{"Host", "h"}, {"X-Api-Key", "sesame"}}, Body: journal.NewBody([]byte(body), int64(len(body)))}})
		out, ok, err := har.Append(nil, e, har.Options{Redact: true})
		if err != nil || !ok || !json.Valid(out) || strings.Contains(string(out), "sesame") && !strings.Contains(path+body, "sesame") {
			t.Errorf("%v: %s", err, out)
		}
	})
}
