//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"

	"github.com/idmock/idmock/mockserver/benchmarks/child"
)

// build builds both servers like a release: without symbols and cgo.
func (b *bench) build(dir string) error {
	for pkg, to := range map[string]*string{"./cmd/idmock": &b.idmock, "./" + testdata + "bare": &b.bare} {
		*to = filepath.Join(dir, filepath.Base(pkg))
		command := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", *to, pkg)
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
		}
	}
	return nil
}

// process is a server in another process.
type process struct {
	*child.Process
	bench *bench
	trace *trace // of its garbage collector, if it was asked for
}

// serve starts the shipped binary with the default flags.
func (b *bench) serve(flags ...string) (*process, error) {
	return b.launch(nil, b.idmock, append([]string{"serve", "--addr", "127.0.0.1:0", "--log-level", "error"}, flags...)...)
}

func (b *bench) serveBare() (*process, error) { return b.launch(nil, b.bare) }

// launch starts a server and waits for its ready line. With an environment, the reports of its garbage collector are read.
func (b *bench) launch(env []string, binary string, args ...string) (*process, error) {
	p := &process{bench: b}
	var stderr io.Writer
	if env != nil {
		p.trace = &trace{}
		stderr = p.trace
	}
	var err error
	if p.Process, err = child.Start(env, stderr, binary, args...); err != nil {
		return nil, err
	}
	b.stops = append(b.stops, p.Kill)
	return p, nil
}

func (b *bench) stopAll() {
	for _, stop := range b.stops {
		stop()
	}
	b.stops = nil
}

// resident returns the resident memory in MB.
func (p *process) resident() (float64, error) { return p.Memory("VmRSS") }

// trace reads the reports of the garbage collector (GODEBUG=gctrace=1): the heap before and after each collection, in MB.
type trace struct {
	mu        sync.Mutex
	rest      []byte
	allocated float64 // MB, up to the last collection
	live      float64
}

var collection = regexp.MustCompile(` (\d+)->(\d+)->(\d+) MB`)

func (t *trace) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rest = append(t.rest, b...)
	for {
		line, rest, found := bytes.Cut(t.rest, []byte("\n"))
		if !found {
			return len(b), nil
		}
		t.rest = rest
		if sizes := collection.FindSubmatch(line); sizes != nil {
			before, _ := strconv.ParseFloat(string(sizes[1]), 64) // digits
			during, _ := strconv.ParseFloat(string(sizes[2]), 64)
			live, _ := strconv.ParseFloat(string(sizes[3]), 64)
			t.allocated += before - t.live + during - before
			t.live = live
		}
	}
}

func (t *trace) megabytes() float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.allocated
}
