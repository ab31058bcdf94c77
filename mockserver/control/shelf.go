package control

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
)

// Shelf holds the scenarios that can be played, and takes others while it is served from.
type Shelf interface {
	// GiveScenarios takes scenario files in place of all that the same source gave before: all of them, or none, with
	// [Mistakes]. It returns what it took. No file takes away what the source gave.
	GiveScenarios(ctx context.Context, f ScenarioFiles) ([]Scenario, error)
}

// ScenarioFiles are scenario files from one source.
type ScenarioFiles struct {
	Account string         `json:"-"`      // from the query; "": for everybody
	Source  string         `json:"source"` // whoever gives them; it may be given in the query as well
	Files   []ScenarioFile `json:"files"`
}

// ScenarioFile is one file.
type ScenarioFile struct {
	Name string `json:"name"` // for messages, such as late.yaml
	Text string `json:"text"` // YAML
}

// Mistake is what is wrong with a scenario file.
type Mistake struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitzero"`   // from 1; 0 where the whole file is meant
	Column  int    `json:"column,omitzero"` // from 1, in characters
	Message string `json:"message"`         // what is wrong, and what would be right
	Source  string `json:"source,omitzero"` // the line itself
}

// Mistakes are all that is wrong with files that were given. The API answers 422 and lists them.
type Mistakes []Mistake

// Error tells every mistake with its place, each on a line.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, one := range m {
		place := one.File
		if one.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d", one.File, one.Line, one.Column)
		}
		lines[i] = place + ": " + one.Message
	}
	return strings.Join(lines, "\n")
}

// anonymous is the source of who does not say who gives.
const anonymous = "control"

func (a *api) giveScenarios(w http.ResponseWriter, r *http.Request) error {
	body, err := slurp(w, r)
	if err != nil {
		return err
	}
	source := cmp.Or(r.URL.Query().Get("source"), anonymous)
	given := ScenarioFiles{Source: source}
	switch body = bytes.TrimSpace(body); {
	case len(body) == 0:
	case body[0] == '{':
		if err := wrong(json.Unmarshal(body, &given, json.RejectUnknownMembers(true)), &given); err != nil {
			return err
		}
	default: // a file as it is, which curl can send
		given.Files = []ScenarioFile{{Name: source + ".yaml", Text: string(body)}}
	}
	if given.Account = account(r); given.Source == "" {
		given.Source = source
	}
	for i, f := range given.Files {
		if f.Name == "" {
			return Invalidf("files[%d].name is missing: mistakes are told by it", i)
		}
	}
	taken, err := a.Shelf.GiveScenarios(r.Context(), given)
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, struct {
		Source    string     `json:"source"`
		Scenarios []Scenario `json:"scenarios"`
	}{given.Source, taken})
}
