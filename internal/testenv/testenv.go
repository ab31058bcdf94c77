// Package testenv decides whether a test can run here: it needs a program, or it takes long.
//
// Under -short such a test is skipped with the reason, so that `go test -short ./...` passes on a machine that has Go and
// nothing else. Without -short a missing program fails the test, so that a run never passes because it tested less.
//
// Test fixtures do not belong here.
package testenv

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// alternatives lists the commands that serve for a program, if its own name is not the only one.
var alternatives = map[string][]string{
	"chromium": {"chromium-headless-shell", "headless_shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"},
}

// debian names the Debian package of a program, if it differs from the program's name.
var debian = map[string]string{"node": "nodejs", "docker": "docker.io", "java": "default-jdk-headless", "php": "php-cli", "xmllint": "libxml2-utils", "chromium": "chromium-headless-shell"}

// Need skips the test under -short, and otherwise fails it unless every program is installed.
func Need(t testing.TB, programs ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: needs " + strings.Join(programs, ", "))
	}
	for _, program := range programs {
		if !installed(program) {
			t.Fatalf("%s is not installed: run bash .ci/test, which installs it on Debian (package %s)", program, packageOf(program))
		}
	}
}

// Long skips the test under -short: it takes more than about two seconds.
func Long(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: takes long")
	}
}

// Brief reports whether benchmarks use small inputs because only their working is of interest: BENCH=brief.
func Brief() bool { return os.Getenv("BENCH") == "brief" }

// Chromium returns the path of the browser, for programs that start it themselves. It skips or fails the test as [Need] does.
func Chromium(t testing.TB) string {
	t.Helper()
	Need(t, "chromium")
	return find("chromium")
}

func installed(program string) bool { return find(program) != "" }

// find returns the path of a program, empty if it is not installed.
func find(program string) string {
	commands := alternatives[program]
	if commands == nil {
		commands = []string{program}
	}
	for _, command := range commands {
		if path, err := exec.LookPath(command); err == nil {
			return path
		}
	}
	return ""
}

func packageOf(program string) string {
	if name, ok := debian[program]; ok {
		return name
	}
	return program
}
