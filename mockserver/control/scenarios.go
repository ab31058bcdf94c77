package control

import (
	"context"
	"fmt"
	"strings"
)

// Shelf replaces scenarios while a server runs.
type Shelf interface {
	// GiveScenarios replaces all scenarios of a source and returns the new ones. It applies all files or, if one is invalid,
	// none, and returns [Mistakes]. No file removes the scenarios of the source.
	GiveScenarios(ctx context.Context, f ScenarioFiles) ([]Scenario, error)
}

// ScenarioFiles are the scenario files of one source.
type ScenarioFiles struct {
	Account string         `json:"-"`      // from the query; "": all accounts
	Source  string         `json:"source"` // name of the uploader
	Files   []ScenarioFile `json:"files"`
}

// ScenarioFile is a scenario file.
type ScenarioFile struct {
	Name string `json:"name"` // for error messages, such as late.yaml
	Text string `json:"text"` // YAML
}

// Mistake is an error in a scenario file.
type Mistake struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitzero"`   // from 1; 0: the whole file
	Column  int    `json:"column,omitzero"` // from 1, in characters
	Message string `json:"message"`         // cause and remedy
	Source  string `json:"source,omitzero"` // text of the line
}

// Mistakes are all errors in uploaded files. The API responds with 422 and lists them.
type Mistakes []Mistake

// Error lists the errors with their positions, one per line.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, mistake := range m {
		position := mistake.File
		if mistake.Line > 0 {
			position = fmt.Sprintf("%s:%d:%d", mistake.File, mistake.Line, mistake.Column)
		}
		lines[i] = position + ": " + mistake.Message
	}
	return strings.Join(lines, "\n")
}
