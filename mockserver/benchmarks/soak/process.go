//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is the binary, serving.
type process struct {
	url     string
	command *exec.Cmd
	stderr  tail
	ended   chan struct{} // closed when it has ended
}

// serve starts the binary and waits for its ready line.
func (s *soak) serve(flags ...string) (*process, error) {
	p := &process{ended: make(chan struct{})}
	p.command = exec.Command(s.binary, append([]string{"serve", "--log-level", "error", "--scenarios", testdata + "at-once.yaml"}, flags...)...)
	p.command.Env = append(os.Environ(), "GOTRACEBACK=all")
	p.command.Stderr = &p.stderr
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	s.procs = append(s.procs, p)
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	go func() {
		io.Copy(io.Discard, lines) //nolint:errcheck // ends with the process
		_ = p.command.Wait()       // its state has the exit code
		close(p.ended)
	}()
	if err != nil {
		return nil, fmt.Errorf("no ready line: %w: %s", err, p.stderr.text())
	}
	p.url = strings.TrimSpace(strings.TrimPrefix(line, "ready "))
	return p, nil
}

// stop sends a signal and waits until the process has ended. It returns how long that took.
func (p *process) stop(signal syscall.Signal, within time.Duration) (time.Duration, error) {
	began := time.Now()
	if err := p.command.Process.Signal(signal); err != nil {
		return 0, err
	}
	select {
	case <-p.ended:
		return time.Since(began), nil
	case <-time.After(within):
		return within, fmt.Errorf("still there %v after %v", within, signal)
	}
}

func (s *soak) killAll() {
	for _, p := range s.procs {
		_ = p.command.Process.Kill() // it may have ended
		<-p.ended
	}
	s.procs = nil
}

// memory returns a figure of /proc in MB: VmRSS, or VmHWM for the most there was.
func (p *process) memory(name string) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), name+":")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0, errors.New("/proc has no " + name)
	}
	kilobytes, err := strconv.ParseFloat(fields[0], 64)
	return kilobytes * 1024 / 1e6, err
}

// goroutines ends the process and counts its goroutines by the stacks that it prints.
func (p *process) goroutines() (int, error) {
	if _, err := p.stop(syscall.SIGQUIT, 10*time.Second); err != nil {
		return 0, err
	}
	return strings.Count(p.stderr.text(), "\ngoroutine "), nil
}

// control calls the control API.
func (p *process) control(method, path, body string) ([]byte, error) {
	request, err := http.NewRequest(method, p.url+"/_idmock/v1"+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // only read
	result, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s %s", method, path, response.Status, result)
	}
	return result, err
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
