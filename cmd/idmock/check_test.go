package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/idmock/idmock/conformance"
	formats "github.com/idmock/idmock/conformance/report"
)

// written runs a check with a report of each format, and returns what it told and what it wrote, by format, and how it ended.
func written(t *testing.T, args ...string) (told map[string]string, code int) {
	t.Helper()
	dir := t.TempDir()
	file := func(format string) string { return filepath.Join(dir, format) }
	for _, format := range []string{"json", "junit", "html"} {
		args = append(args, "--report", format+"="+file(format))
	}
	cmd := exec.CommandContext(t.Context(), "idmock", append([]string{"check"}, args...)...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	told = map[string]string{"console": string(out)}
	for _, format := range []string{"json", "junit", "html"} {
		src, err := os.ReadFile(file(format))
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		told[format] = string(src)
	}
	return told, cmd.ProcessState.ExitCode()
}

// parrot is an application that tells everybody all that it knows: what it was sent, and its secrets in every form.
func parrot(t *testing.T, secrets ...string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what was cut off is told as far as it came
		w.Header().Set("X-Secrets", base64.StdEncoding.EncodeToString([]byte(secrets[0])))
		if bytes.Contains(body, []byte("pending")) {
			w.WriteHeader(http.StatusTeapot)
		}
		fmt.Fprintf(w, "%s\n%s\n%s", strings.Join(secrets, "\n"), r.Header, body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// What a check was told in confidence stands in no report, the log of the wire included, even where the application itself
// gives it away.
func TestReportsTellNoSecret(t *testing.T) {
	const (
		key  = "the secret of this test, 32 byte"
		next = "and of the next time, 32 bytes.."
		more = "a-header-of-our-own-0123456789"
	)
	whsec := func(key string) string { return "whsec_" + base64.StdEncoding.EncodeToString([]byte(key)) }
	forms := func(secrets ...string) (all []string) {
		for _, s := range secrets {
			all = append(all, s, hex.EncodeToString([]byte(s)), base64.StdEncoding.EncodeToString([]byte(s)))
		}
		return all
	}
	inReceiver, inProvider := forms(key, next, more, whsec(key), whsec(next)), forms(key, next, more)
	app, server := parrot(t, inReceiver...), parrot(t, inProvider...)
	for kind, c := range map[string]struct {
		hidden, args []string
	}{
		"receiver": {append(inReceiver, "hunter2222"), []string{strings.Replace(app, "//", "//user:hunter2222@", 1) + "/hooks", "--provider", "standard-webhooks", "--credential", "signing_secret=" + whsec(key),
			"--next-secret", whsec(next), "--header", "X-Own: " + more, "--probe", app + "/subjects/{subject}", "--run", "auth/*,rotate/*,ack/2xx", "--verbose"}},
		"provider": {inProvider, []string{server, "--provider", "idwise", "--key", key + ":" + next, "--other-key", more, "--run", "cred/*,call/*", "--verbose"}},
	} {
		told, code := written(t, append([]string{kind}, c.args...)...)
		if code != exitFailed {
			t.Errorf("%s: exit code %d:\n%s", kind, code, told["console"])
		}
		for format, text := range told {
			for _, secret := range c.hidden {
				if i := strings.Index(text, secret); i >= 0 {
					t.Errorf("%s: the %s report tells %q: …%s…", kind, format, secret, text[max(0, i-200):min(len(text), i+100)])
				}
			}
		}
		if !strings.Contains(told["json"], "X-Secrets: <") {
			t.Errorf("%s: the log of the wire does not show what was hidden:\n%s", kind, told["json"])
		}
	}
}

// The reports of a real run are what their formats promise.
func TestCheckReportsFitTheSchemas(t *testing.T) {
	url := parrot(t, "nothing secret")
	told, _ := written(t, "receiver", url+"/hooks", "--provider", "standard-webhooks", "--credential", "signing_secret=whsec_c2VjcmV0IG9mIHRoaXMgdGVzdA==", "--core", "--seed", "7")
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "conformance", "report", "report.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(told["json"]))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		t.Error(err)
	}
	var report conformance.Report
	if err := json.Unmarshal([]byte(told["json"]), &report); err != nil {
		t.Fatal(err)
	}
	report.Results = append(report.Results, // what this run has not
		conformance.Result{Check: conformance.Check{ID: "kyc/x"}, Verdict: conformance.Error, Reason: "a <b> & \"c\" ]]> \x00\x1b é\xff"},
		conformance.Result{Check: conformance.Check{ID: "kyc/y"}, Verdict: conformance.Fail, Reason: "two\nlines"})
	report.Waive(conformance.Waivers{{ID: "kyc/y", Verdict: conformance.Fail, Reason: "known"}, {ID: "auth/valid-accepted", Verdict: conformance.Fail, Reason: "mended"}})
	report.Finish()
	var every bytes.Buffer
	if err := formats.WriteJUnit(&every, &report); err != nil {
		t.Fatal(err)
	}
	xsd, dir := jenkins(t), t.TempDir()
	for name, text := range map[string]string{"run.xml": told["junit"], "every.xml": every.String()} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := fitsXSD(t, xsd, file); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, want := range []string{`<error type="error" message="a &lt;b&gt; &amp; &#34;c&#34;`, `<failure type="fail" message="`, `<skipped>not-applicable: `, `<skipped>waived: `, `<failure type="stale"`} {
		if !strings.Contains(every.String(), want) {
			t.Errorf("nothing like %s in\n%s", want, &every)
		}
	}
}

// Whoever stops a check in the middle gets the reports all the same, and what was not made is told as such.
func TestReportsOfAnInterruptedCheck(t *testing.T) {
	begun, over := make(chan struct{}), make(chan struct{})
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // that the sender has gone is noticed only then
		if calls.Add(1) == 5 {
			close(begun)
		}
		if calls.Load() >= 5 {
			select {
			case <-r.Context().Done():
			case <-over:
			}
		}
	}))
	defer server.Close()
	defer close(over)
	dir := t.TempDir()
	check := beside(t, nil, "idmock", "check", "receiver", server.URL, "--provider", "standard-webhooks", "--run", "body/*,kyc/*",
		"--report", "json="+filepath.Join(dir, "out.json"), "--report", "junit="+filepath.Join(dir, "out.xml"), "--report", "html="+filepath.Join(dir, "out.html"))
	<-begun
	if err := check.signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	check.must(t, `stopped before the end\. The receiver (failed|could not be tested)\.$`)
	if code, err := check.code(); err != nil || code != exitUntested && code != exitFailed {
		t.Errorf("exit code %d (%v)", code, err)
	}
	src, err := os.ReadFile(filepath.Join(dir, "out.json"))
	if err != nil {
		t.Fatal(err)
	}
	var report conformance.Report
	if err := json.Unmarshal(src, &report); err != nil {
		t.Fatal(err)
	}
	if report.Complete || report.Count(conformance.Skip) == 0 {
		t.Errorf("the report says complete %v, %d skipped", report.Complete, report.Count(conformance.Skip))
	}
	for file, want := range map[string]string{"out.xml": "<skipped>skip: stopped before this", "out.html": "stopped before the end"} {
		if got, err := os.ReadFile(filepath.Join(dir, file)); err != nil || !bytes.Contains(got, []byte(want)) {
			t.Errorf("%s (%v) does not tell that it was stopped", file, err)
		}
	}
}
