package receiver

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/internal/testenv"
)

// receivers is the directory of the sample receivers.
var receivers = filepath.Join("..", "..", "testdata", "receivers")

// startSample starts a sample receiver and returns its URL.
func startSample(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	testenv.Need(t, name)
	url, stop, err := launch(t, env, name, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return url
}

// launch starts a sample receiver. It returns its URL and a function that kills it.
func launch(t *testing.T, env []string, name string, args ...string) (string, func(), error) {
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	read := make(chan struct{})
	stop := func() {
		_ = cmd.Process.Kill() // it may have exited
		<-read
		_ = cmd.Wait()
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 4<<20)
	lines.Scan()
	url, ok := strings.CutPrefix(lines.Text(), "listening ")
	go func() { // a full pipe would block the receiver
		defer close(read)
		for lines.Scan() {
		}
	}()
	if !ok {
		stop()
		return "", nil, fmt.Errorf("%s printed %q, expected listening URL", name, lines.Text())
	}
	return url, stop, nil
}

// startPersistent starts a sample receiver with a store on disk. It returns its URL and a hook that restarts it at the same
// address.
func startPersistent(t *testing.T, env []string, name string, args ...string) (string, Hook) {
	t.Helper()
	testenv.Need(t, name)
	_, port, err := net.SplitHostPort(free(t))
	if err != nil {
		t.Fatal(err)
	}
	env = append(env, "PORT="+port, "STORE="+filepath.Join(t.TempDir(), "store"))
	url, stop, err := launch(t, env, name, args...)
	if err != nil {
		t.Fatal(err)
	}
	restarter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		stop()
		if _, stop, err = launch(t, env, name, args...); err != nil {
			stop = func() {}
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}))
	t.Cleanup(func() { restarter.Close(); stop() })
	return url, Hook{URL: restarter.URL}
}

// The reference receivers in other languages pass all applicable checks.
func TestLanguages(t *testing.T) {
	t.Parallel()
	for n, command := range [][]string{
		{"node", filepath.Join(receivers, "node", "standard-webhooks.mjs")},
		{"python3", filepath.Join(receivers, "python", "standard_webhooks.py")},
	} {
		t.Run(command[0], func(t *testing.T) {
			t.Parallel()
			p := profileOf(t, "standard-webhooks", "")
			api := free(t)
			url, restart := startPersistent(t, []string{"WEBHOOK_SECRET=" + secrets[0], "WEBHOOK_NEXT_SECRET=" + secrets[1], "API=http://" + api + p.Prefix}, command[0], command[1:]...)
			target := Target{Provider: p, URL: url + "/hooks", NextSecret: secrets[1], OtherSecret: otherSecret, OldSecret: oldSecret, Credentials: map[string]string{"signing_secret": secrets[0]}, APIAddr: api,
				Probe: Probe{Hook: Hook{URL: url + "/subjects/{subject}"}, Text: "$.name"}, Start: Hook{URL: url + "/start/{subject}"}, Restart: restart, Strict: true}
			apportion(t, &target, n)
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
