package spec

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/template"
)

// Document is an OpenAPI document. It is safe for concurrent use.
type Document struct {
	root       *template.Node
	operations []*Operation // in the order of the file
	webhooks   map[string]*Webhook
	mux        *http.ServeMux
}

// Routing configures the paths under which operations are found.
type Routing struct {
	Prefix        string // accepted before each path; requests without it are found as well
	TrailingSlash bool   // accept a slash after each path
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

// Read parses a document and routes its operations. The error joins all errors, each an [*Error] where its place is known.
func Read(src []byte, routing Routing) (*Document, error) {
	root, err := template.ReadDocument(bytes.NewReader(src))
	if err != nil {
		return nil, err
	}
	d := &Document{root: root, webhooks: map[string]*Webhook{}, mux: http.NewServeMux()}
	var problems []error
	for _, item := range d.resolve(root.Lookup("paths")).Members() {
		if err := d.addPath(item.Key, d.resolve(item.Value), routing); err != nil {
			problems = append(problems, at(fmt.Errorf("paths %s: %w", item.Key, err), "paths", item.Key))
		}
	}
	for _, item := range root.Lookup("webhooks").Members() {
		d.webhooks[item.Key] = &Webhook{doc: d, node: item.Value}
	}
	if len(d.operations) == 0 && len(problems) == 0 {
		problems = append(problems, errors.New("no operation under paths"))
	}
	return d, errors.Join(problems...)
}

func methods() []string {
	return []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete, http.MethodOptions, http.MethodHead, http.MethodPatch}
}

func (d *Document) addPath(path string, item *template.Node, routing Routing) error {
	for _, m := range item.Members() {
		method := strings.ToUpper(m.Key)
		if !slices.Contains(methods(), method) {
			continue // parameters, summary and the like
		}
		op := newOperation(d, method, path, m.Value)
		switch {
		case op.ID == "":
			return fmt.Errorf("%s: operationId is required", m.Key)
		case d.Operation(op.ID) != nil:
			return fmt.Errorf("%s: duplicate operationId %s", m.Key, op.ID)
		}
		d.operations = append(d.operations, op)
		if err := d.route(op, routing); err != nil {
			return err
		}
	}
	return nil
}

// Operations returns the operations in the document's order. Callers must not change the list.
func (d *Document) Operations() []*Operation { return d.operations }

// Operation returns the operation with an id, or nil.
func (d *Document) Operation(id string) *Operation {
	i := slices.IndexFunc(d.operations, func(op *Operation) bool { return op.ID == id })
	if i < 0 {
		return nil
	}
	return d.operations[i]
}

// Webhook returns a webhook by its name in the document, or nil.
func (d *Document) Webhook(name string) *Webhook { return d.webhooks[name] }

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
