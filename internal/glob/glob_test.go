package glob_test

import (
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/glob"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"verifyBVN", "verifyBVN", true},
		{"verifyBVN", "verifyBVNV1", false},
		{"verify*", "verify", true},
		{"verify*", "verifyBVN", true},
		{"verify*WithFace*", "verifyBVNWithFaceV1", true},
		{"verify*WithFace*", "verifyBVN", false},
		{"*V1", "verifyBVNV1V1", true},
		{"a*b*c", "abbbcbc", true},
		{"a*b*c", "abbbcb", false},
		{"get?", "getX", true},
		{"get?", "get", false},
		{"get?", "getÉ", true},
		{"*", "", true},
		{"", "", true},
		{"", "x", false},
		{"accounts*", "accounts/get", true},
		{"accounts/[id]", "accounts/[id]", true},
		{"accounts/[id]", "accounts/i", false},
		{`a\b`, `a\b`, true},
	} {
		if got := glob.Match(c.pattern, c.name); got != c.want {
			t.Errorf("%q on %q: %v, want %v", c.pattern, c.name, got, c.want)
		}
	}
}

func TestManyStarsTakeNoTime(t *testing.T) {
	if glob.Match(strings.Repeat("*a", 200)+"b", strings.Repeat("a", 20000)) {
		t.Error("matched")
	}
}
