package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/internal/wholefile"
	"github.com/idmock/idmock/mockserver/control/client"
	"github.com/idmock/idmock/mockserver/files"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

// providerFlag adds the user's provider directories.
type providerFlag struct {
	Provider []string `help:"Add the provider in a directory. It overrides a built-in provider of the same name. Repeatable." placeholder:"DIR"`
}

func (f providerFlag) source(scenarios ...string) files.Source {
	return files.Source{Scenarios: scenarios, Providers: f.Provider, BuiltIn: catalog.Open, Complete: catalog.Complete}
}

// documents parses the values of --openapi.
func documents(values []string) ([]files.Document, error) {
	all := make([]files.Document, len(values))
	for i, value := range values {
		d, err := files.ParseDocument(value)
		if err != nil {
			return nil, untested("invalid --openapi %s: %v", value, err)
		}
		all[i] = d
	}
	return all, nil
}

// open opens the built-in and the user's providers.
func (f providerFlag) open() ([]*openapi.Provider, error) {
	all, err := f.source().OpenProviders()
	return all, userError(err)
}

// userError gives errors in the user's files exit code 2.
func userError(err error) error {
	if errors.Is(err, files.ErrInvalid) {
		return exitError{exitUntested, err.Error()}
	}
	return err
}

// credentialFlag sets credentials and headers that a receiver checks.
type credentialFlag struct {
	Credential    map[string]string `help:"Set a credential of every account, such as the key that your receiver verifies signatures with." placeholder:"PROVIDER.NAME=VALUE"`
	WebhookHeader []string          `help:"Add a header to every webhook, such as the token that your receiver expects from an unsigned sender. Repeatable." placeholder:"NAME:VALUE" sep:"none"`
}

// credentials returns the values by provider and name.
func (f credentialFlag) credentials() (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	for key, value := range f.Credential {
		provider, name, ok := strings.Cut(key, ".")
		if !ok {
			return nil, untested("invalid --credential %s=…: use PROVIDER.NAME=VALUE", key)
		}
		if all[provider] == nil {
			all[provider] = map[string]string{}
		}
		all[provider][name] = value
	}
	return all, nil
}

// headerName matches a token of RFC 9110.
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

func (f credentialFlag) headers() ([]webhook.Header, error) {
	var all []webhook.Header
	for _, line := range f.WebhookHeader {
		name, value, ok := strings.Cut(line, ":")
		if !ok || !headerName.MatchString(name) {
			return nil, untested("invalid --webhook-header %q: use NAME:VALUE, such as 'Authorization: Bearer s3cret'", line)
		}
		all = append(all, webhook.Header{name, strings.TrimSpace(value)})
	}
	if err := webhook.CheckHeaders(all); err != nil {
		return nil, untested("--webhook-header: %v", err)
	}
	return all, nil
}

// empty reports whether neither flag is set.
func (f credentialFlag) empty() bool { return len(f.Credential)+len(f.WebhookHeader) == 0 }

// connect returns a client for a running server. Close it after use.
func connect(server string) (*client.Client, error) {
	c, err := client.New(server, client.Options{})
	if err != nil {
		return nil, untested("--server: %v", err)
	}
	return c, nil
}

// clientError gives refused requests and unreachable servers exit code 2.
func clientError(err error) error {
	if _, refused := errors.AsType[*client.Error](err); refused || errors.Is(err, client.ErrUnreachable) {
		return exitError{exitUntested, err.Error()}
	}
	return err
}

// dialTimeout bounds the connection that checks that a receiver listens.
const dialTimeout = 3 * time.Second

// checkReceiver checks that a program listens at the URL of a receiver.
func checkReceiver(ctx context.Context, to string) error {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return untested("invalid --to %q: use a webhook URL such as http://127.0.0.1:3000/webhooks", to)
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	d := net.Dialer{Timeout: dialTimeout}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return untested("no receiver at %s: %v: start it, or correct --to", to, err)
	}
	return conn.Close()
}

// reports writes a report in several formats. R is the type of the report.
type reports[R any] struct {
	files   map[string]string // by format; - is the standard output, where allowed
	formats map[string]func(io.Writer, R) error
	stdout  io.Writer // nil: not allowed
}

// check checks the flag values before anything is tested.
func (r reports[R]) check() error {
	for format, file := range r.files {
		if r.formats[format] == nil || file == "" {
			names := slices.Sorted(maps.Keys(r.formats))
			return untested("invalid --report %s=%s: use %s=FILE", format, file, strings.Join(names, "=FILE, "))
		}
		if r.stdout != nil && file == "-" {
			continue
		}
		if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
			return untested("--report %s=%s: directory %s does not exist: create it first", format, file, filepath.Dir(file))
		}
	}
	return nil
}

// writeWhole replaces a file as a whole or not at all. A device or a pipe is written to as it is.
func writeWhole(file string, text []byte) error {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(file, text, 0o644)
	}
	return wholefile.Write(file, text, 0o644)
}

// usesStdout reports whether a report goes to the standard output.
func (r reports[R]) usesStdout() bool {
	return r.stdout != nil && slices.Contains(slices.Collect(maps.Values(r.files)), "-")
}

// write writes every report, even if one fails.
func (r reports[R]) write(report R) error {
	var errs []error
	for _, format := range slices.Sorted(maps.Keys(r.files)) {
		file := r.files[format]
		var b bytes.Buffer
		err := r.formats[format](&b, report)
		switch {
		case err != nil:
		case r.stdout != nil && file == "-":
			_, err = r.stdout.Write(b.Bytes())
		default:
			err = writeWhole(file, b.Bytes())
		}
		if err != nil {
			errs = append(errs, untested("--report %s=%s: %v", format, file, files.Cause(err)))
		}
	}
	return errors.Join(errs...)
}

const envPrefix = "IDMOCK_"

// serviceLinks are variables that Kubernetes and Docker set in every container beside a service called idmock.
var serviceLinks = regexp.MustCompile(`^IDMOCK_(SERVICE_(HOST|PORT)(_.*)?|PORT(_[0-9]+_(TCP|UDP)(_.*)?)?|NAME|ENV_.*)$`)

// checkEnvironment reports IDMOCK_ variables that no flag reads, all at once: a misspelt one would have no effect. Empty ones
// count as unset, as Compose files pass them, and are unset.
func checkEnvironment(k *kong.Kong) error {
	known := map[string]bool{}
	collect(k.Model.Node, known)
	var unknown []string
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, envPrefix) || serviceLinks.MatchString(name) && !known[name] {
			continue
		}
		if value == "" {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
			continue
		}
		if !known[name] {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	names := slices.Sorted(maps.Keys(known))
	var lines []string
	for _, name := range unknown {
		line := "unknown environment variable " + name
		if closest := suggest.Closest(name, names); closest != "" {
			line += ": did you mean " + closest + "?"
		} else {
			line += ": idmock COMMAND --help lists them; rename or unset it"
		}
		lines = append(lines, line)
	}
	return untested("%s", strings.Join(lines, "\n"))
}

// collect adds the variables of the flags of a command and of those below.
func collect(n *kong.Node, known map[string]bool) {
	for _, flag := range n.Flags {
		for _, name := range flag.Envs {
			known[name] = true
		}
	}
	for _, child := range n.Children {
		collect(child, known)
	}
}
