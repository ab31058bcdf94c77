package mockserver_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// TestQAScenarios plays the scenarios of examples/scenarios: the events come in their order with the verdicts that their
// outcomes have, and together the files are short.
func TestQAScenarios(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "docs", "scenarios.md"))
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for name, c := range map[string]struct {
		provider, operation string // empty: the scenario's start
		requests            int
		want                []string // webhooks, and expectations that are not met
	}{
		"nin-pending-then-rejected":      {"identitypass", "verifyNIN", 1, []string{"48h0m0s verification.completed not-granted"}},
		"face-mismatch-override":         {"idwise", "", 1, []string{"6s Finished Journey not-granted", "24h0m6s Manually Reviewed granted"}},
		"aml-hit-after-approval":         {"idwise", "", 1, []string{"6s Finished Journey granted", "72h0m6s AML Monitor Update not-granted", "missed a call of getJourneyResult within 24h0m0s"}},
		"duplicate-with-wrong-signature": {"identitypass", "verifyNIN", 1, []string{"1s verification.completed granted", "11s verification.completed granted wrong-secret", "missed status 4xx"}},
		"down-three-times":               {"prembly", "verifyNIN", 4, []string{"1s verification.completed granted"}},
		"reminder-if-never-asked":        {"peleza", "verifyKenyaNationalID", 1, []string{"1s verification.completed granted", "missed a call of getVerificationStatus* within 24h0m0s", "24h0m1s verification.completed granted"}},
	} {
		src, err := os.ReadFile(filepath.Join("..", "examples", "scenarios", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range src {
			if b == '\n' {
				lines++
			}
		}
		if !strings.Contains(string(page), "```yaml from=examples/scenarios/"+name+".yaml\n"+string(src)+"```\n") {
			t.Errorf("docs/scenarios.md does not show %s.yaml", name)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := begin(t)
			a := s.Account(name).Freeze()
			a.Webhook(c.provider, s.NewReceiver().URL)
			a.Scenarios(string(src))
			start := a.Now()
			if c.operation == "" {
				a.Play(c.provider, name)
			}
			for i := range c.requests {
				if c.operation == "" {
					break
				}
				got, err := s.Control().Operations.Call(t.Context(), control.CallRequest{Account: name, Provider: c.provider, Operation: c.operation, Scenario: name})
				if err != nil {
					t.Fatal(err)
				}
				if want := i == c.requests-1; (got.Status == 200) != want {
					t.Errorf("request %d: status %d", i+1, got.Status)
				}
			}
			a.Advance(30 * 24 * time.Hour)
			if diff := cmp.Diff(c.want, happened(t, a, c.provider, start)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if lines > 90 {
		t.Errorf("the scenarios have %d lines, want 90 or fewer", lines)
	}
	t.Logf("%d lines", lines)
}

// happened lists the webhooks with what they say, and the expectations that were not met.
func happened(t *testing.T, a *mockservertest.Account, provider string, start time.Time) []string {
	t.Helper()
	var all []string
	for _, entry := range a.Journal() {
		decoded, err := journal.Decode(entry)
		if err != nil {
			t.Fatal(err)
		}
		switch data := decoded.(type) {
		case journal.Attempt:
			var body map[string]any
			if err := json.Unmarshal(data.Request.Body.Bytes, &body); err != nil {
				t.Fatal(err)
			}
			line := data.Planned.Sub(start).String() + " " + data.Event + " " + string(judges[provider](body))
			for _, fault := range data.Fault {
				line += " " + fault
			}
			all = append(all, line)
		case journal.Expect:
			if !data.Pass {
				all = append(all, "missed "+data.Want)
			}
		}
	}
	return all
}
