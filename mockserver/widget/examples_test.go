package widget_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

var examples = filepath.Join("..", "..", "examples")

// copyExample copies the files of an example, without the packages that a developer installed there.
func copyExample(to, name string) error {
	entries, err := os.ReadDir(filepath.Join(examples, name))
	if err == nil {
		err = os.MkdirAll(to, 0o755)
	}
	for _, entry := range entries {
		var src []byte
		if err == nil && !entry.IsDir() {
			if src, err = os.ReadFile(filepath.Join(examples, name, entry.Name())); err == nil {
				err = os.WriteFile(filepath.Join(to, entry.Name()), src, 0o600)
			}
		}
	}
	return err
}

// testExamples tests examples/vite, which build built in dir, and drives it with examples/playwright.
func testExamples(t *testing.T, s *mockservertest.Server, dir string) {
	example := filepath.Join(dir, "example")
	const real, local = "https://cdn.faceio.net/fio.js", "http://idmock.test/faceio/fio.js"
	for pattern, want := range map[string][2]string{ // has, has not
		"dist/assets/*.js":    {real, local},
		"pointed/assets/*.js": {local, real},
		"served.js":           {local, real},
	} {
		files, err := filepath.Glob(filepath.Join(example, pattern))
		if err != nil || len(files) != 1 {
			t.Fatalf("%s: %v %v", pattern, files, err)
		}
		if text := read(t, files[0]); !strings.Contains(text, want[0]) || strings.Contains(text, want[1]) {
			t.Errorf("%s does not load %s alone:\n%s", pattern, want[0], text)
		}
	}
	tested, installed := manifest(t, "testdata/npm"), manifest(t, filepath.Join(examples, "vite"))
	for name, version := range installed {
		if tested[name] != version {
			t.Errorf("examples/vite has %s %s, tested with %s", name, version, tested[name])
		}
	}
	site := httptest.NewServer(http.FileServer(http.Dir(filepath.Join(example, "dist"))))
	t.Cleanup(site.Close)
	playwright(t, s, site.URL)
}

// playwright runs examples/playwright against the page at app.
func playwright(t *testing.T, s *mockservertest.Server, app string) {
	dir := t.TempDir()
	client, err := filepath.Abs(filepath.Join(examples, "..", "clients", "js"))
	if err == nil {
		err = copyExample(dir, "playwright")
	}
	if err == nil {
		err = os.MkdirAll(filepath.Join(dir, "node_modules", "@idmock"), 0o755)
	}
	if err == nil {
		err = os.Symlink(client, filepath.Join(dir, "node_modules", "@idmock", "client"))
	}
	const driver = "playwright-core"
	if err == nil {
		dependencies := filepath.Join(testenv.NPM(t, driver+"@"+manifest(t, dir)[driver]), "node_modules")
		err = os.Symlink(filepath.Join(dependencies, driver), filepath.Join(dir, "node_modules", driver))
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for range 10 {
		test := exec.CommandContext(ctx, "node", "--test")
		test.Dir = dir
		test.Env = append(os.Environ(), "IDMOCK="+s.URL(), "APP="+app, "HOSTS="+s.HostsAddr().String(), "CHROMIUM="+testenv.Chromium(t))
		out, err := test.CombinedOutput()
		if err == nil {
			return
		}
		if !strings.Contains(string(out), "net::ERR_NETWORK_CHANGED") { // by containers of other tests: see steady
			t.Fatalf("%v\n%s", err, out)
		}
	}
	t.Error("the network changed in every run")
}

// manifest returns the dependencies in the package.json of a directory.
func manifest(t *testing.T, dir string) map[string]string {
	t.Helper()
	var m struct{ Dependencies, DevDependencies map[string]string }
	if err := json.Unmarshal([]byte(read(t, filepath.Join(dir, "package.json"))), &m); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, dependencies := range []map[string]string{m.Dependencies, m.DevDependencies} {
		for name, version := range dependencies {
			all[name] = version
		}
	}
	return all
}

func read(t *testing.T, file string) string {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}
