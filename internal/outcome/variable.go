package outcome

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Variable is a declared variable of a run. Null is a valid value of every variable.
type Variable struct {
	Name   string
	Type   string   // one of Types; empty with Values
	Values []string // the only valid values
}

// Types lists the types of variables.
func Types() []string { return []string{"text", "number", "boolean", "list", "object", "any"} }

// Check returns an error for a value that the variable cannot have.
func (v Variable) Check(value any) error {
	if value == nil {
		return nil
	}
	if v.Type == "" {
		if text := fmt.Sprint(value); !slices.Contains(v.Values, text) {
			return fmt.Errorf("%s cannot be %q: use %s", v.Name, text, strings.Join(v.Values, ", "))
		}
		return nil
	}
	if have := typeOf(value); v.Type != "any" && have != v.Type {
		return fmt.Errorf("%s must be %s, not %s", v.Name, v.Type, have)
	}
	return nil
}

func typeOf(value any) string {
	switch value.(type) {
	case string, time.Time:
		return "text"
	case bool:
		return "boolean"
	case []any, []string, []map[string]any:
		return "list"
	case map[string]any:
		return "object"
	default:
		return "number"
	}
}
