package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/testenv"
)

// TestImageTestcontainers runs the commands in the READMEs of the examples with Testcontainers: real packages, an engine and the image.
func TestImageTestcontainers(t *testing.T) {
	image := theImage(t)
	if image == "" {
		return
	}
	testenv.Need(t, "bash", "node", "npm")
	environment := append(os.Environ(), "IDMOCK_IMAGE="+image,
		// The image that removes containers of killed tests comes from a registry, which not every machine reaches. These tests remove theirs.
		"TESTCONTAINERS_RYUK_DISABLED=true",
		"GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -count=1"),
		// ssh2 compiles C code for speed, and works without.
		"npm_config_ignore_scripts=true", "npm_config_audit=false", "npm_config_fund=false")
	for language, passed := range map[string]string{"node": "# pass 1", "go": "ok "} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			page := "examples/testcontainers-" + language + "/README.md"
			all := blocksOf(t, page)
			if len(all) != 1 {
				t.Fatalf("%s has %d blocks", page, len(all))
			}
			test := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", all[0].text)
			test.Dir, test.Env = root, environment
			if out, err := test.CombinedOutput(); err != nil || !strings.Contains(string(out), passed) {
				t.Errorf("%v\n%s", err, lastLines(out, 60))
			}
		})
	}
}
