package files

import (
	"os"
	"path/filepath"
	"testing"
)

// A symbolic link in a directory does not lead out of it; one inside of it does its work.
func TestSecurityLinks(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret.yaml")
	if err := os.WriteFile(outside, []byte("secret: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "own.yaml"), []byte("own: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"out.yaml": outside, "up.yaml": "../../../../etc/hostname", "in.yaml": "own.yaml"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, ok := range map[string]bool{"own.yaml": true, "in.yaml": true, "out.yaml": false, "up.yaml": false} {
		if text, err := rooted(dir).ReadFile(name); (err == nil) != ok {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		f, err := rooted(dir).Open(name)
		if (err == nil) != ok {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			f.Close()
		}
		if text, err := inDirectory(dir, filepath.Join(dir, name)); (err == nil) != ok {
			t.Errorf("%s below its directory: %q, %v", name, text, err)
		}
	}
	if text, err := inDirectory(outside, outside); err != nil || len(text) == 0 {
		t.Errorf("a file by its own name: %v", err)
	}
}
