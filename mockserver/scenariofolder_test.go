package mockserver_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/internal/duration"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/scenarios"
)

var update = flag.Bool("update", false, "write the journals of testdata/scenarios as they are now")

const qaFolder = "../testdata/scenarios"

// Every word of the scenario language has a file that plays it, over days to years of account time, and the journal that
// comes of it. Lines that begin with #> are actions beside it:
//
//	#> receiver 503 200                the receiver's responses, in turn; none: no receiver
//	#> 1h play 12345678901             play the file, for a subject; without such a line once, at the beginning
//	#> 20d call OPERATION {"a":"$run"} make a call; $run is the latest run
//	#> 60d simulate NAME {"a":1}       as the button does
func TestScenarioFolder(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(qaFolder + "/*.yaml")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	var all []*scenarios.Scenario
	known := providers(t)
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		own, err := library.Lint(known, filepath.Base(file), src)
		if err != nil {
			t.Fatal(err)
		}
		if own.Name+".yaml" != own.File {
			t.Errorf("%s holds the scenario %s", own.File, own.Name)
		}
		all = append(all, own)
	}
	s := mockservertest.Start(t, mockserver.Config{Start: began, Frozen: true, Scenarios: all, Providers: known})
	for i, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := playFile(t, s, all[i], src)
			golden := strings.TrimSuffix(file, ".yaml") + ".journal"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("another journal (-want +got), see -update:\n%s", diff)
			}
		})
	}
}

// Each fault has a file of its own.
func TestScenarioFolderHasEveryFault(t *testing.T) {
	for where, prefix := range map[string]string{scenarios.InReply: "fault-reply-", scenarios.InDelivery: "fault-send-"} {
		for _, kind := range fault.Kinds(where) {
			if _, err := os.Stat(filepath.Join(qaFolder, prefix+kind.Name+".yaml")); err != nil {
				t.Errorf("no file plays the fault %s of a %s: %v", kind.Name, where, err)
			}
		}
	}
}

// deed is the action of a line that begins with #>.
type deed struct {
	at         time.Duration
	verb, what string
	body       string
}

func deeds(t *testing.T, src []byte) (all []deed, answers []string) {
	t.Helper()
	for line := range strings.Lines(string(src)) {
		line, ok := strings.CutPrefix(strings.TrimSpace(line), "#> ")
		if !ok {
			continue
		}
		if given, ok := strings.CutPrefix(line, "receiver "); ok {
			answers = strings.Fields(given)
			continue
		}
		d := deed{}
		first, rest, _ := strings.Cut(line, " ")
		if at, err := duration.Parse(first); err == nil {
			d.at, line = at, rest
		}
		d.verb, rest, _ = strings.Cut(line, " ")
		d.what, d.body, _ = strings.Cut(rest, " ")
		all = append(all, d)
	}
	plays := false
	for _, d := range all {
		plays = plays || d.verb == "play" || d.verb == "call" && !strings.Contains(d.body, "$run")
	}
	if !plays {
		all = append([]deed{{verb: "play"}}, all...)
	}
	return all, answers
}

