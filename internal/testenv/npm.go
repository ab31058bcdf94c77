package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// NPM installs a version of an npm package, such as stripe@17.7.0, once per machine, and returns the directory that has its
// node_modules.
func NPM(t testing.TB, pack string) string {
	t.Helper()
	Need(t, "npm")
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(cache, "idmock-tests", pack)
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		t.Fatal(err)
	}
	temp, err := os.MkdirTemp(filepath.Dir(folder), "fetch-*")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(temp)
	if out, err := exec.CommandContext(t.Context(), "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", temp, pack).CombinedOutput(); err != nil {
		t.Fatalf("npm install %s: %v\n%s", pack, err, out)
	}
	if err := os.Rename(temp, folder); err != nil {
		if _, missing := os.Stat(folder); missing != nil { // else another process was faster
			t.Fatal(err)
		}
	}
	return folder
}
