//go:build unix

package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/idmock/idmock/mockserver/benchmarks/child"
)

// process is the binary, serving.
type process struct {
	*child.Process
	stderr *tail
}

// serve starts the binary and waits for its ready line.
func (s *soak) serve(flags ...string) (*process, error) {
	p := &process{stderr: &tail{}}
	var err error
	args := append([]string{"serve", "--log-level", "error", "--scenarios", testdata + "at-once.yaml"}, flags...)
	if p.Process, err = child.Start([]string{"GOTRACEBACK=all"}, p.stderr, s.binary, args...); err != nil {
		return nil, fmt.Errorf("%w: %s", err, p.stderr.text())
	}
	s.procs = append(s.procs, p)
	return p, nil
}

func (s *soak) killAll() {
	for _, p := range s.procs {
		p.Kill()
	}
	s.procs = nil
}

// goroutines ends the process and counts its goroutines by the stacks that it prints.
func (p *process) goroutines() (int, error) {
	if _, err := p.Stop(syscall.SIGQUIT, 10*time.Second); err != nil {
		return 0, err
	}
	return strings.Count(p.stderr.text(), "\ngoroutine "), nil
}

// tail keeps the end of what a process prints.
type tail struct {
	mu    sync.Mutex
	bytes []byte
}

const maxTail = 8 << 20

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.bytes = append(t.bytes, b...); len(t.bytes) > maxTail {
		t.bytes = slices.Delete(t.bytes, 0, len(t.bytes)-maxTail/2)
	}
	return len(b), nil
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return "\n" + string(bytes.TrimSpace(t.bytes))
}
