package guide

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver"
	"github.com/idmock/idmock/conformance/receiver/evidence"
	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/internal/testenv"
)

// decisions fill the first TODO of a skeleton, by language. The second may stay empty: the state is in memory.
var decisions = map[string]string{
	// A provider without ids and times of events, whose rejections do not name the person.
	"python prembly": `data, face, code = event["data"], event.get("face_data"), event["response_code"]
    if face is not None and not (face["Status"] is True and isinstance(face["confidence"], str) and float(face["confidence"]) >= 80 and face["response_code"] == "00"):
        return "review"
    if isinstance(data, dict) and any(data.get(name) is True for name in ("is_pep", "is_sanctioned", "is_adverse_media")):
        return "flagged"
    if code in ("01", "02"):
        return "rejected" if code == "01" else "pending" if current == "unknown" else None
    return "approved" if code == "00" and event["status"] is True else "review"
`,
	"python": `data = event["data"]
    if event["environment"] != "live" or event["type"] not in ("verification.completed", "verification.pending", "verification.revoked", "monitoring.hit"):
        return None
    if data["decision"] != "approved" or not data["final"]:
        return data["decision"] if data["decision"] in ("pending", "rejected", "revoked", "flagged") else "review"
    return "approved" if data["face"]["match"] and data["face"]["score"] >= 0.8 else "review"
`,
	"node": `const data = event.data;
  if (event.environment !== "live" || !["verification.completed", "verification.pending", "verification.revoked", "monitoring.hit"].includes(event.type)) return null;
  if (data.decision !== "approved" || !data.final) return data.decision === "approved" ? "review" : data.decision;
  return data.face.match && data.face.score >= 0.8 ? "approved" : "review";
`,
	"go": `data := event["data"].(map[string]any)
	kind, _ := event["type"].(string)
	if event["environment"] != "live" || !strings.Contains(" verification.completed verification.pending verification.revoked monitoring.hit ", " "+kind+" ") {
		return ""
	}
	if decision := data["decision"].(string); decision != "approved" || data["final"] != true {
		return map[bool]string{true: "review", false: decision}[decision == "approved"]
	}
	if face := data["face"].(map[string]any); face["match"] != true || face["score"].(float64) < 0.8 {
		return "review"
	}
	return "approved"
`,
}

// todo is what the test replaces in the skeleton of each language.
var todo = map[string]string{"python": "return None\n\n\ndef grant", "node": "return null;\n}\n\n// grant", "go": "return \"\"\n}\n\n// grant"}

// commands run the file of a receiver, by language.
var commands = map[string]struct {
	program string
	args    []string
	file    string
}{
	"python": {"python3", nil, "receiver.py"},
	"node":   {"node", nil, "receiver.mjs"},
	"go":     {"go", []string{"run"}, "receiver.go"},
}

// A skeleton passes the core once its TODOs are filled. A brief run tests one scheme for each language.
func TestSkeletonsPassTheCore(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	for language, briefly := range map[string]string{"python": "prembly", "node": "t-v1", "go": "body-hmac"} {
		for _, scheme := range []string{"standard-webhooks", "standard-webhooks-ed25519", "t-v1", "body-hmac", "digest-alg", "static-token", "prembly"} {
			all := os.Getenv("FLAWS") == "all" && (scheme != "standard-webhooks-ed25519" || language != "python") && (scheme != "prembly" || language == "python")
			if !all && scheme != briefly {
				continue
			}
			t.Run(language+" "+scheme, func(t *testing.T) {
				t.Parallel()
				const secret = "whsec_dGhlIHByZXNlbnQgc2VjcmV0LCBvZiAzMiBieXRlcyE="
				given, name, probe := secret, "signing_secret", "{subject}"
				if scheme == "prembly" {
					name, probe = "public_key", "{reference}"
				}
				if scheme == "standard-webhooks-ed25519" {
					given = strings.Replace(secret, "whsec_", "whsk_", 1)
				}
				g := guideOf(t, scheme, profile.Options{Credentials: map[string]string{name: given}})
				_, held, _ := g.Profile.Credential()
				url := begin(t, g, language, held)
				report, err := receiver.Run(t.Context(), receiver.Target{URL: url + "/hooks", Provider: g.Profile.Provider, Core: true, Budget: -1,
					Credentials: map[string]string{name: given}, Probe: receiver.Probe{Hook: evidence.Hook{URL: url + "/subjects/" + probe}}}, nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range report.Results {
					if r.Verdict == conformance.Fail || r.Verdict == conformance.Warn || r.Verdict == conformance.Error {
						t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
					}
				}
				if passed := report.Count(conformance.Pass); passed < 30 || report.ExitCode() != 0 {
					t.Errorf("code %d, %d passed: %s", report.ExitCode(), passed, report.Headline)
				}
			})
		}
	}
}

// begin starts the skeleton of a language with its TODOs filled, and returns its URL.
func begin(t *testing.T, g *Guide, language, secret string) string {
	t.Helper()
	command := commands[language]
	testenv.Need(t, command.program)
	var b bytes.Buffer
	if err := g.Skeleton(&b, language); err != nil {
		t.Fatal(err)
	}
	before, after, found := strings.Cut(b.String(), todo[language])
	if !found {
		t.Fatalf("%q is missing in\n%s", todo[language], b.String())
	}
	_, rest, _ := strings.Cut(todo[language], "\n")
	decision, special := decisions[language+" "+g.Profile.Name]
	if !special {
		decision = decisions[language]
	}
	file := filepath.Join(t.TempDir(), command.file)
	if err := os.WriteFile(file, []byte(before+decision+rest+after), 0o600); err != nil {
		t.Fatal(err)
	}
	program, args := command.program, append(command.args, file)
	if language == "go" { // go run would stay between the test and the receiver
		binary := filepath.Join(t.TempDir(), "receiver")
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, file).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		program, args = binary, nil
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(os.Environ(), "PORT=0", "WEBHOOK_SECRET="+secret)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have exited
		_ = cmd.Wait()
	})
	line, _ := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if !ok {
		t.Fatalf("it printed %q", line)
	}
	return url
}
