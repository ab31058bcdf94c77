// Package bundle joins an OpenAPI document with the files that it refers to.
//
// A joined document is one tree whose references are local: other packages need not know that it was in several files. Which
// files may be read is up to a [Source]; this package bounds their number and size. What a reference means does not belong
// here.
package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"

	"github.com/idmock/idmock/internal/template"
)

// The extensions of a joined document.
const (
	Files  = "x-idmock-files"  // the other files, by location
	Unread = "x-idmock-unread" // why a file could not be read, by location
)

// Limits of the files that one document refers to, directly or not.
const (
	MaxFiles = 500
	MaxBytes = 10 << 20 // of all files together
)

// Source reads the files that a document refers to.
type Source interface {
	// Self returns the location of the document itself.
	Self() string
	// Resolve returns the location of a reference without a fragment, in the file at a location. The error says why such a
	// reference is not followed.
	Resolve(from, ref string) (location string, err error)
	// Open opens the file at a location. The error does not repeat the location.
	Open(location string) (io.ReadCloser, error)
}

// elsewhere matches the beginning of a reference that is not local, and more.
var elsewhere = regexp.MustCompile(`\$ref["']?\s*:\s*["']?[^#"'\s]`)

// IsNeeded reports whether a document may refer to other files. It is wrong only for documents that do not.
func IsNeeded(text []byte) bool { return elsewhere.Match(text) }

// Join returns the document with the files that it refers to below [Files], and with references to them. A reference that
// cannot be followed has no target, and its reason is below [Unread].
func Join(root *template.Node, source Source) *template.Node {
	j := &joiner{source: source, parts: map[string]*template.Node{}, reasons: map[string]string{}}
	joined := j.rewrite(root, source.Self(), map[*template.Node]*template.Node{})
	for len(j.queue) > 0 {
		location := j.queue[0]
		j.queue = j.queue[1:]
		part, err := j.read(location)
		if err != nil {
			j.reasons[location] = err.Error()
			continue
		}
		j.parts[location] = j.rewrite(part, location, map[*template.Node]*template.Node{})
	}
	members := joined.Members()
	members = members[:len(members):len(members)]
	var files, unread []template.Member
	for _, location := range j.order {
		if reason, failed := j.reasons[location]; failed {
			unread = append(unread, template.Member{Key: location, Value: text(reason)})
		} else {
			files = append(files, template.Member{Key: location, Value: j.parts[location]})
		}
	}
	if files != nil {
		members = append(members, template.Member{Key: Files, Value: template.Object(files)})
	}
	if unread != nil {
		members = append(members, template.Member{Key: Unread, Value: template.Object(unread)})
	}
	return template.Object(members)
}

type joiner struct {
	source  Source
	order   []string // locations, by their first use
	queue   []string // to be read
	parts   map[string]*template.Node
	reasons map[string]string // of what cannot be read
	files   int
	bytes   int64
}

// read reads a file within the limits.
func (j *joiner) read(location string) (*template.Node, error) {
	if j.files++; j.files > MaxFiles {
		return nil, fmt.Errorf("the document refers to more than %d files", MaxFiles)
	}
	file, err := j.source.Open(location)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, MaxBytes-j.bytes+1))
	if err != nil {
		return nil, err
	}
	if j.bytes += int64(len(text)); j.bytes > MaxBytes {
		j.bytes = MaxBytes
		return nil, fmt.Errorf("the files that the document refers to exceed %d MiB", MaxBytes>>20)
	}
	n, err := template.ReadDocument(bytes.NewReader(text))
	if err != nil && err.Error() == io.EOF.Error() {
		return nil, errors.New("the file is empty")
	}
	return n, err
}

// isData matches the keys of objects whose members are data, which may have any keys.
var isData = regexp.MustCompile(`^(example|value|default|enum|const)$`)

// rewrite makes the references of a file's tree local. Nodes that YAML shares stay shared.
func (j *joiner) rewrite(n *template.Node, from string, done map[*template.Node]*template.Node) *template.Node {
	if have, ok := done[n]; ok {
		return have
	}
	changed := n
	switch {
	case n.IsObject():
		changed = j.object(n, from, done)
	case len(n.Items()) > 0:
		items := make([]*template.Node, len(n.Items()))
		same := true
		for i, item := range n.Items() {
			items[i] = j.rewrite(item, from, done)
			same = same && items[i] == item
		}
		if !same {
			changed = template.Array(items)
		}
	}
	done[n] = changed
	return changed
}

