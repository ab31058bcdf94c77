package mockserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// later is a scenario with its own response now and after an hour.
func later(name, word string) string {
	return fmt.Sprintf(`scenario: %s
provider: identitypass
rules:
  - on: verifyBVN
    reply: {example: pending, body: {detail: %s}}
    set: {word: now}
    then:
      - after: 1h
        set: {word: %s}
  - on: getVerificationStatus
    reply: {status: 200, body: {word: "${run.word}", by: %s}}
variables: {word: text}
`, name, word, word, word)
}

func give(t *testing.T, a *mockservertest.Account, source string, texts ...string) mockservertest.Answer {
	t.Helper()
	files := []map[string]string{}
	for i, text := range texts {
		files = append(files, map[string]string{"name": fmt.Sprintf("%d.yaml", i+1), "text": text})
	}
	return a.Control("POST", "/scenarios?source="+source, map[string]any{"files": files})
}

// Requests play the latest scenarios; a run continues with those it began with, in requests, timelines and despite a
// choice by name.
func TestScenariosAreReplacedAtOnce(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a := s.Account("k")
	if got := give(t, s.DefaultAccount(), "test", later("late", "old")); got.Status != 200 || !strings.Contains(string(got.Body), `"name":"late"`) {
		t.Fatalf("give: %d %s", got.Status, got.Body)
	}
	first := a.CallAs("late", provider, bvn, number(found))
	give(t, s.DefaultAccount(), "test", later("late", "new"))
	second := a.CallAs("late", provider, bvn, number(found))
	if first.At("detail") != "old" || second.At("detail") != "new" {
		t.Errorf("details %q and %q, want old and new", first.At("detail"), second.At("detail"))
	}
	a.Advance(time.Hour)
	for answer, want := range map[string]string{reference(t, first): "old", reference(t, second): "new"} {
		ask := map[string]string{"reference": answer}
		for _, got := range []mockservertest.Answer{a.Call(provider, status, ask), a.CallAs("late", provider, status, ask)} {
			if got.At("word") != want || got.At("by") != want {
				t.Errorf("the run says %s, want %s", got.Body, want)
			}
		}
	}

	// It is removed: runs continue, and no run begins with it.
	give(t, s.DefaultAccount(), "test")
	if got := a.Call(provider, status, map[string]string{"reference": reference(t, first)}); got.At("by") != "old" {
		t.Errorf("the run of a scenario that is gone says %s", got.Body)
	}
	if got := a.CallAs("late", provider, bvn, number(found)); got.Status != http.StatusBadRequest {
		t.Errorf("a scenario that is gone answers %d %s", got.Status, got.Body)
	}
	sent := mockservertest.Entries[journal.Scenarios](s.DefaultAccount())
	if len(sent) != 3 || sent[0].Source != "test" || sent[0].Given[0] != "identitypass/late" || sent[2].Gone[0] != "identitypass/late" {
		t.Errorf("the journal has %+v", sent)
	}
}

// A timeline of a scenario that was chosen for one request of a run keeps its edition as well.
func TestEditionOfAChosenScenario(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a := s.Account("k")
	poll := func(word string) string {
		return fmt.Sprintf("scenario: aside\nprovider: identitypass\nrules:\n  - on: getVerificationStatus\n    reply: {status: 200, body: {x: 1}}\n    then:\n      - {after: 1h, set: {word: %s}}\nvariables: {word: text}\n", word)
	}
	give(t, s.DefaultAccount(), "test", poll("OLD"))
	ask := map[string]string{"reference": reference(t, a.Call(provider, bvn, number(pending)))}
	a.CallAs("aside", provider, status, ask)
	give(t, s.DefaultAccount(), "test", poll("NEW"))
	a.Advance(2 * time.Hour)
	runs := mockservertest.Entries[journal.Run](a)
	if last := runs[len(runs)-1]; !strings.Contains(string(last.State), `"OLD"`) {
		t.Errorf("the run is %s, want OLD", last.State)
	}
}

// A file with errors replaces nothing, and all errors of all files are reported and logged.
func TestBrokenScenariosAreRefused(t *testing.T) {
	t.Parallel()
	s := begin(t)
	defaults := s.DefaultAccount()
	give(t, defaults, "test", later("late", "good"))
	got := give(t, defaults, "test", later("late", "bad"), "scenario: x\nprovider: identitypass\nrules:\n  - on: verifyBNV\n", "scenario: y\nprovider: unknown\nrules: []\n", later("late", "twice"))
	if got.Status != http.StatusUnprocessableEntity || got.Header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("got %d %s", got.Status, got.Body)
	}
	for _, want := range []string{`"file":"2.yaml","line":4`, `did you mean \"verifyBVN\"?`, `"file":"3.yaml"`, `, in 1.yaml`} {
		if !strings.Contains(string(got.Body), want) {
			t.Errorf("nothing of %s in %s", want, got.Body)
		}
	}
	if a := s.Account("k").CallAs("late", provider, bvn, number(found)); a.At("detail") != "good" {
		t.Errorf("served now: %s", a.Body)
	}
	sent := mockservertest.Entries[journal.Scenarios](defaults)
	if last := sent[len(sent)-1]; !strings.Contains(last.Mistakes, "2.yaml:4:9: ") || len(last.Given) > 0 {
		t.Errorf("the journal has %+v", last)
	}
}

