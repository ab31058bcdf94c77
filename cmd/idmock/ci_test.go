//go:build unix

package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/idmock/idmock/docs"
	"github.com/idmock/idmock/internal/testenv"
)

// commands returns the commands in a file of a CI system: the values of run and script.
func commands(node any) []string {
	var all []string
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			if text, ok := value.(string); ok && key == "run" {
				all = append(all, text)
			} else if list, ok := value.([]any); ok && key == "script" {
				for _, line := range list {
					all = append(all, line.(string))
				}
			} else {
				all = append(all, commands(value)...)
			}
		}
	case []any:
		for _, value := range node {
			all = append(all, commands(value)...)
		}
	}
	return all
}

// The commands of the examples for CI systems work against a server, and their images are those that a release publishes.
func TestCIExamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "examples", "ci", "*.yml"))
	if err != nil || len(files) < 4 {
		t.Fatalf("%d examples: %v", len(files), err)
	}
	testenv.Need(t, "bash", "curl")
	base := beside(t, nil, "idmock", "serve", "--addr", "127.0.0.1:0").must(t, `^ready (\S+)$`)[1]
	image := "ghcr.io/" + strings.TrimPrefix(docs.Repository, "https://github.com/")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var document any
		if err := yaml.Unmarshal(src, &document); err != nil {
			t.Fatal(err)
		}
		all := commands(document)
		if !slices.Contains(all, "examples/shell/test.sh") {
			t.Errorf("%s runs no test: %q", file, all)
		}
		for _, command := range all {
			cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", command)
			cmd.Dir, cmd.Env = root, append(os.Environ(), "IDMOCK="+base)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %s: %v\n%s", file, command, err, out)
			}
		}
		if strings.Contains(string(src), "ghcr.io/") && !strings.Contains(string(src), image+":v") {
			t.Errorf("%s does not use the image %s", file, image)
		}
	}
}

// The action's script starts a server that outlives it, and publishes the address to the steps that follow.
func TestActionStarts(t *testing.T) {
	testenv.Need(t, "bash")
	program, err := exec.LookPath("idmock")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(program, filepath.Join(dir, "idmock")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "bash", filepath.Join(root, ".ci", "start"), dir)
	cmd.Env = append(os.Environ(), "FLAGS=--frozen --seed 7")
	for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH"} {
		cmd.Env = append(cmd.Env, name+"="+filepath.Join(dir, name))
	}
	out, err := cmd.CombinedOutput()
	_, after, _ := strings.Cut(string(out), "(process ")
	if pid, err := strconv.Atoi(strings.TrimSuffix(after, ")\n")); err == nil {
		defer syscall.Kill(pid, syscall.SIGKILL) //nolint:errcheck // it may have ended
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	published := func(name string) string {
		src, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(src))
	}
	url := strings.TrimPrefix(published("GITHUB_OUTPUT"), "url=")
	if published("GITHUB_ENV") != "IDMOCK="+url || published("GITHUB_PATH") != dir {
		t.Errorf("environment %q, path %q", published("GITHUB_ENV"), published("GITHUB_PATH"))
	}
	if status, body := call(t, http.MethodGet, url+"/_idmock/v1/clock", ""); status != http.StatusOK || !strings.Contains(string(body), `"frozen":true`) {
		t.Errorf("the flags have no effect: %d %s", status, body)
	}
}

// A release is built for every system, with the variables that this package has.
func TestReleaseConfiguration(t *testing.T) {
	var c struct {
		Builds []struct {
			GOOS, GOARCH, Ldflags []string
		}
	}
	if err := yaml.Unmarshal([]byte(readFile(t, ".goreleaser.yaml")), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Builds) != 1 || !slices.Equal(c.Builds[0].GOOS, []string{"linux", "darwin", "windows"}) || !slices.Equal(c.Builds[0].GOARCH, []string{"amd64", "arm64"}) {
		t.Errorf("builds: %+v", c.Builds)
	}
	for _, variable := range []string{"main.version=", "main.commit=", "main.date="} {
		for file, text := range map[string]string{".goreleaser.yaml": strings.Join(c.Builds[0].Ldflags, " "), "Dockerfile": readFile(t, "Dockerfile")} {
			if !strings.Contains(text, "-X "+variable) {
				t.Errorf("%s does not set %s", file, variable)
			}
		}
	}
	if !strings.Contains(readFile(t, "Dockerfile"), "ARG SOURCE="+docs.Repository+"\n") {
		t.Errorf("the Dockerfile's source is not %s", docs.Repository)
	}
}

// The script that proves a release's arm64 program rejects a program for another machine. Proving one takes a second compilation of
// everything, which the release workflow has.
func TestArm64Script(t *testing.T) {
	testenv.Need(t, "bash")
	program := filepath.Join(t.TempDir(), "idmock")
	header := append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 13)...)
	header[18] = 62 // EM_X86_64
	if err := os.WriteFile(program, header, 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(root, ".ci", "arm64"), program, "v1.0.0").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "not built for arm64: machine 62") {
		t.Errorf("%v\n%s", err, out)
	}
}
