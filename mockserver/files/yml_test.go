package files_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver/files"
)

// The files of a provider directory may end in .yml. Errors have the names that they have.
func TestYml(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "acme")
	shipped := os.DirFS(filepath.Join("..", "..", "testdata", "providers", "acme"))
	err := fs.WalkDir(shipped, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := fs.ReadFile(shipped, name)
		if err != nil {
			return err
		}
		target := filepath.Join(dir, strings.Replace(name, ".yaml", ".yml", 1))
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		return os.WriteFile(target, src, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	whole := func(_ string, dir fs.FS) fs.FS { return dir }
	if _, err := files.OpenProvider(dir, whole); err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(dir, "provider.yml")
	src, err := os.ReadFile(settings)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(settings, append([]byte("titel: x\n"), src...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := files.OpenProvider(dir, whole); err == nil || !strings.Contains(err.Error(), "acme/provider.yml:1:1: unknown key \"titel\", did you mean \"title\"?\n") {
		t.Errorf("%v, want the place of the error", err)
	}
}
