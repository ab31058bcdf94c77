package archtest

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	securityTest  = regexp.MustCompile(`(?m)^func (TestSecurity\w+)\(`)
	securityNamed = regexp.MustCompile(`\bTestSecurity\w+`)
)

// docs/security.md names the test of each promise, and no other.
func TestPromisesHaveTests(t *testing.T) {
	var have []string
	for _, file := range tracked(t) {
		if strings.HasSuffix(file, "_test.go") {
			for _, m := range securityTest.FindAllStringSubmatch(read(t, file), -1) {
				have = append(have, m[1])
			}
		}
	}
	named := securityNamed.FindAllString(read(t, "docs/security.md"), -1)
	for _, name := range have {
		if !slices.Contains(named, name) {
			t.Errorf("docs/security.md does not name %s", name)
		}
	}
	for _, name := range named {
		if !slices.Contains(have, name) {
			t.Errorf("docs/security.md names %s, which does not exist", name)
		}
	}
}
