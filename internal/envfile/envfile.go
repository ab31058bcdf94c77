// Package envfile writes environment variables in the syntax of shells and tools. It does not read them.
package envfile

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
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

// Write writes variables in a format. Names are validated and values quoted: a shell that evaluates the output runs nothing
// else, even if a lying server sent it. The error reports a variable that has no safe form; nothing is written then.
func Write(w io.Writer, format Format, variables []Variable) error {
	for _, v := range variables {
		if err := v.check(format); err != nil {
			return err
		}
	}
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

// name matches the names that shells accept, and that mean nothing else in any format.
var name = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// loaders are variables that make programs run code or trust others. No provider needs them.
var loaders = regexp.MustCompile(`^(PATH|IFS|ENV|BASH_ENV|SHELLOPTS|PS[0-9]|PROMPT_COMMAND|LD_.*|DYLD_.*|NODE_OPTIONS|PYTHON(PATH|STARTUP|HOME)|PERL5?(LIB|OPT)|RUBY(LIB|OPT)|GIT_.*|JAVA_TOOL_OPTIONS)$`)

// check reports a variable that cannot be written safely.
func (v Variable) check(format Format) error {
	switch {
	case !name.MatchString(v.Name):
		return fmt.Errorf("invalid variable name %.100q: use letters, digits and _", v.Name)
	case loaders.MatchString(v.Name):
		return fmt.Errorf("variable %s is not allowed: it changes how programs run", v.Name)
	case !utf8.ValidString(v.Value) || strings.ContainsFunc(v.Value, control):
		return fmt.Errorf("variable %s has control characters or invalid UTF-8", v.Name)
	case format == Dotenv && strings.ContainsAny(v.Value, "'\n\r") && strings.ContainsAny(v.Value, "`$"):
		return fmt.Errorf("variable %s has no form that every reader of .env files takes literally: use another format", v.Name)
	}
	return nil
}

func control(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f }

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

// ShellQuote quotes an argument for a POSIX shell, if it needs it.
func ShellQuote(s string) string { return shellQuote(s) }

func shellQuote(s string) string {
	if plain.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// dotenvQuote prefers single quotes, in which nothing is expanded: some readers run commands in double quotes.
func dotenvQuote(s string) string {
	switch {
	case plain.MatchString(s):
		return s
	case s != "" && !strings.ContainsAny(s, "'\n\r"):
		return "'" + s + "'"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(s) + `"`
}

// powerShellQuote doubles the quotes, of which PowerShell knows five.
func powerShellQuote(s string) string {
	return "'" + strings.NewReplacer("'", "''", "\u2018", "\u2018\u2018", "\u2019", "\u2019\u2019", "\u201a", "\u201a\u201a", "\u201b", "\u201b\u201b").Replace(s) + "'"
}
