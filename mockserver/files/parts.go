package files

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/bundle"
)

// join returns the document with the files that it refers to, as one JSON document. A document without references to files
// that can be read stays as it is.
func (d Document) join(text []byte) ([]byte, error) {
	if !bundle.IsNeeded(text) {
		return text, nil
	}
	source, err := d.parts()
	if err != nil {
		return nil, invalidError{fmt.Errorf("%s: %w", d.From, err)}
	}
	root, err := template.ReadDocument(bytes.NewReader(text))
	if err != nil || !root.IsObject() {
		return text, nil // reading the document reports it
	}
	whole := bundle.Join(root, source)
	if whole.Lookup(bundle.Files) == nil {
		return text, nil // no file could be read: reading the document reports it
	}
	joined, err := whole.Append(nil, nil)
	if err != nil {
		return nil, invalidError{fmt.Errorf("%s: %w", d.From, err)}
	}
	var lines bytes.Buffer
	err = json.Indent(&lines, joined, "", " ")
	return lines.Bytes(), err
}

// parts returns the source of the files that the document may refer to: those of its origin for a URL, else those below its
// directory or Root.
func (d Document) parts() (bundle.Source, error) {
	if d.IsURL() {
		return &origin{self: d.From, deadline: time.Now().Add(partsTimeout)}, nil
	}
	dir := d.root()
	name, err := filepath.Rel(dir, d.From)
	if err != nil || !filepath.IsLocal(name) {
		return nil, fmt.Errorf("is not below the root %s: use a directory that has it", dir)
	}
	return bundle.Directory{FS: rooted(dir), Name: filepath.ToSlash(name)}, nil
}

// root returns the directory of the files that the document may refer to.
func (d Document) root() string { return cmp.Or(d.Root, filepath.Dir(d.From)) }

// partFiles returns the local files that the document refers to.
func (d Document) partFiles() []string {
	text, err := os.ReadFile(d.From)
	if err != nil || !bundle.IsNeeded(text) {
		return nil
	}
	source, err := d.parts()
	root, failed := template.ReadDocument(bytes.NewReader(text))
	if err != nil || failed != nil || !root.IsObject() {
		return nil
	}
	var all []string
	for _, m := range bundle.Join(root, source).Lookup(bundle.Files).Members() {
		all = append(all, filepath.Join(d.root(), filepath.FromSlash(m.Key)))
	}
	return all
}

// partsTimeout bounds the requests for all files that a document refers to.
const partsTimeout = 30 * time.Second

// origin is the source of the files of a document at a URL.
type origin struct {
	self     string
	deadline time.Time
}

// Self returns the document's URL.
func (o *origin) Self() string { return o.self }

// Resolve returns the URL of a reference, which must be of the document's origin.
func (o *origin) Resolve(from, ref string) (string, error) {
	base, err := url.Parse(from)
	if err != nil {
		return "", errors.New("the URL is invalid")
	}
	to, err := base.Parse(ref)
	if err != nil {
		return "", errors.New("the URL is invalid")
	}
	if to.Scheme != base.Scheme || to.Host != base.Host {
		return "", errors.New("the file is of another origin than the document: download both, and refer to the file")
	}
	to.Fragment = ""
	return to.String(), nil
}

// Open requests a file.
func (o *origin) Open(location string) (io.ReadCloser, error) {
	if time.Now().After(o.deadline) {
		return nil, fmt.Errorf("the files of the document did not arrive within %v", partsTimeout)
	}
	u, err := url.Parse(location)
	if err != nil {
		return nil, errors.New("the URL is invalid")
	}
	return get(u)
}
