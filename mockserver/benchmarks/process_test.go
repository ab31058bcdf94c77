package benchmarks

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/testenv"
)

// build builds a package like a release: without symbols and cgo.
func build(b *testing.B, pkg string) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "binary")
	command := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, pkg)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		b.Fatalf("build %s: %v\n%s", pkg, err, out)
	}
	return binary
}

// process is a server in another process.
type process struct {
	url string
	pid int
}

// launch starts a binary and waits for its ready line.
func launch(b *testing.B, binary string, args ...string) (p process, stop func()) {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, binary, args...)
	out, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	stop = func() {
		cancel()
		command.Wait() //nolint:errcheck // killed
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		b.Fatal(err)
	}
	return process{strings.TrimSpace(strings.TrimPrefix(line, "ready ")), command.Process.Pid}, stop
}

// resident returns the resident memory of the process in bytes.
func (p process) resident(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		b.Fatal(err)
	}
	return float64(kilobytes) * 1024
}

// BenchmarkStart measures the time from the start of the process to its first successful response, and the same for a bare
// server. It reports milliseconds as well as the ratio.
func BenchmarkStart(b *testing.B) {
	first := func(binary string, args ...string) time.Duration {
		began := time.Now()
		p, stop := launch(b, binary, args...)
		defer stop()
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		response, _, err := call(client, p.url, "bench")
		if err != nil || response.StatusCode != http.StatusOK {
			b.Fatalf("first call: %v, %v", response, err)
		}
		return time.Since(began)
	}
	idmock, bare := build(b, "github.com/idmock/idmock/cmd/idmock"), build(b, "./testdata/bare")
	var ours, theirs time.Duration
	n := 0
	for b.Loop() {
		ours += first(idmock, "serve", "--addr", "127.0.0.1:0", "--log-level", "error")
		theirs += first(bare)
		n++
	}
	b.ReportMetric(float64(ours.Microseconds())/float64(n)/1000, "ms")
	b.ReportMetric(float64(theirs.Microseconds())/float64(n)/1000, "bare-ms")
	b.ReportMetric(float64(ours)/float64(theirs), "times-bare")
}

// BenchmarkMemory measures resident memory: idle, per pending run, and after a million requests with default retention.
func BenchmarkMemory(b *testing.B) {
	runs, calls := 100_000, 1_000_000
	if testenv.Brief() {
		runs, calls = 5_000, 20_000
	}
	binary := build(b, "github.com/idmock/idmock/cmd/idmock")
	for b.Loop() {
		p, stop := launch(b, binary, "serve", "--addr", "127.0.0.1:0", "--log-level", "error")
		b.ReportMetric(p.resident(b)/1e6, "idle-MB")
		freeze(b, p)
		load(b, p.url, 20_000) // fills the retention, so that only runs add memory afterwards
		before := p.resident(b)
		load(b, p.url, runs)
		b.ReportMetric((p.resident(b)-before)/float64(runs), "B/run")
		stop()

		p, stop = launch(b, binary, "serve", "--addr", "127.0.0.1:0", "--log-level", "error")
		load(b, p.url, calls)
		b.ReportMetric(p.resident(b)/1e6, fmt.Sprintf("MB-after-%d-calls", calls))
		stop()
	}
}

// freeze freezes the account's clock, so that runs stay pending.
func freeze(b *testing.B, p process) {
	b.Helper()
	response, err := http.Post(p.url+"/_idmock/v1/clock?account=bench", "application/json", strings.NewReader(`{"frozen":true}`))
	if err != nil {
		b.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		b.Fatalf("freeze: %s", response.Status)
	}
}
