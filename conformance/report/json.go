package report

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"

	"github.com/idmock/idmock/conformance"
)

// Schema is the JSON Schema of the JSON report.
//
//go:embed report.schema.json
var Schema []byte

// WriteJSON writes the report as JSON that [Schema] describes.
func WriteJSON(w io.Writer, r *conformance.Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("write JSON report: %w", err)
	}
	return nil
}
