package conformance

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
)

//go:embed report.html
var page string

var pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"verdicts": Verdicts,
	"open":     func(v Verdict) bool { return v == Fail || v == Error },
}).Parse(page))

// WriteHTML writes the report as one page that needs nothing else, with everything that was on the wire.
func (r *Report) WriteHTML(w io.Writer) error {
	if err := pageTemplate.Execute(w, r); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
