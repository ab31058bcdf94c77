//go:build unix

package localca

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/testenv"
)

// On a full disk no authority is created, which the error says, and no half of one is left.
func TestSecurityAuthorityOnAFullDisk(t *testing.T) {
	testenv.FullDisk(t, 100, func() {
		dir := t.TempDir()
		if _, err := Open(dir, []string{"api.example.com"}); err == nil || !strings.Contains(err.Error(), "file too large") {
			t.Errorf("an authority that has no room: %v", err)
		}
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				t.Errorf("%s is left", path)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
