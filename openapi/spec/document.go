package spec

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/bundle"
	"github.com/idmock/idmock/openapi/route"
	"github.com/idmock/idmock/openapi/swagger"
)

// Document is an OpenAPI document. It is safe for concurrent use.
type Document struct {
	root       *template.Node // in OpenAPI 3; references to other files point into it
	options    Options
	operations []*Operation // in the order of the file
	byID       map[string]*Operation
	webhooks   map[string]*Webhook
	callbacks  sync.Map // *Webhook by name
	table      route.Table[*Operation]
	library    *library
	targets    sync.Map // of references, by text: *template.Node

	unread []Skipped // operations that are not in operations, and why
}

// Options configure how a document is read.
type Options struct {
	Prefix        string   // accepted before each path; requests without it are found as well
	TrailingSlash bool     // accept a slash after each path
	Bases         []string // accepted before each path and after the prefix, such as /v1
	// Files reads the files that the document refers to. Nil: references to files are faults.
	Files bundle.Source
	More  []byte // a document whose parts are added, such as operations of the mock's own; nil: none

	// Generate, if not nil, returns the body of a response without an example; nil: it cannot. The response's schema may be
	// nil. Without Generate, an operation without an example of a success is not served.
	Generate func(op *Operation, r Response) *template.Node
}

// Error is an error at a place of the document.
type Error struct {
	Path []string // keys from the root; empty: unknown
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

func at(err error, path ...string) error {
	if err == nil {
		return nil
	}
	return &Error{path, err}
}

// Read parses a document and routes its operations; Swagger 2.0 is converted. A fault costs the operation that has it
// ([Document.Skipped]): the error reports a text without a document.
func Read(src []byte, options Options) (*Document, error) {
	root, err := template.ReadDocument(bytes.NewReader(src))
	if err != nil {
		return nil, err
	}
	if options.Files != nil && bundle.IsNeeded(src) {
		root = bundle.Join(root, options.Files)
	}
	if swagger.Is(root) {
		root = swagger.Convert(root)
	}
	if options.More != nil {
		more, err := template.ReadDocument(bytes.NewReader(options.More))
		if err != nil {
			return nil, err
		}
		root = root.Merge(more)
	}
	if root.Lookup("openapi") == nil && !root.Lookup("paths").IsObject() {
		return nil, errors.New("not an OpenAPI document: it has neither openapi nor paths")
	}
	d := &Document{root: root, options: options, byID: map[string]*Operation{}, webhooks: map[string]*Webhook{}}
	d.library = newLibrary(d)
	for _, item := range root.Lookup("paths").Members() {
		if !strings.HasPrefix(item.Key, "x-") {
			d.addPath(item.Key, item.Value)
		}
	}
	for _, item := range root.Lookup("webhooks").Members() {
		d.webhooks[item.Key] = &Webhook{doc: d, node: item.Value}
	}
	if len(d.operations) == 0 && len(d.unread) == 0 && len(d.webhooks) == 0 {
		return nil, errors.New("no operation under paths, and no webhooks")
	}
	d.name()
	return d, nil
}

func methods() []string {
	return []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete, http.MethodOptions, http.MethodHead, http.MethodPatch, http.MethodTrace, "QUERY"}
}

func (d *Document) addPath(path string, item *template.Node) {
	resolved := d.resolve(item)
	if !resolved.IsObject() {
		reason := "the path is not an object"
		if ref := text(item.Lookup("$ref")); ref != "" {
			reason = missing(d, ref).Error()
		}
		d.unread = append(d.unread, Skipped{Path: path, Place: []string{"paths", path}, Reason: reason})
		return
	}
	for _, m := range resolved.Members() {
		method := strings.ToUpper(m.Key)
		switch {
		case m.Key == "additionalOperations": // of OpenAPI 3.2
			for _, other := range m.Value.Members() {
				d.add(other.Key, place(path, m.Key, other.Key), other.Value, resolved)
			}
		case slices.Contains(methods(), method):
			d.add(method, place(path, m.Key), m.Value, resolved)
		} // parameters, summary and the like
	}
}

func place(path string, keys ...string) []string { return append([]string{"paths", path}, keys...) }

// add adds the operation at a place of a path item.
func (d *Document) add(method string, place []string, node, item *template.Node) {
	node = d.resolve(node)
	op := newOperation(d, method, place[1], node)
	op.Place, op.shared = place, item.Lookup("parameters")
	err := error(nil)
	if !node.IsObject() {
		err = errors.New("the operation is not an object")
	}
	if err == nil {
		err = d.route(op)
	}
	if err != nil {
		d.unread = append(d.unread, op.skipped(err))
		return
	}
	d.operations = append(d.operations, op)
}

// name derives the missing ids of operations from method and path, and makes ids unique.
func (d *Document) name() {
	for _, op := range d.operations {
		if op.ID != "" && d.byID[op.ID] == nil {
			d.byID[op.ID] = op
			continue
		}
		op.derived = true
		if op.ID == "" {
			op.ID = route.Name(op.Method, op.Path)
		}
	}
	for _, op := range d.operations {
		if !op.derived {
			continue
		}
		base := op.ID
		for n := 2; d.byID[op.ID] != nil; n++ {
			op.ID = base + "_" + strconv.Itoa(n)
		}
		d.byID[op.ID] = op
	}
}

// Operations returns the operations in the document's order. Callers must not change the list.
func (d *Document) Operations() []*Operation { return d.operations }

// Operation returns the operation with an id, or nil.
func (d *Document) Operation(id string) *Operation { return d.byID[id] }

// Webhook returns a webhook by its name in the document, or nil.
// That of a callback is in [Callback].
func (d *Document) Webhook(name string) *Webhook {
	if w := d.webhooks[name]; w != nil {
		return w
	}
	return d.callback(name)
}

// WebhookNames returns the names of the webhooks, sorted.
func (d *Document) WebhookNames() []string { return slices.Sorted(maps.Keys(d.webhooks)) }

// Extension is the value of an extension at an operation or at the operation of a webhook.
type Extension struct {
	Path  []string
	Value string
}

// Extensions returns the values of an extension at all operations and webhooks.
func (d *Document) Extensions(name string) []Extension {
	var all []Extension
	for _, section := range []string{"paths", "webhooks"} {
		for _, item := range d.root.Lookup(section).Members() {
			for _, m := range d.resolve(item.Value).Members() {
				if value := m.Value.Lookup(name); value != nil {
					all = append(all, Extension{[]string{section, item.Key, m.Key, name}, text(value)})
				}
			}
		}
	}
	return all
}
