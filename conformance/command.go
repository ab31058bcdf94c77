package conformance

import (
	"strings"
)

// Again is a command line as reports tell it, to make a check once more.
type Again []string

// Flag adds a flag that is neither empty nor at its standard.
func (a *Again) Flag(name, value, standard string) {
	if value == standard || value == "" {
		return
	}
	if strings.ContainsAny(value, " '{}$&|<>*?\"") {
		value = "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
	}
	*a = append(*a, "--"+name, value)
}

// Secret adds a flag whose value is named and not told: a report may be published.
func (a *Again) Secret(name, value string) {
	if value != "" {
		*a = append(*a, "--"+name, "…")
	}
}

// String is the command line.
func (a Again) String() string { return strings.Join(a, " ") }
