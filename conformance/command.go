package conformance

import (
	"fmt"
	"strings"
)

// CommandLine builds the command that a report prints to repeat a check.
type CommandLine []string

// Flag adds a flag, unless its value is empty or the default.
func (c *CommandLine) Flag(name, value, byDefault string) {
	if value == byDefault || value == "" {
		return
	}
	if strings.ContainsAny(value, " '{}$&|<>*?\"") {
		value = "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
	}
	*c = append(*c, "--"+name, value)
}

// Secret adds a flag without its value, because reports may be published.
func (c *CommandLine) Secret(name, value string) {
	if value != "" {
		*c = append(*c, "--"+name, "…")
	}
}

// String returns the command line.
func (c CommandLine) String() string { return strings.Join(c, " ") }

// Repeat returns the command that repeats a single check of a run, command being the one that started the run.
func Repeat(command, id string, seed uint64) string {
	return fmt.Sprintf("%s --run %s --seed %d", command, id, seed)
}
