// Package doctor examines a machine and a running server for the causes of common problems.
//
// It changes nothing. Printing its findings does not belong here.
package doctor

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// States of a finding.
const (
	Good    = "ok"
	Note    = "note"
	Problem = "problem"
)

// Finding is one line of a report.
type Finding struct {
	State, Subject, Text string
}

// Report lists the findings.
type Report []Finding

// Problems returns the number of findings that are problems.
func (r Report) Problems() int {
	n := 0
	for _, f := range r {
		if f.State == Problem {
			n++
		}
	}
	return n
}

// Options say where to look.
type Options struct {
	Addr        string   // HOST:PORT of a server that runs or shall run
	Server      string   // URL of a running server; empty: http://Addr
	To          string   // URL of a webhook receiver; empty: none
	Version     string   // of this program
	DataDir     string   // of the local certificate authority
	Token       string   // of the control API; empty: none
	Environment []string // NAME=VALUE
}

// slow is the longest wait for one answer from the network or a program.
const slow = 3 * time.Second

// skew is the largest difference between two clocks of one machine that is not reported.
const skew = 2 * time.Second

// Examine returns the findings. It takes a few seconds at most.
func Examine(ctx context.Context, o Options) Report {
	r := Report{environment(o.Environment)}
	r = append(r, o.server(ctx)...)
	r = append(r, o.authority(), engine(ctx), hostGateway(ctx))
	if o.To != "" {
		r = append(r, receiver(ctx, o.To))
	}
	return r
}

// environment lists the names of variables that configure the program. Values may be secret.
func environment(all []string) Finding {
	var names []string
	for _, pair := range all {
		if name, value, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "IDMOCK_") && value != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return Finding{Good, "environment", "no IDMOCK_ variable is set"}
	}
	return Finding{Note, "environment", "set: " + strings.Join(names, " ")}
}

// server examines the address, and the server there.
func (o Options) server(ctx context.Context) Report {
	base := strings.TrimSuffix(o.Server, "/")
	if base == "" {
		base = "http://" + o.Addr
		if l, err := net.Listen("tcp", o.Addr); err == nil {
			_ = l.Close()
			return Report{{Good, "port", o.Addr + " is free: no server runs there"}}
		}
	}
	response, err := get(ctx, base+"/_idmock/v1/ready", o.Token)
	if err != nil {
		return Report{{Problem, "server", fmt.Sprintf("%s: %v: another program has the address, or nothing listens: use idmock serve --addr 127.0.0.1:0", base, err)}}
	}
	defer response.Body.Close()
	running := response.Header.Get("X-Idmock")
	if running == "" {
		return Report{{Problem, "server", base + " is another HTTP server: use idmock serve --addr with another port"}}
	}
	r := Report{o.sameVersion(base, running), clocks(response, time.Now())}
	if response.StatusCode != http.StatusOK {
		r = append(r, Finding{Problem, "ready", fmt.Sprintf("status %d: the server does not handle requests: see its log", response.StatusCode)})
	}
	return append(r, o.access(ctx, base))
}

func (o Options) sameVersion(base, running string) Finding {
	if running != o.Version {
		return Finding{Note, "server", fmt.Sprintf("idmock %s runs at %s, and this program is %s", running, base, o.Version)}
	}
	return Finding{Good, "server", fmt.Sprintf("idmock %s runs at %s", running, base)}
}

// clocks compares the server's clock with this machine's. The header has no fractions of a second.
func clocks(response *http.Response, now time.Time) Finding {
	there, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return Finding{Note, "clock", "the server sends no date"}
	}
	if difference := now.Sub(there).Abs(); difference > skew {
		return Finding{Problem, "clock", fmt.Sprintf("the server's clock differs by %v: receivers reject signatures with a wrong time", difference.Round(time.Second))}
	}
	return Finding{Good, "clock", "the server's clock agrees with this machine's"}
}

// access reports whether the control API can be used.
func (o Options) access(ctx context.Context, base string) Finding {
	response, err := get(ctx, base+"/_idmock/v1/accounts", o.Token)
	if err != nil {
		return Finding{Problem, "control API", err.Error()}
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusUnauthorized {
		return Finding{Note, "control API", "needs a token: set IDMOCK_CONTROL_TOKEN"}
	}
	return Finding{Good, "control API", fmt.Sprintf("responds with %d", response.StatusCode)}
}

func get(ctx context.Context, address, token string) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, slow)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if wrapped, ok := err.(*url.Error); ok {
		return nil, wrapped.Err
	}
	return response, err
}

// authority reports whether this machine trusts the local certificate authority.
func (o Options) authority() Finding {
	src, err := os.ReadFile(filepath.Join(o.DataDir, "ca.pem"))
	if err != nil {
		return Finding{Good, "authority", "none yet: serve --hosts creates one"}
	}
	block, _ := pem.Decode(src)
	if block == nil {
		return Finding{Problem, "authority", "ca.pem is not a certificate: idmock ca --new replaces it"}
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return Finding{Problem, "authority", err.Error()}
	}
	if _, err := certificate.Verify(x509.VerifyOptions{}); err != nil {
		return Finding{Note, "authority", fmt.Sprintf("%s is not trusted by this machine: idmock ca shows how", certificate.Subject.CommonName)}
	}
	return Finding{Good, "authority", certificate.Subject.CommonName + " is trusted by this machine"}
}

// engine reports the container engine, if there is one.
func engine(ctx context.Context) Finding {
	ctx, cancel := context.WithTimeout(ctx, slow)
	defer cancel()
	out, err := exec.CommandContext(ctx, "docker", "version", "--format", "{{.Server.Version}}").Output()
	if err != nil {
		return Finding{Note, "engine", "no container engine responds; only containers need one"}
	}
	return Finding{Good, "engine", "docker " + strings.TrimSpace(string(out))}
}

// hostGateway reports whether the name by which containers reach their machine resolves here.
func hostGateway(ctx context.Context) Finding {
	const name = "host.docker.internal"
	ctx, cancel := context.WithTimeout(ctx, slow)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(ctx, name)
	inside := exists("/.dockerenv")
	switch {
	case err == nil:
		return Finding{Good, "host", name + " is " + strings.Join(addresses, ", ")}
	case inside:
		return Finding{Note, "host", name + " does not resolve in this container: to reach its machine, start it with --add-host " + name + ":host-gateway"}
	}
	return Finding{Good, "host", "not a container: webhooks reach localhost directly"}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// receiver reports whether a webhook receiver can be connected to. It sends nothing.
func receiver(ctx context.Context, address string) Finding {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return Finding{Problem, "receiver", fmt.Sprintf("invalid URL %q", address)}
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443"}[u.Scheme]
	}
	if port == "" {
		port = "80"
	}
	dialer := net.Dialer{Timeout: slow}
	connection, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return Finding{Problem, "receiver", fmt.Sprintf("%v: start it, or use the address at which this machine sees it", err)}
	}
	_ = connection.Close()
	return Finding{Good, "receiver", u.Redacted() + " accepts connections"}
}
