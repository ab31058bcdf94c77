//go:build unix

// Command prism asks an independent judge whether responses are as documented: Prism, as a validating proxy before a running server,
// for every operation of the providers that ship, with its documented request.
//
//	idmock serve --addr 127.0.0.1:8080 & go run ./mockserver/benchmarks/prism http://127.0.0.1:8080
//
// It needs npx, and must run in the module's directory. It prints each violation and a line for each provider, and fails if there
// are any. Operations that need an earlier resource respond with a documented error.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/idmock/idmock/openapi"
)

const version = "@stoplight/prism-cli@5.14.2"

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "prism: usage: prism SERVER [PROVIDER...]")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "prism:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, server string, only []string) error {
	if len(only) == 0 {
		files, err := filepath.Glob("openapi/*/provider.yaml")
		if err != nil {
			return err
		}
		for _, file := range files {
			only = append(only, filepath.Base(filepath.Dir(file)))
		}
	}
	total := 0
	for _, name := range only {
		p, err := openapi.Open(name, os.DirFS(filepath.Join("openapi", name)))
		if err != nil {
			return err
		}
		requests, violations, err := judge(ctx, server, p)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Printf("%s: %d operations, %d violations\n", name, requests, violations)
		total += violations
	}
	if total > 0 {
		return fmt.Errorf("%d violations", total)
	}
	return nil
}

// judge requests every operation of a provider through Prism.
func judge(ctx context.Context, server string, p *openapi.Provider) (requests, violations int, err error) {
	operations, err := p.Operations()
	if err != nil {
		return 0, 0, err
	}
	proxy, stop, err := start(ctx, "openapi/"+p.Name+"/openapi.yaml", server+p.Prefix)
	if err != nil {
		return 0, 0, err
	}
	defer stop()
	for _, op := range operations {
		found, err := try(ctx, proxy, p, op)
		if err != nil {
			return requests, violations, err
		}
		requests++
		for _, v := range found {
			violations++
			fmt.Printf("%s %s: %s\n", op.Method, op.Path, v)
		}
	}
	return requests, violations, nil
}

// start starts Prism and waits until it listens.
func start(ctx context.Context, document, upstream string) (address string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if err := l.Close(); err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, "npx", "--yes", version, "proxy", "--port", port, document, upstream)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // npx and its child
		_ = cmd.Wait()                                      // killed
	}
	for range 600 {
		if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			return "http://127.0.0.1:" + port, stop, c.Close()
		}
		time.Sleep(200 * time.Millisecond)
	}
	stop()
	return "", nil, errors.New("prism does not listen after 2 minutes")
}

// ids are names of resources in the formats of the providers.
var ids = []string{"00000000-0000-4000-8000-000000000002", "0123456789abcdef01234567", "1"}

// try makes the documented request of an operation and returns what Prism finds wrong.
func try(ctx context.Context, proxy string, p *openapi.Provider, op *openapi.Operation) ([]string, error) {
	var r *http.Request
	for _, id := range ids { // the first that the document allows
		var err error
		if r, err = request(ctx, p, op, id); err != nil {
			return nil, err
		}
		if _, err := p.Match(r.Clone(ctx)); err == nil {
			break
		}
	}
	if r.GetBody != nil {
		r.Body, _ = r.GetBody() // of a reader of bytes: never fails
	}
	r.URL.Scheme, r.URL.Host = "http", strings.TrimPrefix(proxy, "http://")
	r.Host = ""
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return nil, err
	}
	if response.StatusCode >= http.StatusInternalServerError {
		return []string{response.Status}, nil
	}
	return violationsOf(response.Header.Get("Sl-Violations"))
}

// request returns the documented request of an operation. id is in the place of parameters without an example.
func request(ctx context.Context, p *openapi.Provider, op *openapi.Operation, id string) (*http.Request, error) {
	form, err := op.Form()
	if err != nil {
		return nil, err
	}
	path, query, header := op.Path, url.Values{}, http.Header{}
	for _, f := range form.Fields {
		value := text(f.Example)
		switch {
		case f.In == "path" && f.Type == "integer":
			path = strings.ReplaceAll(path, "{"+f.Name+"}", "1")
		case f.In == "path":
			path = strings.ReplaceAll(path, "{"+f.Name+"}", url.PathEscape(cmp.Or(value, id)))
		case value == "" && !f.Required:
		case f.In == "query":
			query.Set(f.Name, cmp.Or(value, "1234"))
		case f.In == "header":
			header.Set(f.Name, cmp.Or(value, "1234"))
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, op.Method, "http://"+p.Name+".localhost"+path, bytes.NewReader(form.Example))
	if err != nil {
		return nil, err
	}
	r.Header = header
	p.SetCredential(r, "live_sk_prism")
	r.Header.Set("App-Id", "00000000-0000-4000-8000-000000000001")
	if form.MediaType != "" {
		r.Header.Set("Content-Type", form.MediaType)
	}
	return r, nil
}

// text returns an example as a parameter has it.
func text(example json.RawMessage) string {
	var s string
	if json.Unmarshal(example, &s) == nil {
		return s
	}
	return string(example)
}

// violationsOf reads the header in which Prism reports them, without what is only a hint.
func violationsOf(header string) (all []string, err error) {
	if header == "" {
		return nil, nil
	}
	var found []struct {
		Location []string
		Severity string
		Message  string
	}
	if err := json.Unmarshal([]byte(header), &found); err != nil {
		return nil, fmt.Errorf("sl-violations: %w", err)
	}
	for _, v := range found {
		if v.Severity == "Error" {
			all = append(all, strings.Join(v.Location, ".")+": "+v.Message)
		}
	}
	return all, nil
}
