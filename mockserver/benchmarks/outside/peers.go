//go:build unix

package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/idmock/idmock/mockserver/benchmarks/child"
)

// peer is another server of stand-ins, installed by its package manager's ordinary client when it is first measured.
type peer struct {
	name    string
	command func(port string) []string
	path    string                           // in place of the call's own
	prepare func(b *bench, url string) error // may be nil
}

// peers are those that --peers knows. They need npx, and WireMock a Java runtime.
func (b *bench) peers() []peer {
	document := "openapi/" + b.request.Provider + "/openapi.yaml"
	return []peer{
		{"prism", func(port string) []string {
			return []string{"npx", "--yes", "@stoplight/prism-cli@5", "mock", "--port", port, document}
		}, strings.TrimPrefix(b.request.Path, "/"+b.request.Provider), nil},
		{"wiremock", func(port string) []string {
			return []string{"npx", "--yes", "wiremock@3", "--port", port}
		}, "", stub},
		{"stripe-mock", func(port string) []string {
			return []string{"go", "run", "github.com/stripe/stripe-mock@latest", "-http-port", port}
		}, "/v1/charges", nil},
	}
}

// stub has WireMock respond to the call.
func stub(b *bench, url string) error {
	body := fmt.Sprintf(`{"request":{"method":"POST","url":%q},"response":{"status":200,"body":"%s","headers":{"Content-Type":"application/json"}}}`,
		b.request.Path, strings.Repeat("x", 600))
	response, err := http.Post(url+"/__admin/mappings", "application/json", bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // only read
	if response.StatusCode >= 300 {
		return fmt.Errorf("stub: %s", response.Status)
	}
	return nil
}

// measurePeer compares a peer with the bare server.
func (b *bench) measurePeer(name string) error {
	for _, p := range b.peers() {
		if p.name == name {
			return b.comparePeer(p)
		}
	}
	return fmt.Errorf("unknown peer: use prism, wiremock or stripe-mock")
}

func (b *bench) comparePeer(p peer) error {
	bare, err := b.serveBare()
	if err != nil {
		return err
	}
	theirs, err := b.launchPeer(p)
	if err != nil {
		return err
	}
	if p.prepare != nil {
		if err := p.prepare(b, theirs.URL); err != nil {
			return err
		}
	}
	var env []string
	if p.path != "" {
		env = append(env, "CALL_PATH="+p.path)
	}
	var share []float64
	for i := range b.rounds + 1 {
		first, err := theirs.wrk(16, b.length, env...)
		if err != nil {
			return err
		}
		second, err := bare.wrk(16, b.length)
		if err != nil {
			return err
		}
		if i > 0 { // the first is to warm up
			share = append(share, first.rate/second.rate)
		}
	}
	b.report("the same of "+p.name+" at 16 connections", "", share...)
	return nil
}

// launchPeer starts a peer and waits until it accepts connections.
func (b *bench) launchPeer(p peer) (*process, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // finds a free port
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(address)
	arguments := p.command(port)
	command := exec.Command(arguments[0], arguments[1:]...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the server is a child of the package manager
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		return nil, err
	}
	pid := command.Process.Pid
	b.stops = append(b.stops, func() {
		_ = syscall.Kill(-pid, syscall.SIGKILL) // it may have ended
		_ = command.Wait()                      // killed
	})
	for began := time.Now(); time.Since(began) < 3*time.Minute; time.Sleep(200 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			return &process{Process: child.Of(command, "http://127.0.0.1:"+port), bench: b}, conn.Close()
		}
	}
	return nil, fmt.Errorf("%s does not listen on port %s", p.name, strconv.Quote(port))
}
