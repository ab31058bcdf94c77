package scenarios_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/idmock/idmock/scenarios"
)

var fence = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// Every example of the README is valid, and every key has an example.
func TestReadme(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	v, _ := shipped(t)
	blocks := fence.FindAllStringSubmatch(string(page), -1)
	if len(blocks) < 6 {
		t.Fatalf("%d examples", len(blocks))
	}
	for i, block := range blocks {
		src := block[1]
		if !strings.Contains(src, "scenario:") {
			src = "scenario: readme\nprovider: identitypass\nrules:\n  " + strings.ReplaceAll(strings.TrimSpace(src), "\n", "\n  ") + "\n"
		}
		if _, err := scenarios.Parse(fmt.Sprintf("example-%d", i+1), []byte(src), v); err != nil {
			t.Error(err)
		}
	}
	for kind, keys := range scenarios.Keys(source("x", `
  - on: {simulate: aml-hit}
    reply: {}
    then: {send: {event: check.done}, expect: {}}
`), acme{}) {
		for _, key := range keys {
			if !regexp.MustCompile(`\b` + key + `:`).Match(page) {
				t.Errorf("key %s of %s has no example", key, kind)
			}
		}
	}
}