// An account's own scenarios win over those of all accounts as these change, and are deleted with it.
func TestScenariosOfOneAccount(t *testing.T) {
	t.Parallel()
	s := begin(t)
	mine, other := s.Account("mine"), s.Account("other")
	give(t, mine, "test", later("late", "mine"))
	if got := other.CallAs("late", provider, bvn, number(found)); got.Status != http.StatusBadRequest {
		t.Errorf("another account plays it: %s", got.Body)
	}
	give(t, s.DefaultAccount(), "test", later("late", "all"), later("common", "all"))
	say := func(a *mockservertest.Account, scenario string) string {
		t.Helper()
		return a.CallAs(scenario, provider, bvn, number(found)).At("detail")
	}
	if a, b, c := say(mine, "late"), say(mine, "common"), say(other, "late"); a != "mine" || b != "all" || c != "all" {
		t.Errorf("mine %q and %q, other %q", a, b, c)
	}
	give(t, mine, "more", later("only-mine", "mine"))
	for account, want := range map[*mockservertest.Account]bool{mine: true, other: false, s.DefaultAccount(): false, s.Account("unknown"): false} {
		if got := strings.Contains(string(account.Control("GET", "/scenarios", nil).Body), "only-mine"); got != want {
			t.Errorf("%q: the catalogue has what is mine alone: %v, want %v", account.Name, got, want)
		}
	}
	mine.Reset()
	if got := say(mine, "late"); got != "all" {
		t.Errorf("after a reset %q, want the default account's", got)
	}
	s.DefaultAccount().Reset()
	if got := other.CallAs("late", provider, bvn, number(found)); got.Status != http.StatusBadRequest {
		t.Errorf("after a reset of all accounts it is still there: %s", got.Body)
	}
}

// Scenarios of the configuration survive a reset of all accounts, and can be replaced.
func TestScenariosOfTheConfiguration(t *testing.T) {
	t.Parallel()
	s := begin(t, later("late", "flag"))
	a := s.Account("k")
	s.DefaultAccount().Reset()
	if got := a.CallAs("late", provider, bvn, number(found)); got.At("detail") != "flag" {
		t.Errorf("after a reset: %s", got.Body)
	}
	if err := s.Engine().ReplaceScenarios(t.Context(), "", library.FilesSource, lint(t, later("late", "changed"))); err != nil {
		t.Fatal(err)
	}
	if got := a.CallAs("late", provider, bvn, number(found)); got.At("detail") != "changed" {
		t.Errorf("after they changed: %s", got.Body)
	}
}

// No request sees half of a replacement.
func TestReplaceUnderLoad(t *testing.T) {
	t.Parallel()
	s := begin(t)
	give(t, s.DefaultAccount(), "test", later("one", "w0"), later("two", "w0"))
	var callers sync.WaitGroup
	for i := range 4 {
		callers.Go(func() {
			a := s.Account(fmt.Sprint("k", i))
			for range 20 {
				for _, name := range []string{"one", "two"} {
					if got := a.CallAs(name, provider, bvn, number(found)); got.Status != 200 || !strings.HasPrefix(got.At("detail"), "w") {
						t.Errorf("%s answers %d %s", name, got.Status, got.Body)
						return
					}
				}
			}
		})
	}
	for i := range 10 {
		word := fmt.Sprint("w", i+1)
		give(t, s.DefaultAccount(), "test", later("one", word), later("two", word))
		give(t, s.Account("k1"), "own", later("two", word+"mine"))
	}
	callers.Wait()
}

// Old editions are dropped in the end. A run that began with one reports that.
func TestOldEditionsAreDropped(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	s := begin(t)
	a := s.Account("k")
	give(t, s.DefaultAccount(), "test", later("late", "first"))
	ask := map[string]string{"reference": reference(t, a.CallAs("late", provider, bvn, number(found)))}
	other := lint(t, later("late", "other"))
	for range 257 {
		if err := s.Engine().ReplaceScenarios(t.Context(), "", "test", other); err != nil {
			t.Fatal(err)
		}
	}
	got := a.Call(provider, status, ask)
	if got.Status != http.StatusInternalServerError || !strings.Contains(string(got.Body), "are gone: they were replaced more than 256 times since, or by more than 4 MiB") {
		t.Errorf("the run says %d %s", got.Status, got.Body)
	}
}

// The text of a scenario is that of the file that plays, for built-in scenarios and for uploaded ones.
func TestScenarioText(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a := s.Account("reader")
	text := later("late", "mine")
	give(t, a, "test", text)
	for path, want := range map[string]string{
		"/scenarios/" + provider + "/late":     text,
		"/scenarios/" + provider + "/default":  "scenario: default",
		"/scenarios/" + provider + "/not-late": `unknown scenario \"not-late\"`,
		"/scenarios/unknown/default":           `provider \"unknown\": not found`,
	} {
		got := a.Control("GET", path, nil)
		if found := !strings.Contains(path, "not") && !strings.Contains(path, "unknown"); (got.Status == 200) != found || !found && got.Status != 404 || !strings.Contains(string(got.Body), want) {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
	if got := s.DefaultAccount().Control("GET", "/scenarios/"+provider+"/late", nil); got.Status != 404 {
		t.Errorf("other accounts have it: %d %s", got.Status, got.Body)
	}
}
