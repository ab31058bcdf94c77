// Package wording says types, durations and numbers in the words of the scenario language, for messages of lint.
//
// It knows nothing of files and rules: package scenarios finds what is wrong.
package wording

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/template"
)

// Checked names a type of expr-lang.
func Checked(name string) string {
	switch name {
	case "string":
		return "text"
	case "int", "float64":
		return "a number"
	case "bool":
		return "true or false"
	case "time.Time":
		return "a time"
	case "unknown":
		return "a value of the request or run"
	}
	return name
}

// Correction says how to correct operands of these types.
func Correction(a, b string) string {
	switch {
	case a == "time.Time" || b == "time.Time":
		return `: write date("2026-01-31"), or compare now.Format("2006-01-02")`
	case a == "int" || b == "int":
		return `: write the number in quotes`
	}
	return ""
}

// Mismatch says why an operand is of the wrong type, and how to correct it.
func Mismatch(path string, types []string, o template.Operand) string {
	hint := ""
	switch v := o.Value.(type) {
	case int, float64:
		if hint = "; convert it, such as with int()"; types[0] == "text" && (o.Operator == "==" || o.Operator == "!=") {
			hint = fmt.Sprintf("; write the number in quotes, \"%v\"", v)
		}
	case string:
		if types[0] == "list" {
			hint = fmt.Sprintf("; write %q in %s", v, path)
		} else if v == "true" || v == "false" || isNumber.MatchString(v) {
			hint = "; write it without quotes"
		}
	case nil:
		return fmt.Sprintf(", and %s is for text: convert it with string()", o.Operator)
	}
	switch o.Operator {
	case "==":
		return fmt.Sprintf(", never %#v%s", o.Value, hint)
	case "!=":
		return fmt.Sprintf(", so that it always differs from %#v%s", o.Value, hint)
	}
	return fmt.Sprintf(", which cannot be compared by %s %#v%s", o.Operator, o.Value, hint)
}

var isNumber = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// TypeOf is the type of a literal in the words of variables.
func TypeOf(v any) string {
	switch v.(type) {
	case string:
		return "text"
	case bool:
		return "boolean"
	case int, int64, uint64, float64:
		return "number"
	}
	return "any"
}

// Types names types in a sentence.
func Types(types []string) string {
	words := map[string]string{"number": "a number", "boolean": "true or false", "list": "a list", "object": "an object"}
	var all []string
	for _, t := range types {
		all = append(all, cmp.Or(words[t], t))
	}
	return strings.Join(all, " or ")
}

// Time writes a duration without zero minutes and seconds.
func Time(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Attempts says how often an event is attempted.
func Attempts(attempts int) string {
	if attempts == 1 {
		return "once"
	}
	return fmt.Sprintf("1 to %d times", attempts)
}
