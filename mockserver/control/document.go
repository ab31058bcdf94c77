package control

import (
	_ "embed"
	"fmt"
	"net/http"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed openapi.yaml
var document []byte

// documentAsJSON makes its answer when it is first asked: few ask.
func documentAsJSON() func() ([]byte, error) {
	return sync.OnceValues(func() ([]byte, error) { return yaml.YAMLToJSON(document) })
}

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
