package catalog_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
	"github.com/idmock/idmock/openapi/settings"
)

var quoted = regexp.MustCompile("`([^`]+)`")

// Every operation and event cites a source and how sure it is; the README calls nothing a guess that the statement does not,
// and has its totals.
func TestSourcesAreCited(t *testing.T) {
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range providers {
		t.Run(p.Name, func(t *testing.T) {
			guessed, totals := statement(t, p)
			readme, err := os.ReadFile("../" + p.Name + "/README.md")
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(readme), totals) {
				t.Errorf("README.md lacks its totals: %s", totals)
			}
			for line := range strings.Lines(string(readme)) {
				cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
				if last := cells[len(cells)-1]; len(cells) < 3 || !strings.Contains(last, "guess") && !strings.Contains(last, "inferred") {
					continue
				}
				for _, name := range quoted.FindAllStringSubmatch(cells[0], -1) {
					if says, known := guessed[name[1]]; known && !says {
						t.Errorf("README.md calls a part of %s a guess, the statement does not", name[1])
					}
				}
			}
		})
	}
}

// statement returns the operations and events with whether they, or a part of them, are guesses, and the sentence with totals.
func statement(t *testing.T, p *openapi.Provider) (guessed map[string]bool, totals string) {
	t.Helper()
	operations, err := p.Operations()
	if err != nil {
		t.Fatal(err)
	}
	guessed = map[string]bool{}
	counts := map[openapi.Fidelity]int{}
	note := func(name string, fidelity openapi.Fidelity, s settings.Source) {
		if s.Source == "" || !slices.Contains(settings.Confidences(), s.Confidence) {
			t.Errorf("%s cites no source: %+v", name, s)
		}
		if unsure := s.Confidence == settings.Inferred || s.Confidence == settings.PathOnly; unsure && fidelity != openapi.Guess && fidelity != openapi.Stubbed {
			t.Errorf("%s is %s and %s", name, s.Confidence, fidelity)
		}
		guessed[name] = fidelity == openapi.Guess || len(s.Guesses) > 0
	}
	for _, op := range operations {
		note(op.ID, op.Fidelity(), op.Source())
		if !op.Dashboard && !op.Mock {
			counts[op.Fidelity()]++
		}
	}
	for _, e := range p.Events() {
		fidelity, err := e.Fidelity()
		if err != nil {
			t.Fatal(err)
		}
		note(e.Name, fidelity, e.Source())
	}
	return guessed, fmt.Sprintf("Operations: %d modelled, %d validated, %d stubbed, %d guesses.",
		counts[openapi.Modelled], counts[openapi.Validated], counts[openapi.Stubbed], counts[openapi.Guess])
}

// sure ranks confidences: an operation must not claim to be surer than what is known of it.
var sure = map[string]int{"seed": 0, "vendor page": 0, "vendor SDK": 1, "recorded": 1, "measured": 1, "client code": 2, "third party": 2, "inferred": 3, "path only": 4}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// The statements of Prembly and Identitypass claim no more than the table of publicly known operations.
func TestConfidenceIsThatOfTheFacts(t *testing.T) {
	facts, err := os.ReadFile("../../testdata/clients/prembly-operations.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	key := func(method, path string) string {
		return method + " " + strings.TrimRight(placeholder.ReplaceAllString(path, "{}"), "/")
	}
	known := map[string]string{}
	for line := range strings.Lines(string(facts)) {
		var fact struct{ Method, Path, Confidence string }
		if err := json.Unmarshal([]byte(line), &fact); err != nil {
			t.Fatal(err)
		}
		known[key(fact.Method, fact.Path)] = fact.Confidence
	}
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, p := range providers {
		operations, err := p.Operations()
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range operations {
			fact, ok := known[key(op.Method, op.Path)]
			if !ok || p.Name != "prembly" && p.Name != "identitypass" { // the two names of one service
				continue
			}
			compared++
			if says := op.Source().Confidence; sure[says] < sure[fact] {
				t.Errorf("%s: %s %s: %q is claimed, known is %q", p.Name, op.Method, op.Path, says, fact)
			}
		}
	}
	if compared < 200 {
		t.Errorf("%d of %d operations were compared", compared, len(known))
	}
}
