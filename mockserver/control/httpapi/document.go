package httpapi

import (
	_ "embed"
	"fmt"
	"net/http"

	"github.com/goccy/go-yaml"

	"github.com/idmock/idmock/mockserver/control/wire"
)

//go:embed openapi.yaml
var openapi []byte

// document serves the OpenAPI document. json converts it at the first request, as few clients ask for it.
type document struct{ json func() ([]byte, error) }

func documentJSON() ([]byte, error) { return yaml.YAMLToJSON(openapi) }

func (d document) serveYAML(w http.ResponseWriter, _ *http.Request) error {
	wire.Write(w, http.StatusOK, "application/yaml", openapi)
	return nil
}

func (d document) serveJSON(w http.ResponseWriter, _ *http.Request) error {
	body, err := d.json()
	if err != nil {
		return fmt.Errorf("convert openapi.yaml to JSON: %w", err)
	}
	wire.Write(w, http.StatusOK, "application/json", body)
	return nil
}
