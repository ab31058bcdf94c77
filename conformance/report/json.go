package conformance

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
)

// Schema is the JSON Schema of the JSON report.
//
//go:embed report.schema.json
var Schema []byte

// WriteJSON writes the whole report, as [Schema] says.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
