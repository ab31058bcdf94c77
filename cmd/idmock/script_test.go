package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite generated text: tables in the README, expected output in scripts")

// TestMain puts the test binary into PATH as idmock, so that every test runs the real program, race detector included.
// TestMain puts the program into the PATH, built as users build it: with the race detector a start takes five times as long,
// and scripts start it hundreds of times. The packages that it consists of are tested with the detector.
func TestMain(tests *testing.M) {
	var m testscript.TestingM = tests
	if strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") != "exits" {
		dir, err := os.MkdirTemp("", "idmock-test-")
		if err == nil {
			build := exec.Command("go", "build", "-buildvcs=false", "-o", dir+string(filepath.Separator), ".")
			build.Stderr = os.Stderr
			err = build.Run()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "build idmock:", err)
			os.Exit(1)
		}
		os.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
		m = removing{m, dir}
	}
	testscript.Main(m, map[string]func(){"exits": exits})
}

// removing removes a directory after the tests.
type removing struct {
	testscript.TestingM
	dir string
}

func (r removing) Run() int {
	defer os.RemoveAll(r.dir)
	return r.TestingM.Run()
}

// exits is the command `exits CODE COMMAND…`: it fails unless the command ends with that code.
func exits() {
	cmd := exec.Command(os.Args[2], os.Args[3:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if got := strconv.Itoa(cmd.ProcessState.ExitCode()); got != os.Args[1] {
		fmt.Fprintf(os.Stderr, "exit code %s, want %s\n", got, os.Args[1])
		os.Exit(1)
	}
}

// TestScript runs testdata/script. Scripts have these additional commands:
//
//	exits CODE COMMAND…               run a command that ends with this code
//	start NAME PATTERN COMMAND…       start a program, wait for a line and set $NAME to its first group
//	said NAME PATTERN                 wait for a line of a program that was started
//	end NAME CODE                     send SIGTERM and wait for the end
//	like FILE WANT [MEMBER…]          compare JSON, or the part under these members: see like
func TestScript(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files:         scripts(t),
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("BUILTIN", filepath.Join(root, "openapi"))
			env.Setenv("PROVIDERS", filepath.Join(root, "testdata", "providers"))
			env.Setenv("DOCUMENTS", filepath.Join(root, "testdata", "documents"))
			env.Setenv("RECEIVERS", filepath.Join(root, "testdata", "receivers"))
			env.Values[programs{}] = map[string]*process{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"idmock": func(ts *testscript.TestScript, fails bool, args []string) {
				if err := ts.Exec("idmock", args...); fails == (err == nil) {
					ts.Fatalf("idmock: %v", err)
				}
			},
			"like": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(like(ts.ReadFile(args[0]), ts.ReadFile(args[1]), args[2:]...))
			},
			"start": func(ts *testscript.TestScript, _ bool, args []string) {
				p, err := start(ts.MkAbs("."), nil, args[2], args[3:]...)
				ts.Check(err)
				ts.Defer(p.kill)
				found, err := p.await(args[1])
				ts.Check(err)
				ts.Setenv(args[0], found[1])
				ts.Value(programs{}).(map[string]*process)[args[0]] = p
			},
			"said": func(ts *testscript.TestScript, _ bool, args []string) {
				_, err := program(ts, args[0]).await(args[1])
				ts.Check(err)
			},
			"end": func(ts *testscript.TestScript, _ bool, args []string) {
				p := program(ts, args[0])
				ts.Check(p.signal(syscall.SIGTERM))
				code, err := p.code()
				ts.Check(err)
				if strconv.Itoa(code) != args[1] {
					ts.Fatalf("%s ended with %d, want %s", args[0], code, args[1])
				}
			},
		},
	})
}

// foreign matches a script line that runs a program other than idmock.
var foreign = regexp.MustCompile(`(?m)^.*\b(bash|curl|node|npm|python3|sh) .*$`)

// scripts returns the scripts to run: under -short those that need no program besides idmock.
func scripts(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	if !testing.Short() {
		return files
	}
	return slices.DeleteFunc(files, func(file string) bool {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		line := foreign.FindString(string(src))
		if line != "" {
			t.Logf("-short: %s skipped: %s", filepath.Base(file), line)
		}
		return line != ""
	})
}

// programs is the key of the programs that a script has started.
type programs struct{}

func program(ts *testscript.TestScript, name string) *process {
	p := ts.Value(programs{}).(map[string]*process)[name]
	if p == nil {
		ts.Fatalf("nothing was started as %s", name)
	}
	return p
}
