// Package envfile writes environment variables in the syntax of shells and tools. It does not read them.
package envfile

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Variable is an environment variable.
type Variable struct{ Name, Value string }

// Format is a syntax. The values are flag values.
type Format string

// The formats.
const (
	Shell      Format = "sh" // for eval
	Dotenv     Format = "dotenv"
	PowerShell Format = "powershell"
	JSON       Format = "json"
)

// Write writes variables in a format. Values are quoted where the syntax requires it.
func Write(w io.Writer, format Format, variables []Variable) error {
	switch format {
	case Shell:
		return lines(w, "export %s=%s\n", shellQuote, variables)
	case Dotenv:
		return lines(w, "%s=%s\n", dotenvQuote, variables)
	case PowerShell:
		return lines(w, "$env:%s = %s\n", powerShellQuote, variables)
	case JSON:
		return writeJSON(w, variables)
	}
	return fmt.Errorf("unknown format %q", format)
}

func lines(w io.Writer, line string, quote func(string) string, variables []Variable) error {
	for _, v := range variables {
		if _, err := fmt.Fprintf(w, line, v.Name, quote(v.Value)); err != nil {
			return err
		}
	}
	return nil
}

func writeJSON(w io.Writer, variables []Variable) error {
	values := map[string]string{}
	for _, v := range variables {
		values[v.Name] = v.Value
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(values)
}

// plain matches values that need no quotes.
var plain = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=-]+$`)

func shellQuote(s string) string {
	if plain.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func dotenvQuote(s string) string {
	if plain.MatchString(s) {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "$", `\$`).Replace(s) + `"`
}

func powerShellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
