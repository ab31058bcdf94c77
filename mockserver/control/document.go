package control

import (
	_ "embed"
	"fmt"
	"net/http"

	"github.com/goccy/go-yaml"
)

//go:embed openapi.yaml
var document []byte

func documentAsJSON() ([]byte, error) { return yaml.YAMLToJSON(document) }

func (a *api) documentYAML(w http.ResponseWriter, _ *http.Request) error {
	write(w, http.StatusOK, "application/yaml", document)
	return nil
}

func (a *api) documentJSON(w http.ResponseWriter, _ *http.Request) error {
	body, err := a.asJSON()
	if err != nil {
		return fmt.Errorf("openapi.yaml as JSON: %w", err)
	}
	write(w, http.StatusOK, "application/json", body)
	return nil
}
