package receiver

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance"
)

// receivers are the samples in other languages.
var receivers = filepath.Join("..", "..", "testdata", "receivers")

// beside starts a receiver in another language and returns its address.
func beside(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 4<<20)
	if !lines.Scan() {
		t.Fatalf("%s says nothing", name)
	}
	url, ok := strings.CutPrefix(lines.Text(), "listening ")
	if !ok {
		t.Fatalf("%s says %q", name, lines.Text())
	}
	read := make(chan struct{})
	go func() { // what it prints must not hold it up
		defer close(read)
		for lines.Scan() {
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-read
		_ = cmd.Wait()
	})
	return url
}

// The references in other languages pass all that applies to them.
func TestLanguages(t *testing.T) {
	for name, command := range map[string][]string{
		"node":   {"node", filepath.Join(receivers, "node", "standard-webhooks.mjs")},
		"python": {"python3", filepath.Join(receivers, "python", "standard_webhooks.py")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := profileOf(t, "standard-webhooks", "")
			api := free(t)
			url := beside(t, []string{"WEBHOOK_SECRET=" + secrets[0], "WEBHOOK_NEXT_SECRET=" + secrets[1], "API=http://" + api + p.Prefix, "PORT=0"}, command[0], command[1:]...)
			target := Target{Provider: p, URL: url + "/hooks", NextSecret: secrets[1], OtherSecret: otherSecret, OldSecret: oldSecret, Credentials: map[string]string{"signing_secret": secrets[0]}, APIAddr: api,
				Probe: Probe{Hook: Hook{URL: url + "/subjects/{subject}"}, Text: "$.name"}, Start: Hook{URL: url + "/start/{subject}"}, Strict: true}
			report := run(t, target)
			for _, r := range report.Results {
				if r.Verdict != conformance.Pass && r.Verdict != conformance.NotApplicable {
					t.Errorf("%s: %s: %s%s", r.ID, r.Verdict, r.Reason, tail(r))
				}
			}
			t.Logf("%v, %d passed", report.Took, report.Count(conformance.Pass))
		})
	}
}
