package headervalue_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/internal/headervalue"
)

func TestPreferences(t *testing.T) {
	for header, want := range map[string]map[string]string{
		"code=404, example=NAME":               {"code": "404", "example": "NAME"},
		`Example = "a, b; c" ; x=1, CODE=200`:  {"example": "a, b; c", "code": "200"},
		`example="a \"b\" \\", example=second`: {"example": `a "b" \`},
		"respond-async, wait=10s, =x, ":        {"respond-async": "", "wait": "10s"},
		`example="open, code=404`:              {"example": `"open, code=404`},
		"":                                     {},
	} {
		if diff := cmp.Diff(want, headervalue.Preferences(header)); diff != "" {
			t.Errorf("%s: %s", header, diff)
		}
	}
}

func TestForwarded(t *testing.T) {
	for header, want := range map[string]map[string]string{
		`for="[2001:db8::1]:4711";Proto=https;host=api.example:8443`: {"for": "[2001:db8::1]:4711", "proto": "https", "host": "api.example:8443"},
		"proto=https;host=a.example, for=10.0.0.1;host=b.example":    {"proto": "https", "host": "a.example"},
	} {
		if diff := cmp.Diff(want, headervalue.Forwarded(header)); diff != "" {
			t.Errorf("%s: %s", header, diff)
		}
	}
}

func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "not-verified", `a "b" \`, "a, b; c", `\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := headervalue.Preferences("example=" + headervalue.Quote(s))["example"]; got != s {
			t.Errorf("%q is quoted as %s, which reads as %q", s, headervalue.Quote(s), got)
		}
	})
}

func FuzzPreferences(f *testing.F) {
	for header, code := range map[string]string{
		`code=404`: "404", `CODE = "4\04"`: "404", `wait=1; code=5, code=404;x="a,b"`: "404", `x="code=1, \"y", code=404`: "404",
		`code`: "", `code=`: "", `code="40"4`: `"40"4`, `"code"=404`: "", `,;,=,code=404,`: "404", `code="`: `"`,
	} {
		if got := headervalue.Preferences(header)["code"]; got != code {
			f.Errorf("%s: code is %q, want %q", header, got, code)
		}
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		for name, value := range headervalue.Preferences(header) {
			if name == "" || strings.ContainsAny(name, "=,") && !strings.Contains(name, `"`) || len(value) > len(header) {
				t.Errorf("%q: %q=%q", header, name, value)
			}
		}
	})
}
