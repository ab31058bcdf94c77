package scenarios

import (
	"strings"

	"github.com/idmock/idmock/internal/diag"
)

// lineProblem returns a problem at the first character of a line.
func lineProblem(file string, lines []string, line int, message string) diag.Diagnostic {
	source := strings.TrimRight(lines[line-1], "\r")
	column := 1 + len(source) - len(strings.TrimLeft(source, " "))
	return diag.Diagnostic{File: file, Line: line, Column: column, Message: message, Source: source}
}

// maxQuote is the longest quote of a line inside a message, in characters.
const maxQuote = 60

// excerpt quotes a line inside a message.
func excerpt(lines []string, line int) string {
	text := []rune(strings.TrimSpace(lines[line-1]))
	if len(text) > maxQuote {
		return string(text[:maxQuote]) + "…"
	}
	return string(text)
}
