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
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
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
	bench *bench
	url   string
	pid   int
	trace *trace // of its garbage collector, if it was asked for
}

// serve starts the shipped binary with the default flags.
func (b *bench) serve(flags ...string) (*process, error) {
	return b.launch(nil, b.idmock, append([]string{"serve", "--addr", "127.0.0.1:0", "--log-level", "error"}, flags...)...)
}

func (b *bench) serveBare() (*process, error) { return b.launch(nil, b.bare) }

// launch starts a server and waits for its ready line.
func (b *bench) launch(env []string, binary string, args ...string) (*process, error) {
	command := exec.Command(binary, args...)
	command.Env = append(os.Environ(), env...)
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p := &process{bench: b}
	if env != nil {
		p.trace = &trace{}
		command.Stderr = p.trace
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	b.stops = append(b.stops, func() {
		_ = command.Process.Kill() // it may have ended
		_ = command.Wait()         // killed
	})
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("%s: no ready line: %w", filepath.Base(binary), err)
	}
	go io.Copy(io.Discard, lines) //nolint:errcheck // ends with the process
	p.url, p.pid = strings.TrimSpace(strings.TrimPrefix(line, "ready ")), command.Process.Pid
	return p, nil
}

func (b *bench) stopAll() {
	for _, stop := range b.stops {
		stop()
	}
	b.stops = nil
}

// resident returns the resident memory in MB.
func (p *process) resident() (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0, errors.New("/proc has no VmRSS")
	}
	kilobytes, err := strconv.ParseFloat(fields[0], 64)
	return kilobytes * 1024 / 1e6, err
}

// cpu returns the processor time so far. The kernel counts it in hundredths of a second.
func (p *process) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest) // from the third field on
	if len(fields) < 13 {
		return 0, errors.New("/proc has no times")
	}
	var ticks int
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
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
