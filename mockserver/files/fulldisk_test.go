//go:build unix

package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/testenv"
)

// On a full disk no provider directory is written, which the error says, and nothing is in the way of the next try.
func TestSecurityDirectoryOnAFullDisk(t *testing.T) {
	const document = `{"openapi":"3.0.3","info":{"title":"Acme","version":"1"},"paths":{"/things":{"get":{"operationId":"listThings",` +
		`"responses":{"200":{"description":"All.","content":{"application/json":{"schema":{"type":"object","properties":{"n":{"type":"integer"}}}}}}}}}}}`
	dir := t.TempDir()
	from := filepath.Join(dir, "acme.json")
	if err := os.WriteFile(from, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	testenv.FullDisk(t, 256, func() {
		into := filepath.Join(dir, "acme")
		if _, err := Create(into, Document{From: from}, nil); err == nil || !strings.Contains(err.Error(), "file too large") {
			t.Errorf("a directory that has no room: %v", err)
		}
		if _, err := os.Stat(into); !os.IsNotExist(err) {
			t.Errorf("the directory is left: %v", err)
		}
	})
}
