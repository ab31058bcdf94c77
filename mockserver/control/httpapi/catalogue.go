package httpapi

import (
	"bytes"
	"cmp"
	"net/http"
	"path"
	"strings"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/wire"
)

// catalogue serves the providers and scenarios of the server.
type catalogue struct{ backend control.Backend }

func (c catalogue) providers(w http.ResponseWriter, r *http.Request) error {
	all, err := c.backend.Catalogue.Providers(r.Context())
	return wire.SendResult(w, all, err)
}

func (c catalogue) fidelity(w http.ResponseWriter, r *http.Request) error {
	fidelity, err := c.backend.Fidelities.Fidelity(r.Context(), r.PathValue("name"))
	return wire.SendResult(w, fidelity, err)
}

func (c catalogue) environment(w http.ResponseWriter, r *http.Request) error {
	env, err := c.backend.Environments.Environment(r, wire.Account(r), r.PathValue("name"))
	return wire.SendResult(w, env, err)
}

func (c catalogue) form(w http.ResponseWriter, r *http.Request) error {
	form, err := c.backend.Operations.Form(r.Context(), r.PathValue("name"), r.PathValue("operation"))
	return wire.SendResult(w, form, err)
}

func (c catalogue) scenarios(w http.ResponseWriter, r *http.Request) error {
	all, err := c.backend.Catalogue.Scenarios(r.Context(), wire.Account(r))
	return wire.SendResult(w, all, err)
}

func (c catalogue) scenarioText(w http.ResponseWriter, r *http.Request) error {
	text, err := c.backend.Catalogue.ScenarioText(r.Context(), wire.Account(r), r.PathValue("provider"), r.PathValue("name"))
	if err != nil {
		return err
	}
	wire.Write(w, http.StatusOK, "application/yaml", text)
	return nil
}

func (c catalogue) schema(w http.ResponseWriter, r *http.Request) error {
	schema, err := c.backend.Catalogue.Schema(r.Context())
	if err != nil {
		return err
	}
	wire.Write(w, http.StatusOK, "application/schema+json", schema)
	return nil
}

// providerSchema serves the schema of provider.yaml.
func providerSchema(schema []byte) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, _ *http.Request) error {
		wire.Write(w, http.StatusOK, "application/schema+json", schema)
		return nil
	}
}

// defaultSource is the source of uploads that name none.
const defaultSource = "control"

// yamlName returns a name with the ending of a YAML file, which it may have.
func yamlName(name string) string {
	if ext := strings.ToLower(path.Ext(name)); ext == ".yaml" || ext == ".yml" {
		return name
	}
	return name + ".yaml"
}

// replaceScenarios accepts a JSON object with files, or one YAML file as it is.
func (c catalogue) replaceScenarios(w http.ResponseWriter, r *http.Request) error {
	body, err := wire.ReadBody(w, r)
	if err != nil {
		return err
	}
	source := cmp.Or(r.URL.Query().Get("source"), defaultSource)
	upload := control.ScenarioFiles{Source: source}
	switch body = bytes.TrimSpace(body); {
	case len(body) == 0:
	case body[0] == '{':
		if err := wire.Unmarshal(body, &upload); err != nil {
			return err
		}
	default:
		upload.Files = []control.ScenarioFile{{Name: yamlName(source), Text: string(body)}}
	}
	upload.Account, upload.Source = wire.Account(r), cmp.Or(upload.Source, source)
	for i, f := range upload.Files {
		if f.Name == "" {
			return control.Invalidf("files[%d].name is required: errors refer to it", i)
		}
	}
	scenarios, err := c.backend.Uploads.UploadScenarios(r.Context(), upload)
	return wire.SendResult(w, struct {
		Source    string             `json:"source"`
		Scenarios []control.Scenario `json:"scenarios"`
	}{upload.Source, scenarios}, err)
}
