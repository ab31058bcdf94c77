package control

import "context"

// Uploads replaces scenarios while a server runs.
type Uploads interface {
	// UploadScenarios replaces all scenarios of a source and returns the new ones. It applies all files or, if one is invalid,
	// none, and returns a diag.List. No file removes the scenarios of the source.
	UploadScenarios(ctx context.Context, f ScenarioFiles) ([]Scenario, error)
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
