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
	"github.com/idmock/idmock/internal/testenv"
)

// written runs a check with a report of each format. It returns the output and the reports, by format, and the exit code.
func written(t *testing.T, args ...string) (reports map[string]string, code int) {
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
	reports = map[string]string{"console": string(out)}
	for _, format := range []string{"json", "junit", "html"} {
		src, err := os.ReadFile(file(format))
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		reports[format] = string(src)
	}
	return reports, cmd.ProcessState.ExitCode()
}

// parrot starts an application that responds with the request and its secrets, in every form.
func parrot(t *testing.T, secrets ...string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a truncated body is repeated up to the end
		w.Header().Set("X-Secrets", base64.StdEncoding.EncodeToString([]byte(secrets[0])))
		if bytes.Contains(body, []byte("pending")) {
			w.WriteHeader(http.StatusTeapot)
		}
		fmt.Fprintf(w, "%s\n%s\n%s", strings.Join(secrets, "\n"), r.Header, body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// Reports and the wire log hide the secrets of a check, even if the application reveals them.
func TestReportsHideSecrets(t *testing.T) {
	testenv.Long(t)
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
		reports, code := written(t, append([]string{kind}, c.args...)...)
		if code != exitFailed {
			t.Errorf("%s: exit code %d:\n%s", kind, code, reports["console"])
		}
		for format, text := range reports {
			for _, secret := range c.hidden {
				if i := strings.Index(text, secret); i >= 0 {
					t.Errorf("%s: the %s report reveals %q: …%s…", kind, format, secret, text[max(0, i-200):min(len(text), i+100)])
				}
			}
		}
		if !strings.Contains(reports["json"], "X-Secrets: <") {
			t.Errorf("%s: the wire log does not mark the hidden values:\n%s", kind, reports["json"])
		}
	}
}

// The reports of a real run are valid by their schemas.
func TestCheckReportsFitTheSchemas(t *testing.T) {
	testenv.Need(t, "npm", "xmllint")
	url := parrot(t, "nothing secret")
	reports, _ := written(t, "receiver", url+"/hooks", "--provider", "standard-webhooks", "--credential", "signing_secret=whsec_c2VjcmV0IG9mIHRoaXMgdGVzdA==", "--core", "--seed", "7")
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "conformance", "report", "report.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(reports["json"]))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		t.Error(err)
	}
	var report conformance.Report
	if err := json.Unmarshal([]byte(reports["json"]), &report); err != nil {
		t.Fatal(err)
	}
	report.Results = append(report.Results, // results that this run does not have
		conformance.Result{Check: conformance.Check{ID: "kyc/x"}, Verdict: conformance.Error, Reason: "a <b> & \"c\" ]]> \x00\x1b é\xff"},
		conformance.Result{Check: conformance.Check{ID: "kyc/y"}, Verdict: conformance.Fail, Reason: "two\nlines"})
	report.Waive(conformance.Waivers{{ID: "kyc/y", Verdict: conformance.Fail, Reason: "known"}, {ID: "auth/valid-accepted", Verdict: conformance.Fail, Reason: "fixed"}})
	report.Finish()
	var every bytes.Buffer
	if err := formats.WriteJUnit(&every, &report); err != nil {
		t.Fatal(err)
	}
	xsd, dir := jenkins(t), t.TempDir()
	for name, text := range map[string]string{"run.xml": reports["junit"], "every.xml": every.String()} {
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

// An interrupted check writes its reports, with the remaining checks as skipped.
func TestReportsOfAnInterruptedCheck(t *testing.T) {
	begun, over := make(chan struct{}), make(chan struct{})
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the server notices a disconnect only after the body is read
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
	select {
	case <-begun:
	case <-check.ended:
		t.Fatalf("the check ended first:\n%s", check.output())
	}
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
			t.Errorf("%s (%v) does not report that the check was stopped", file, err)
		}
	}
}