func (j *joiner) object(n *template.Node, from string, done map[*template.Node]*template.Node) *template.Node {
	members := make([]template.Member, len(n.Members()))
	same := true
	for i, m := range n.Members() {
		value := m.Value
		ref, isText := literal(value)
		switch {
		case m.Key == "$ref" && isText:
			if local := j.local(from, ref); local != ref {
				value = text(local)
			}
		case m.Key == "discriminator" && m.Value.IsObject():
			value = j.discriminator(m.Value, from)
		case m.Key == "properties" && m.Value.IsObject(): // keys are names
			value = j.each(m.Value, from, done)
		case !isData.MatchString(m.Key):
			value = j.rewrite(m.Value, from, done)
		}
		members[i] = template.Member{Key: m.Key, Value: value}
		same = same && value == m.Value
	}
	if same {
		return n
	}
	return template.Object(members)
}

// each rewrites the members of an object, whatever their names.
func (j *joiner) each(n *template.Node, from string, done map[*template.Node]*template.Node) *template.Node {
	members := make([]template.Member, len(n.Members()))
	for i, m := range n.Members() {
		members[i] = template.Member{Key: m.Key, Value: j.rewrite(m.Value, from, done)}
	}
	return template.Object(members)
}

// discriminator rewrites the references of a mapping, which are plain texts. Names of schemas stay.
func (j *joiner) discriminator(n *template.Node, from string) *template.Node {
	mapping := n.Lookup("mapping")
	if !mapping.IsObject() {
		return n
	}
	var targets []template.Member
	for _, m := range mapping.Members() {
		if ref, ok := literal(m.Value); ok && strings.ContainsAny(ref, "#/.") {
			m.Value = text(j.local(from, ref))
		}
		targets = append(targets, m)
	}
	var members []template.Member
	for _, m := range n.Members() {
		if m.Key == "mapping" {
			m.Value = template.Object(targets)
		}
		members = append(members, m)
	}
	return template.Object(members)
}

// local returns the reference within the joined document for one in the file at a location.
func (j *joiner) local(from, ref string) string {
	file, fragment, _ := strings.Cut(ref, "#")
	location := from
	if file != "" {
		var err error
		if location, err = j.source.Resolve(from, file); err != nil {
			location = file
			j.use(location)
			j.reasons[location] = err.Error()
		}
	}
	if location == j.source.Self() {
		return "#" + fragment
	}
	if j.use(location) {
		j.queue = append(j.queue, location)
	}
	return "#/" + Files + "/" + escape(location) + strings.TrimSuffix(fragment, "/")
}

// use notes the use of a location, and reports whether it is the first.
func (j *joiner) use(location string) bool {
	if _, ok := j.parts[location]; ok {
		return false
	}
	j.parts[location] = nil
	j.order = append(j.order, location)
	return true
}

// escape writes a location as a step of a reference.
func escape(location string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "%", "%25", "#", "%23").Replace(location)
}

// Reason says why the file of a reference in a joined document cannot be read; file is empty if it can.
func Reason(root *template.Node, steps []string) (file, reason string) {
	if len(steps) < 2 || steps[0] != Files {
		return "", ""
	}
	reason, ok := literal(root.Lookup(Unread, steps[1]))
	if !ok {
		return "", ""
	}
	return steps[1], reason
}

func literal(n *template.Node) (string, bool) {
	if n == nil {
		return "", false
	}
	v, fixed := n.Fixed()
	s, ok := v.(string)
	return s, fixed && ok
}

func text(s string) *template.Node {
	n, err := template.Literal(s)
	if err != nil {
		panic(err) // texts are literals
	}
	return n
}

// Unescape returns the file of a reference, which may be percent-encoded.
func Unescape(ref string) string {
	if plain, err := url.PathUnescape(ref); err == nil {
		return plain
	}
	return ref
}
