//go:build unix

// Package child runs a server as a process of its own, for measurements and trials from outside. What is measured or tried does not
// belong here.
package child

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Process is a server that printed its ready line.
type Process struct {
	// URL is the address in its ready line.
	URL string

	command *exec.Cmd
	ended   chan struct{} // closed when it has ended
}

// Start starts a server and waits for its ready line. env is added to the environment; stderr may be nil.
func Start(env []string, stderr io.Writer, binary string, args ...string) (*Process, error) {
	p := &Process{command: exec.Command(binary, args...), ended: make(chan struct{})}
	p.command.Env = append(os.Environ(), env...)
	p.command.Stderr = stderr
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	go func() {
		io.Copy(io.Discard, lines) //nolint:errcheck // ends with the process
		_ = p.command.Wait()       // its state has the exit code
		close(p.ended)
	}()
	if err != nil {
		p.Kill()
		return nil, fmt.Errorf("%s: no ready line: %w", filepath.Base(binary), err)
	}
	p.URL = strings.TrimSpace(strings.TrimPrefix(line, "ready "))
	return p, nil
}

// Of returns a server that the caller started and ends: Stop and Kill are not for it.
func Of(command *exec.Cmd, url string) *Process { return &Process{URL: url, command: command} }

// Stop sends a signal and waits until the process has ended. It returns how long that took.
func (p *Process) Stop(signal syscall.Signal, within time.Duration) (time.Duration, error) {
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

// Kill ends the process, which may have ended before, and waits for its end.
func (p *Process) Kill() {
	_ = p.command.Process.Kill() // it may have ended
	<-p.ended
}

// Control calls the control API. A status of 300 or more is an error.
func (p *Process) Control(method, path, body string) ([]byte, error) {
	request, err := http.NewRequest(method, p.URL+"/_idmock/v1"+path, strings.NewReader(body))
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
