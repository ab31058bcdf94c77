package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/idmock/idmock/conformance"
)

//go:embed report.html
var pageSource string

var page = template.Must(template.New("report").Funcs(template.FuncMap{
	"verdicts": conformance.Verdicts,
	"used":     usedVerdicts,
	"results":  withVerdict,
	"label":    label,
	"open":     func(v conformance.Verdict) bool { return v == conformance.Fail || v == conformance.Error },
}).Parse(pageSource))

// WriteHTML writes the report as a single page with all exchanges, which loads nothing and runs no script.
func WriteHTML(w io.Writer, r *conformance.Report) error {
	if err := page.Execute(w, r); err != nil {
		return fmt.Errorf("write HTML report: %w", err)
	}
	return nil
}

// label returns the heading of the results with a verdict.
func label(v conformance.Verdict) string {
	switch v {
	case conformance.Pass:
		return "Passed"
	case conformance.Fail:
		return "Failed"
	case conformance.Warn:
		return "Warnings"
	case conformance.Noted:
		return "Info"
	case conformance.Skip:
		return "Skipped"
	case conformance.NotApplicable:
		return "Not applicable"
	case conformance.Inconclusive:
		return "Inconclusive"
	case conformance.Waived:
		return "Waived"
	default:
		return "Errors"
	}
}
