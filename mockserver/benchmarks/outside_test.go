package benchmarks

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/testenv"
)

// outside is one round of load from wrk, another process, on a server in its own process.
type outside struct {
	rate float64       // requests a second
	p99  time.Duration // of the latency
	cpu  time.Duration // of the server, per request
}

// BenchmarkCall compares a provider request (validation, scenario, commit, journal) with a bare server as a user meets
// them: the shipped binary and the bare server as processes, driven in turns by wrk. It reports medians.
func BenchmarkCall(b *testing.B) {
	testenv.Need(b, "wrk")
	rounds, length := 5, 3*time.Second
	if flag.Lookup("test.benchtime").Value.String() == "1x" { // not to measure
		rounds, length = 1, time.Second
	}
	idmock, stop := launch(b, build(b, "github.com/idmock/idmock/cmd/idmock"), "serve", "--addr", "127.0.0.1:0", "--log-level", "error")
	defer stop()
	bare, stopBare := launch(b, build(b, "./testdata/bare"))
	defer stopBare()
	for b.Loop() {
		for _, connections := range []int{16, 64} {
			var share, p99, cpu []float64
			for range rounds {
				ours, theirs := wrk(b, idmock, connections, length), wrk(b, bare, connections, length)
				share = append(share, ours.rate/theirs.rate)
				p99 = append(p99, float64(ours.p99)/float64(theirs.p99))
				cpu = append(cpu, float64(ours.cpu)/float64(theirs.cpu))
			}
			b.ReportMetric(median(share), fmt.Sprintf("of-bare-%d", connections))
			b.ReportMetric(median(p99), fmt.Sprintf("p99-times-bare-%d", connections))
			b.ReportMetric(median(cpu), fmt.Sprintf("cpu-times-bare-%d", connections))
		}
		b.ReportMetric(idmock.resident(b)/1e6, "MB-after")
	}
}

var (
	wrkRate  = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	wrkP99   = regexp.MustCompile(`99%\s+([\d.]+)(us|ms|s)`)
	wrkTotal = regexp.MustCompile(`(\d+) requests in`)
)

// wrk drives a server for a time. It fails for a response that is not 2xx and for socket errors.
func wrk(b *testing.B, p process, connections int, length time.Duration) outside {
	b.Helper()
	before := p.cpu(b)
	out, err := exec.Command("wrk", "-t", "2", "-c", strconv.Itoa(connections), "-d", fmt.Sprintf("%ds", int(length.Seconds())),
		"--latency", "-s", "testdata/call.lua", p.url+callPath).CombinedOutput()
	text := string(out)
	if err != nil || strings.Contains(text, "Non-2xx") || strings.Contains(text, "Socket errors") {
		b.Fatalf("wrk: %v\n%s", err, text)
	}
	used := p.cpu(b) - before
	p99 := wrkP99.FindStringSubmatch(text)
	rate, total := wrkRate.FindStringSubmatch(text), wrkTotal.FindStringSubmatch(text)
	if p99 == nil || rate == nil || total == nil {
		b.Fatalf("wrk printed no figures:\n%s", text)
	}
	latency, err := time.ParseDuration(p99[1] + p99[2])
	if err != nil {
		b.Fatal(err)
	}
	return outside{number(b, rate[1]), latency, used / time.Duration(number(b, total[1]))}
}

func number(b *testing.B, s string) float64 {
	b.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		b.Fatal(err)
	}
	return v
}

// cpu returns the processor time of the process so far. The kernel counts it in hundredths of a second.
func (p process) cpu(b *testing.B) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest) // from the third field on
	return time.Duration(number(b, fields[11])+number(b, fields[12])) * 10 * time.Millisecond
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}
