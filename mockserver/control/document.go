package control

import (
	_ "embed"
	"fmt"
	"net/http"

	"github.com/goccy/go-yaml"

	"github.com/idmock/idmock/internal/gzipfs"
)

//go:embed openapi.yaml
var document []byte

// documentAsYAML makes its answer when it is first asked, as the next does: few ask.
func documentAsYAML() ([]byte, error) { return gzipfs.Bytes(document) }

func documentAsJSON() ([]byte, error) {
	text, err := documentAsYAML()
	if err != nil {
		return nil, err
	}
	return yaml.YAMLToJSON(text)
}

func (a *api) documentYAML(w http.ResponseWriter, _ *http.Request) error {
	body, err := a.asYAML()
	if err != nil {
		return fmt.Errorf("openapi.yaml: %w", err)
	}
	write(w, http.StatusOK, "application/yaml", body)
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
