package receiver

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	formats "github.com/idmock/idmock/conformance/report"
)

var update = flag.Bool("update", false, "rewrite the golden reports")

// The report on an application with common bugs does not change: the same seed gives the same results, texts and
// exchanges.
func TestReportOfAFlawedApp(t *testing.T) {
	t.Parallel()
	url := startSample(t, []string{"WEBHOOK_SECRET=" + secrets[0], "PORT=0"}, "python3", filepath.Join(receivers, "python", "flawed.py"))
	target := Target{Provider: profileOf(t, "hmac-sha256", "3s"), URL: url + "/hooks", Credentials: map[string]string{"signing_secret": secrets[0]},
		Probe: Probe{Hook: Hook{URL: url + "/subjects/{subject}"}, Text: "$.name", Granted: []string{"active"}}, Core: true, Seed: 7, nonce: "golden"}
	var console bytes.Buffer
	printer := formats.Console{W: &console}
	report, err := Run(t.Context(), target, printer.Result)
	if err != nil {
		t.Fatal(err)
	}
	printer.Finish(report)
	var asJSON bytes.Buffer
	if err := formats.WriteJSON(&asJSON, report); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{"flawed.txt": sortLive(normalize(console.String())), "flawed.json": normalize(asJSON.String())} {
		file := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got; -update rewrites it)\n%s", name, diff)
		}
	}
}

// volatile matches parts of a report that differ between runs with one seed: addresses, times, versions of the receiver's
// server, and the number of copies that a race lost. Each has its replacement.
var volatile = [][2]string{
	{`127\.0\.0\.1:\d+`, "127.0.0.1:PORT"},
	{`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`, "TIME"},
	{`Date: [^\\\r\n]+`, "Date: TIME"},
	{`BaseHTTP/[\d.]+ Python/[\d.]+`, "BaseHTTP Python"},
	{`\b[0-9a-f]{64}\b`, "HASH"}, // of a body that contains the time
	{`"ms": [\d.]+`, `"ms": 0`},
	{`in [\d.]+ s, seed`, "in N s, seed"},
	{`\d+ effects`, "N effects"},
}

// normalize replaces the volatile parts of a report.
func normalize(s string) string {
	for _, v := range volatile {
		s = regexp.MustCompile(v[0]).ReplaceAllString(s, v[1])
	}
	return s
}

// sortLive sorts the lines that are printed during the run: checks run in parallel.
func sortLive(s string) string {
	live, rest, _ := strings.Cut(s, "\n\n")
	lines := strings.Split(live, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n\n" + rest
}
