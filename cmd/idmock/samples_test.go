//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSamplesReadme pastes the session of the sample receivers' README into a shell, with other ports.
func TestSamplesReadme(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("..", "..", "testdata", "receivers", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	sh := newShell(t, nil)
	sh.paste(t, `go() { shift 2; idmock "$@"; }`)
	text := strings.NewReplacer("4000", freePort(t), "4001", freePort(t)).Replace(string(src))
	all := blocks.FindAllStringSubmatch(text, -1)
	if len(all) != 3 {
		t.Fatalf("%d blocks", len(all))
	}
	sh.run(t, all[0][3], "")
	sh.paste(t, `grep -qm1 listening <(tail -n +1 -F events.txt 2>&1)`)
	sh.run(t, all[1][3], all[2][3])
}
