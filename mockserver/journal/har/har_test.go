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

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/journal/har"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/store"
)

// validator checks archives against the published JSON schema of HAR, independently of this package.
const validator = "har-validator@5.1.5"

func validate(t *testing.T, archive []byte) {
	t.Helper()
	if result := runValidator(t, archive); result != "valid" {
		t.Errorf("invalid archive: %s\n%s", result, archive)
	}
}

// runValidator validates an archive with Node. Without the validator the test fails.
func runValidator(t *testing.T, archive []byte) string {
	t.Helper()
	testenv.Need(t, "node", "npm")
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

// The validator rejects an invalid archive.
func TestValidatorRejects(t *testing.T) {
	t.Parallel()
	broken := har.End(append(har.Begin(nil, har.Options{Version: "1"}), `{"startedDateTime":"yesterday"}`...), "")
	if result := runValidator(t, broken); !strings.Contains(result, "date-time") && !strings.Contains(result, "required") {
		t.Errorf("result for a broken archive: %s", result)
	}
}

// archive is the part of HAR that the tests read.
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

// An account's requests and attempts form a valid archive, including failed attempts and binary bodies.
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

	full := a.Control("GET", "/journal?format=har", nil)
	validate(t, full.Body)
	log := read(t, full.Body).Log
	if len(log.Entries) != 4 || full.Header.Get("Content-Disposition") != `attachment; filename="idmock-the-key.har"` {
		t.Fatalf("%d entries (%s), want two calls and two attempts: %s", len(log.Entries), full.Header.Get("Content-Disposition"), full.Body)
	}
	first, rejected, failed, accepted := log.Entries[0], log.Entries[1], log.Entries[2], log.Entries[3]
	if first.Kind != "call" || first.Request.Method != http.MethodPost || !strings.HasPrefix(first.Request.URL, s.URL()+"/identitypass/") || !strings.Contains(first.Response.Content.Text, `"02"`) {
		t.Errorf("the first request is %+v", first)
	}
	if rejected.Response.Status != 400 || rejected.Request.PostData.Text != "/v8=" || rejected.Request.PostData.Encoding != "base64" || rejected.Error == "" {
		t.Errorf("binary request: %+v", rejected)
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
	if !strings.Contains(string(full.Body), `"the key"`) {
		t.Error("the unredacted archive lacks the key")
	}

	redacted := a.Control("GET", "/journal?format=har&redact=true", nil).Body
	validate(t, redacted)
	for _, secret := range []string{"the key", "session=1", "sandbox_pk_", first.Request.URL + "?"} {
		if strings.Contains(string(redacted), secret) {
			t.Errorf("the redacted archive contains %q: %s", secret, redacted)
		}
	}
	if again := read(t, redacted).Log; len(again.Entries) != 4 || again.Entries[0].Request.PostData.Text != first.Request.PostData.Text {
		t.Errorf("redaction removed a value that is not secret: %s", redacted)
	}

	only := read(t, a.Control("GET", "/journal?format=har&kind=attempt&limit=1", nil).Body).Log
	if len(only.Entries) != 1 || only.Entries[0].Attempt != 1 {
		t.Errorf("a single attempt: %+v", only.Entries)
	}
}

// An archive mentions evicted entries, and a request without a response has none in the archive.
func TestArchiveGaps(t *testing.T) {
	t.Parallel()
	s := mockservertest.Start(t, mockserver.Config{Frozen: true, Retention: store.Retention{Entries: 3}})
	a := s.Account("few")
	for range 5 {
		a.Call("identitypass", "verifyBVN", map[string]string{"number": "12345678901"})
	}
	text := a.Control("GET", "/journal?format=har", nil).Body
	validate(t, text)
	if log := read(t, text).Log; !strings.HasSuffix(log.Comment, "journal entries were dropped earlier") || len(log.Entries) == 0 {
		t.Errorf("the comment is %q", log.Comment)
	}
	never := journal.New("a", time.Now(), time.Now(), journal.Call{Method: "GET", Path: "/x?a=b;c&key=1%20", Error: &journal.CallError{Message: "never"}})
	out, ok, err := har.Append([]byte("["), never, har.Options{})
	if err != nil || !ok || !strings.Contains(string(out), `"status":0,`) || !strings.HasPrefix(string(out), `[{"started`) {
		t.Errorf("%s, %v", out, err)
	}
	if out, ok, err := har.Append([]byte("["), journal.New("a", time.Now(), time.Now(), journal.Reset{}), har.Options{}); ok || err != nil || string(out) != "[" {
		t.Errorf("a reset in an archive: %s, %v", out, err)
	}
	if _, _, err := har.Append(nil, store.Entry{Kind: journal.KindCall, Data: []byte("{")}, har.Options{}); err == nil {
		t.Error("no error for a broken entry")
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