func playFile(t *testing.T, s *mockservertest.Server, own *scenarios.Scenario, src []byte) string {
	t.Helper()
	a := s.Account("qa " + own.Name)
	all, answers := deeds(t, src)
	if len(answers) != 1 || answers[0] != "none" {
		r := mockservertest.NewReceiver(t) // with a socket: some faults are of the connection
		var plan []mockservertest.Response
		for _, status := range answers {
			code, err := strconv.Atoi(status)
			if err != nil {
				t.Fatal(err)
			}
			plan = append(plan, mockservertest.Response{Status: code})
		}
		for range 40 * min(1, len(plan)) { // the last one repeats
			plan = append(plan, plan[len(plan)-1])
		}
		r.Answer(plan...)
		a.Webhook(own.Provider, r.URL)
	} else {
		a.Freeze() // opens it
	}
	run := ""
	for _, d := range all {
		a.Advance(began.Add(d.at).Sub(a.Now()))
		a.Idle()
		body := strings.ReplaceAll(d.body, "$run", run)
		switch d.verb {
		case "play":
			got := a.Control("POST", "/play", map[string]string{"provider": own.Provider, "scenario": own.Name, "subject": d.what})
			if got.Status != 200 {
				t.Fatalf("play: %d %s", got.Status, got.Body)
			}
			run = got.At("run")
		case "call":
			a.Call(own.Provider, d.what, body)
		case "simulate":
			request := map[string]any{"name": d.what}
			if body != "" {
				request["data"] = json.RawMessage(body)
			}
			if got := a.Control("POST", "/simulate", request); got.Status != 200 {
				t.Fatalf("simulate: %d %s", got.Status, got.Body)
			}
		default:
			t.Fatalf("nothing is known of %q", d.verb)
		}
	}
	a.Idle()
	a.Advance(800 * 24 * time.Hour)
	var b strings.Builder
	names := map[string]string{}
	for _, entry := range a.Journal() {
		if line := tell(entry, names); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// saying is the part of a body that a scenario sets: all of a short one, else the two fields that identitypass fills freely.
func saying(message any, part string) string {
	m, _ := message.(map[string]any)
	body, _ := m["body"].(map[string]any)
	text, _ := body["text"].(string)
	if part == "response" && len(text) < 100 && text != "" {
		return " says=" + text
	}
	if found := free.FindAllString(text, 2); len(found) > 0 {
		return fmt.Sprintf(" %s=%s", part, strings.Join(found, ","))
	}
	return ""
}

var free = regexp.MustCompile(`"(response_code|detail)":("[^"]*"|\[[^]]*\]|null)`)

// Values that the machine chooses and no seed decides.
var chosen = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`status (\d+) after [^" ]+`), "status $1 in time"},
	{regexp.MustCompile(`"(refused|unreachable)"`), `"no-connection"`}, // whether this machine has IPv6
	{regexp.MustCompile(`"default:\d+"`), `"default"`},                 // which is another file's matter
}

// tell is an entry in one line: its time, kind, and the fields that a scenario decides. Runs and deliveries are numbered.
func tell(e store.Entry, names map[string]string) string {
	if e.Kind == journal.KindAccount || e.Kind == journal.KindEndpoint || e.Kind == journal.KindClock {
		return ""
	}
	var data map[string]any
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return err.Error()
	}
	short := func(id, letter string) string {
		if names[id] == "" {
			names[id] = fmt.Sprint(letter, len(names)+1)
		}
		return names[id]
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "+%v %s", e.At.Sub(began), e.Kind)
	for _, key := range []string{"run", "delivery", "of", "provider", "operation", "name", "call", "event", "cause", "rule", "n", "accepted", "class",
		"outcome", "attempts", "want", "got", "pass", "error", "fault", "signed_by", "state", "due", "next", "message", "data", "status"} {
		value, ok := data[key]
		if !ok || value == "" {
			continue
		}
		switch key {
		case "run":
			value = short(fmt.Sprint(value), "r")
		case "delivery", "of":
			value = short(fmt.Sprint(value), "d")
		case "due", "next":
			at, _ := time.Parse(time.RFC3339, fmt.Sprint(value))
			value = at.Sub(began).String()
		case "error":
			if e.Kind == journal.KindAttempt {
				continue // in the words of this machine
			}
		}
		text, _ := json.Marshal(value)
		fmt.Fprintf(&b, " %s=%s", key, text)
	}
	if e.Kind == journal.KindAttempt {
		if reply, ok := data["response"].(map[string]any); ok {
			fmt.Fprintf(&b, " status=%v", reply["status"])
		}
	}
	for _, part := range []string{"request", "response"} {
		fmt.Fprintf(&b, "%s", saying(data[part], part))
	}
	line := b.String()
	for _, c := range chosen {
		line = c.what.ReplaceAllString(line, c.with)
	}
	return line
}
