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

// The report of an application with the bugs of a hurried team is what it was: the same seed makes the same checks find
// the same in it, tell it in the same words, and show the same exchanges.
func TestReportOfAFlawedApp(t *testing.T) {
	url := beside(t, []string{"WEBHOOK_SECRET=" + secrets[0], "PORT=0"}, "python3", filepath.Join(receivers, "python", "flawed.py"))
	target := Target{Provider: profileOf(t, "hmac-sha256", "3s"), URL: url + "/hooks", Credentials: map[string]string{"signing_secret": secrets[0]},
		Probe: Probe{Hook: Hook{URL: url + "/subjects/{subject}"}, Text: "$.name", Granted: []string{"active"}}, Core: true, Seed: 7, nonce: "golden"}
	var told bytes.Buffer
	console := formats.Console{W: &told}
	report, err := Run(t.Context(), target, console.Result)
	if err != nil {
		t.Fatal(err)
	}
	console.Finish(report)
	var asJSON bytes.Buffer
	if err := formats.WriteJSON(&asJSON, report); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{"flawed.txt": inOrder(steady(told.String())), "flawed.json": steady(asJSON.String())} {
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

// volatile is what no seed can settle: where and when it was, what the receiver's own software calls itself, and how many of
// the copies that came at once were lost in a race.
var volatile = [][2]string{
	{`127\.0\.0\.1:\d+`, "127.0.0.1:PORT"},
	{`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`, "TIME"},
	{`Date: [^\\\r\n]+`, "Date: TIME"},
	{`BaseHTTP/[\d.]+ Python/[\d.]+`, "BaseHTTP Python"},
	{`\b[0-9a-f]{64}\b`, "HASH"}, // of a body in which the time stands
	{`"ms": [\d.]+`, `"ms": 0`},
	{`in [\d.]+ s, seed`, "in N s, seed"},
	{`\d+ effects`, "N effects"},
}

// steady is a report without what is different in every run.
func steady(s string) string {
	for _, v := range volatile {
		s = regexp.MustCompile(v[0]).ReplaceAllString(s, v[1])
	}
	return s
}

// inOrder sorts what was told while the checks were made: they are made side by side.
func inOrder(s string) string {
	live, rest, _ := strings.Cut(s, "\n\n")
	lines := strings.Split(live, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n\n" + rest
}
