package envfile

import (
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	variables := []Variable{{"URL", "http://127.0.0.1:8080/acme"}, {"KEY", `it's $5 "a\b"` + "\n"}, {"EMPTY", ""}}
	for format, want := range map[Format]string{
		Shell:      "export URL=http://127.0.0.1:8080/acme\nexport KEY='it'\\''s $5 \"a\\b\"\n'\nexport EMPTY=''\n",
		Dotenv:     "URL=http://127.0.0.1:8080/acme\nKEY=\"it's \\$5 \\\"a\\\\b\\\"\\n\"\nEMPTY=\"\"\n",
		PowerShell: "$env:URL = 'http://127.0.0.1:8080/acme'\n$env:KEY = 'it''s $5 \"a\\b\"\n'\n$env:EMPTY = ''\n",
		JSON:       "{\n  \"EMPTY\": \"\",\n  \"KEY\": \"it's $5 \\\"a\\\\b\\\"\\n\",\n  \"URL\": \"http://127.0.0.1:8080/acme\"\n}\n",
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
