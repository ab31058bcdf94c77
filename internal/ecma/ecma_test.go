package ecma_test

import (
	"regexp"
	"testing"

	"github.com/idmock/idmock/internal/ecma"
)

func TestTranslate(t *testing.T) {
	for _, c := range []struct{ pattern, matches, not string }{
		{`^[0-9]{11}$`, "12345678901", "1"},
		{`^[\w\-\.]+$`, "a-b.c", "a b"},
		{`^\u00e9\u{1F600}$`, "é😀", "e"},
		{`^[^]$`, "\n", ""},
		{`^a\/b\:c$`, "a/b:c", "ab"},
		{`^\cJ$`, "\n", "J"},
		{`^.{1,5000}$`, "abc", ""},
		{`^{x}$`, "{x}", "x"},
		{`^[[]a]$`, "[a]", "a"},
		{`^\p{Letter}+$`, "é", "1"},
		{`^\i\_$`, "i_", "i"},
		{`^[a\-z]$`, "-", "b"},
	} {
		got, err := ecma.Translate(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		re := regexp.MustCompile(got)
		if !re.MatchString(c.matches) || re.MatchString(c.not) {
			t.Errorf("%s became %s: %v for %q, %v for %q", c.pattern, got, re.MatchString(c.matches), c.matches, re.MatchString(c.not), c.not)
		}
	}
	for _, pattern := range []string{`^(?=a).*$`, `^(?!a)b$`, `(?<=a)b`, `(a)\1`, `a\`, `(`} {
		if got, err := ecma.Translate(pattern); err == nil {
			t.Errorf("%s became %s, want an error", pattern, got)
		}
	}
}
