package files

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/infer"
	"github.com/idmock/idmock/openapi/spec"
)

// Document is an OpenAPI document that is served as a provider.
type Document struct {
	From      string // a file or a URL
	Name      string // of the provider; empty: from the title or the file's name
	Root      string // directory of the files that a file may refer to; empty: its own directory
	Stateless bool   // requests are independent of each other
}

// ParseDocument parses the value of a flag: FILE-OR-URL[,name=NAME][,state=off][,root=DIR].
func ParseDocument(value string) (Document, error) {
	d := Document{From: value}
	for {
		i := strings.LastIndex(d.From, ",")
		if i < 0 {
			break
		}
		key, option, ok := strings.Cut(d.From[i+1:], "=")
		if !ok || !slices.Contains([]string{"name", "state", "root"}, key) {
			break
		}
		d.From = d.From[:i]
		switch key {
		case "name":
			d.Name = option
			continue
		case "root":
			d.Root = option
			continue
		}
		if option != "on" && option != "off" {
			return d, fmt.Errorf("invalid state %q: use on or off", option)
		}
		d.Stateless = option == "off"
	}
	if d.From == "" {
		return d, errors.New("use FILE-OR-URL, FILE-OR-URL,name=NAME or FILE-OR-URL,state=off")
	}
	if d.Name != "" && !providerName.MatchString(d.Name) {
		return d, fmt.Errorf("invalid name %q: use lower-case letters, digits and hyphens", d.Name)
	}
	return d, nil
}

// IsURL reports whether the document is fetched.
func (d Document) IsURL() bool {
	return strings.HasPrefix(d.From, "http://") || strings.HasPrefix(d.From, "https://")
}

// Limits of a document.
const (
	maxDocument  = 10 << 20 // bytes; in memory a document takes 20 to 70 times as many
	fetchTimeout = 10 * time.Second
)

// Text reads or fetches the document. The error names it and says what to do.
func (d Document) Text() ([]byte, error) {
	var text []byte
	var err error
	if d.IsURL() {
		text, err = fetch(d.From)
	} else {
		text, err = readDocument(d.From)
	}
	if err != nil {
		return nil, invalidError{fmt.Errorf("%s: %w", d.From, err)}
	}
	return text, nil
}

func readDocument(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w: use the file or the URL of an OpenAPI document", Cause(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, errors.New("is a directory: use the file of an OpenAPI document, or --provider for a provider directory")
	}
	return limited(f)
}

func limited(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err == nil && len(text) > maxDocument {
		err = fmt.Errorf("exceeds %d MiB: leave out what is not needed", maxDocument>>20)
	}
	return text, err
}

// fetch gets a document over https, or over http from this machine.
func fetch(raw string) ([]byte, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("invalid URL: %w", errors.Unwrap(err))
	}
	if u.Scheme != "https" && !isLoopback(u.Hostname()) {
		return nil, errors.New("is not https: download the document, and use the file")
	}
	body, err := get(u)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	text, err := limited(body)
	if err != nil {
		return nil, fetchError(err)
	}
	return text, nil
}

// get requests a URL, and follows redirects within its origin.
func get(u *url.URL) (io.ReadCloser, error) {
	client := http.Client{Timeout: fetchTimeout, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		switch {
		case r.URL.Scheme != u.Scheme || r.URL.Host != u.Host:
			return fmt.Errorf("redirects to another origin, %s://%s: use that URL if you trust it", r.URL.Scheme, r.URL.Host)
		case len(via) > 5:
			return errors.New("redirects more than 5 times")
		}
		return nil
	}}
	response, err := client.Get(u.String())
	if err != nil {
		return nil, fetchError(err)
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, fmt.Errorf("responds with %s: correct the URL, or download the document and use the file", response.Status)
	}
	return response.Body, nil
}

func fetchError(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no response within %v: download the document, and use the file", fetchTimeout)
	}
	return err
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// Directory returns the provider's name and the files of its directory, with the document.
func (d Document) Directory(only ...string) (name string, files map[string][]byte, err error) {
	text, err := d.Text()
	if err != nil {
		return "", nil, err
	}
	return d.directory(text, only)
}

func (d Document) directory(text []byte, only []string) (name string, files map[string][]byte, err error) {
	text, err = d.join(text)
	if err != nil {
		return "", nil, err
	}
	parsed, err := spec.Read(text, spec.Options{Prefix: "/-"})
	if err != nil {
		return "", nil, invalidError{fmt.Errorf("%s: not an OpenAPI document that can be served: %w", d.From, err)}
	}
	if name = d.name(parsed); name == "" {
		return "", nil, invalidError{fmt.Errorf("%s: neither the title nor the file's name suits as a name: add ,name=NAME", d.From)}
	}
	files = infer.Directory(name, parsed, infer.Options{Stateless: d.Stateless, Only: only})
	files["openapi.yaml"] = text
	return name, files, nil
}

// name returns the provider's name: the given one, or that of the file, the title or the host.
func (d Document) name(parsed *spec.Document) string {
	location := d.From
	host := ""
	if u, err := url.Parse(d.From); err == nil && d.IsURL() {
		location, host = u.Path, u.Hostname()
	}
	base := path.Base(filepath.ToSlash(location))
	base = infer.Name(strings.TrimSuffix(base, path.Ext(base)))
	if slices.Contains([]string{"", "spec3", "index", "document", "schema", "docs", "json", "yaml"}, base) {
		base = ""
	}
	return cmp.Or(d.Name, base, infer.Name(infer.Title(parsed)), infer.Name(host))
}

// open opens the document as a provider.
func (d Document) open() (*openapi.Provider, error) {
	name, files, err := d.Directory()
	if err != nil {
		return nil, err
	}
	p, err := openapi.Open(name, memory(files))
	if err == nil {
		_, err = p.Operations()
	}
	if err != nil {
		return nil, invalidError{fmt.Errorf("%s: %w", d.From, err)}
	}
	return p, nil
}
