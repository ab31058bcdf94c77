package envfile

import (
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	variables := []Variable{{"URL", "http://127.0.0.1:8080/acme"}, {"KEY", `it's "a\b"` + "\n"}, {"PRICE", `$5 "a" \b`}, {"EMPTY", ""}}
	for format, want := range map[Format]string{
		Shell:      "export URL=http://127.0.0.1:8080/acme\nexport KEY='it'\\''s \"a\\b\"\n'\nexport PRICE='$5 \"a\" \\b'\nexport EMPTY=''\n",
		Dotenv:     "URL=http://127.0.0.1:8080/acme\nKEY=\"it's \\\"a\\\\b\\\"\\n\"\nPRICE='$5 \"a\" \\b'\nEMPTY=\"\"\n",
		PowerShell: "$env:URL = 'http://127.0.0.1:8080/acme'\n$env:KEY = 'it''s \"a\\b\"\n'\n$env:PRICE = '$5 \"a\" \\b'\n$env:EMPTY = ''\n",
		JSON:       "{\n  \"EMPTY\": \"\",\n  \"KEY\": \"it's \\\"a\\\\b\\\"\\n\",\n  \"PRICE\": \"$5 \\\"a\\\" \\\\b\",\n  \"URL\": \"http://127.0.0.1:8080/acme\"\n}\n",
	} {
		var b strings.Builder
		if err := Write(&b, format, variables); err != nil || b.String() != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", format, err, &b, want)
		}
	}
	if Write(&strings.Builder{}, "toml", nil) == nil {
		t.Error("an unknown format is accepted")
	}
}

// A server's text is never code: neither in a name nor in a value.
func TestSecurityEnvironment(t *testing.T) {
	for _, format := range []Format{Shell, Dotenv, PowerShell, JSON} {
		for _, v := range []Variable{
			{"A=1; touch /tmp/x; B", "x"}, {"$(id)", "x"}, {"A\nB", "x"}, {"", "x"}, {"A B", "x"}, {"1A", "x"}, {"É", "x"},
			{"LD_PRELOAD", "/tmp/x.so"}, {"PATH", "/tmp"}, {"NODE_OPTIONS", "-r x"}, {"BASH_ENV", "/tmp/x"},
			{"A", "\x00"}, {"A", "\x1b[2J"}, {"A", "\xff"},
		} {
			var b strings.Builder
			if err := Write(&b, format, []Variable{{"FINE", "x"}, v}); err == nil || b.Len() > 0 {
				t.Errorf("%s: %q=%q is written: %s", format, v.Name, v.Value, &b)
			}
		}
	}
	for value, want := range map[string]string{"`id`": "'`id`'", "$(id)": "'$(id)'", `"; id; "`: `'"; id; "'`} {
		for _, format := range []Format{Shell, Dotenv, PowerShell} {
			var b strings.Builder
			if err := Write(&b, format, []Variable{{"A", value}}); err != nil || !strings.Contains(b.String(), want) {
				t.Errorf("%s: %v\n%s, want %s", format, err, &b, want)
			}
		}
	}
	if err := Write(&strings.Builder{}, Dotenv, []Variable{{"A", "it's `id`"}}); err == nil {
		t.Error("a value that some readers of .env files would run is written")
	}
}
