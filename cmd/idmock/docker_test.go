package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/testenv"
)

const (
	imageVersion = "v0.0.0-image-test"
	imageCommit  = "0123456789abcdef0123456789abcdef01234567"
	imageDate    = "2026-01-02T03:04:05Z"
)

// theImage returns the image to test: a new build, or the image in IDMOCK_IMAGE.
//
// TEST_IMAGE=off skips the tests of the image, and theImage returns "". Without it the tests fail on a machine
// without a Docker engine, so that an untested image does not pass.
func theImage(t *testing.T) string {
	t.Helper()
	if os.Getenv("TEST_IMAGE") == "off" {
		if os.Getenv("CI") == "true" {
			t.Fatal("TEST_IMAGE=off has no place in CI: the image ships")
		}
		t.Log("TEST_IMAGE=off: the image was not tested")
		return ""
	}
	testenv.Need(t, "docker")
	if out, err := exec.CommandContext(t.Context(), "docker", "info").CombinedOutput(); err != nil {
		t.Fatalf("no Docker engine answers: %v\n%s\nbash .ci/test installs and starts one on Debian; otherwise start one, "+
			"or set TEST_IMAGE=off to leave this test out.", err, lastLines(out, 3))
	}
	if image := os.Getenv("IDMOCK_IMAGE"); image != "" {
		return image
	}
	id, err := buildImage()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// buildImage builds the Dockerfile, once for all tests of a run, and returns the image's ID: the files of the directory change
// while other tests run, and would be compiled again. The tag stays behind on purpose: it keeps the layers.
var buildImage = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "idmock-image-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	idFile := filepath.Join(dir, "id")
	// The host's network, because modules may come from a proxy that only this machine's loopback reaches.
	args := []string{"build", "--network", "host", "--tag", "idmock:test", "--iidfile", idFile,
		"--build-arg", "VERSION=" + imageVersion, "--build-arg", "COMMIT=" + imageCommit, "--build-arg", "DATE=" + imageDate}
	// Use this machine's module settings: an argument without a value takes the value of the environment.
	for _, name := range []string{"GOPROXY", "GOSUMDB", "GOPRIVATE", "GOFLAGS", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"} {
		if os.Getenv(name) != "" {
			args = append(args, "--build-arg", name)
		}
	}
	if _, err := runDocker(context.Background(), append(args, ".")...); err != nil {
		return "", err
	}
	id, err := os.ReadFile(idFile)
	return strings.TrimSpace(string(id)), err
})

// awaitHealthy follows the container's events until its own health check says healthy.
func awaitHealthy(t *testing.T, container string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	// Since the beginning, because the container may have been faster than this call.
	cmd := exec.CommandContext(ctx, "docker", "events", "--since", "1", "--format", "{{.Action}}",
		"--filter", "container="+container, "--filter", "event=health_status", "--filter", "event=die")
	events, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cancel()
		_ = cmd.Wait() // ended by the line above
	}()
	var seen []string
	for lines := bufio.NewScanner(events); lines.Scan(); {
		seen = append(seen, lines.Text())
		switch lines.Text() {
		case "health_status: healthy":
			return
		case "health_status: unhealthy", "die":
			cancel()
		}
	}
	logs, _ := exec.Command("docker", "logs", container).CombinedOutput()
	t.Fatalf("container did not become healthy; events: %q, log:\n%s", seen, lastLines(logs, 20))
}

// docker runs one command at the repository's root and returns its output.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := runDocker(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func runDocker(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "docker", args...)
	cmd.Dir = filepath.Join("..", "..")
	var out, diagnosis bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &diagnosis
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("docker %s: %w\n%s", strings.Join(args, " "), err,
			lastLines(slices.Concat(out.Bytes(), diagnosis.Bytes()), 30))
	}
	return strings.TrimSpace(out.String()), nil
}

// removeContainer runs after the test's own context has ended, so it has a time limit of its own.
func removeContainer(t *testing.T, container string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "docker", "rm", "--force", container).CombinedOutput(); err != nil {
		t.Errorf("container %s stays behind: %v: %s", container, err, out)
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func lastLines(b []byte, n int) string {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
