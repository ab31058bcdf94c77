package spec

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/bundle"
)

// Skipped is an operation that is not served, or a part of one that is ignored.
type Skipped struct {
	ID, Method, Path string   // of the operation; without a method, all of the path
	Place            []string // keys from the root of the document
	Schema           string   // name of the schema that has the fault, empty if there is none
	Reason           string
}

// Pointer returns the JSON pointer of the place in the document.
func (s Skipped) Pointer() string {
	var b strings.Builder
	for _, key := range s.Place {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key))
	}
	return b.String()
}

// Skipped lists the operations that are not served, in the document's order. The first call loads every operation, which
// takes far longer than [Read].
func (d *Document) Skipped() []Skipped {
	all := slices.Clone(d.unread)
	for _, op := range d.operations {
		if _, err := op.Load(); err != nil {
			all = append(all, op.skipped(errors.Unwrap(err)))
		}
	}
	return all
}

func (op *Operation) skipped(err error) Skipped {
	s := Skipped{ID: op.ID, Method: op.Method, Path: op.Path, Place: op.Place, Reason: firstLine(err.Error())}
	if found := schemaOf.FindStringSubmatch(s.Reason); found != nil {
		s.Schema = bundle.Pointer(found[0])[2]
	}
	return s
}

var schemaOf = regexp.MustCompile(`#/components/schemas/([^"'\s:/]+)`)

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// Response is a documented response with one of its media types.
type Response struct {
	Status    int            // 0: default
	Range     string         // as documented, such as 200, 2XX or default
	MediaType string         // empty: no content
	Schema    *template.Node // with references; nil: none
	Media     *template.Node // the media type object; nil: none
	Node      *template.Node // the response object
}

// Responses lists the documented responses in the document's order, one for each media type.
func (op *Operation) Responses() []Response {
	var all []Response
	for _, m := range op.doc.resolve(op.node.Lookup("responses")).Members() {
		status, ok := statusOf(m.Key)
		if !ok {
			continue
		}
		node := op.doc.resolve(m.Value)
		content := op.doc.content(node)
		for _, media := range content {
			body := op.doc.resolve(media.Value)
			all = append(all, Response{status, m.Key, media.Key, body.Lookup("schema"), body, node})
		}
		if len(content) == 0 {
			all = append(all, Response{Status: status, Range: m.Key, Node: node})
		}
	}
	return all
}

// statusOf returns the first status of a key of responses: 200 for 200 and 2XX, 0 for default.
func statusOf(key string) (status int, ok bool) {
	if key == "default" {
		return 0, true
	}
	if len(key) != 3 || key[0] < '1' || key[0] > '5' {
		return 0, false
	}
	if strings.EqualFold(key[1:], "XX") {
		return int(key[0]-'0') * 100, true
	}
	for _, c := range key {
		if c < '0' || c > '9' {
			return 0, false
		}
		status = status*10 + int(c-'0')
	}
	return status, true
}

// Root returns the document as a tree, in OpenAPI 3.
func (d *Document) Root() *template.Node { return d.root }

// Resolve follows a reference of the document. A reference without a target is an empty node.
func (d *Document) Resolve(n *template.Node) *template.Node { return d.resolve(n) }

// Node returns the operation as the document has it.
func (op *Operation) Node() *template.Node { return op.node }

// Document returns the document of the operation.
func (op *Operation) Document() *Document { return op.doc }
