package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for another process to say or do something, on a busy machine.
const patience = time.Minute

// process is a program that runs beside a test, with its output and errors.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}

	mu   sync.Mutex
	said []byte
	more chan struct{} // closed when it says more, and replaced
}

// start starts a program in a folder, with the environment of the test and extra.
func start(dir string, extra []string, name string, args ...string) (*process, error) {
	p := prepare(dir, extra, name, args...)
	return p, p.start()
}

// prepare makes a program that can be started.
func prepare(dir string, extra []string, name string, args ...string) *process {
	p := &process{cmd: exec.Command(name, args...), ended: make(chan struct{}), more: make(chan struct{})}
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), extra...)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	p.cmd.WaitDelay = patience
	return p
}

func (p *process) start() error {
	if err := p.cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = p.cmd.Wait() // code reads the process state
		close(p.ended)
	}()
	return nil
}

// beside starts a program that is killed when the test ends.
func beside(t *testing.T, extra []string, name string, args ...string) *process {
	t.Helper()
	p, err := start("", extra, name, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

// Write records output of the process.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said = append(p.said, b...)
	close(p.more)
	p.more = make(chan struct{})
	return len(b), nil
}

// output returns what the process has printed so far.
func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(p.said)
}

// await waits for a complete line that matches, from the beginning of the output, and returns its groups.
func (p *process) await(pattern string) ([]string, error) { return p.awaitFrom(0, pattern) }

// awaitFrom is await that ignores the output before a byte offset.
func (p *process) awaitFrom(from int, pattern string) ([]string, error) {
	re, err := regexp.Compile("(?m)" + pattern)
	if err != nil {
		return nil, err
	}
	deadline := time.After(patience)
	for over := false; ; {
		p.mu.Lock()
		said, more := string(p.said[from:max(from, bytes.LastIndexByte(p.said, '\n')+1)]), p.more
		p.mu.Unlock()
		if found := re.FindStringSubmatch(said); found != nil {
			return found, nil
		}
		if over {
			return nil, fmt.Errorf("%s ended without a line like %q:\n%s", p.cmd.Path, pattern, said)
		}
		select {
		case <-more:
		case <-p.ended:
			over = true // all output was recorded before
		case <-deadline:
			return nil, fmt.Errorf("%s printed no line like %q in %v:\n%s", p.cmd.Path, pattern, patience, said)
		}
	}
}

// must is await that ends the test on an error.
func (p *process) must(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := p.await(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (p *process) signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// code waits for the end and returns the exit code.
func (p *process) code() (int, error) {
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode(), nil
	case <-time.After(patience):
		return 0, fmt.Errorf("%s does not end", strings.Join(p.cmd.Args, " "))
	}
}

func (p *process) kill() {
	_ = p.signal(syscall.SIGKILL) // it may have ended
	<-p.ended
}
