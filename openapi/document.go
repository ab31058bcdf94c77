package openapi

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/template"
)

// document is openapi.yaml as an ordered tree, with its routes. The schemas of an operation are loaded when it is first
// used (see [Operation.details]): a hundred operations take fifty times as long to load as one.
type document struct {
	root       *template.Node
	operations []*Operation // in the order of the file
	byID       map[string]*Operation
	mux        *http.ServeMux
}

func loadDocument(src []byte, set *settings) (*document, error) {
	root, err := template.ReadDocument(bytes.NewReader(src))
	if err != nil {
		return nil, err
	}
	d := &document{root: root, byID: map[string]*Operation{}, mux: http.NewServeMux()}
	var problems []error
	for _, item := range d.resolve(root.Lookup("paths")).Members() {
		if err := d.addPath(item.Key, d.resolve(item.Value), set); err != nil {
			problems = append(problems, place("openapi.yaml", []string{"paths", item.Key}, fmt.Errorf("paths %s: %w", item.Key, err)))
		}
	}
	if len(d.operations) == 0 && len(problems) == 0 {
		problems = append(problems, errors.New("no operation under paths"))
	}
	return d, errors.Join(problems...)
}

func (d *document) addPath(path string, item *template.Node, set *settings) error {
	methods := []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete, http.MethodOptions, http.MethodHead, http.MethodPatch}
	for _, m := range item.Members() {
		method := strings.ToUpper(m.Key)
		if !slices.Contains(methods, method) {
			continue // parameters, summary and the like
		}
		op := &Operation{
			ID: text(m.Value.Lookup("operationId")), Method: method, Path: path,
			Summary:   text(m.Value.Lookup("summary")),
			Dashboard: text(m.Value.Lookup("x-idmock-dashboard")) == "true",
			doc:       d, node: m.Value,
		}
		op.Mock = text(m.Value.Lookup("x-idmock-mock")) == "true"
		if tags := m.Value.Lookup("tags").Items(); len(tags) > 0 {
			op.Tag = text(tags[0])
		}
		if security := m.Value.Lookup("security"); security != nil {
			op.Public = len(security.Items()) == 0
		}
		switch {
		case op.ID == "":
			return fmt.Errorf("%s: has no operationId", m.Key)
		case d.byID[op.ID] != nil:
			return fmt.Errorf("%s: operationId %s stands twice", m.Key, op.ID)
		}
		op.bind(set)
		d.operations, d.byID[op.ID] = append(d.operations, op), op
		if err := d.route(op, set); err != nil {
			return err
		}
	}
	return nil
}

// bind gives the operation its part of provider.yaml.
func (op *Operation) bind(set *settings) {
	op.credential = set.Credential.of(op.ID)
	for i := range set.Runs {
		if set.Runs[i].On.match(op.ID) {
			op.run = &set.Runs[i]
			break
		}
	}
	if verb, ok := set.Dashboard[op.ID]; ok {
		op.dashboard = &verb
	}
}

// route registers an operation with and without the provider's prefix: the mock is reached by path and by host.
func (d *document) route(op *Operation, set *settings) (err error) {
	defer func() {
		if bad := recover(); bad != nil { // ServeMux panics on patterns that conflict
			first, _, _ := strings.Cut(fmt.Sprint(bad), "\n")
			err = fmt.Errorf("path cannot be routed: %s", strings.TrimSuffix(registered.ReplaceAllString(first, ""), ":"))
		}
	}()
	for _, path := range []string{op.Path, set.Prefix + op.Path} {
		if strings.HasSuffix(path, "/") {
			path += "{$}"
		} else if set.TrailingSlash {
			d.mux.Handle(op.Method+" "+path+"/{$}", op)
		}
		d.mux.Handle(op.Method+" "+path, op)
	}
	return nil
}

// registered is where a route comes from in our own source, which does not help the user.
var registered = regexp.MustCompile(` \(registered at [^)]*\)`)

// finder is a response writer that records the match of the router.
type finder struct {
	operation *Operation
	header    http.Header
	status    int
}

func (f *finder) Header() http.Header         { return f.header }
func (f *finder) Write(b []byte) (int, error) { return len(b), nil }
func (f *finder) WriteHeader(status int)      { f.status = status }

// ServeHTTP lets the operation be a route; it answers nothing.
func (op *Operation) ServeHTTP(w http.ResponseWriter, _ *http.Request) { w.(*finder).operation = op }

func (d *document) find(r *http.Request) (*Operation, *Error) {
	f := &finder{header: http.Header{}}
	d.mux.ServeHTTP(f, r)
	switch {
	case f.operation != nil:
		return f.operation, nil
	case f.status == http.StatusMethodNotAllowed:
		allow := f.header.Get("Allow")
		return nil, &Error{Kind: Method, Message: fmt.Sprintf("%s is not allowed here, use %s", r.Method, allow), Allow: allow}
	default:
		return nil, &Error{Kind: UnknownPath, Message: "no such path: " + r.URL.Path}
	}
}

// resolve follows a $ref within the document. A dangling one is an empty node; the loader of the schemas reports it.
func (d *document) resolve(n *template.Node) *template.Node {
	for range 32 { // a reference that leads to itself is cut here
		target := n.Lookup("$ref")
		if target == nil {
			return cmp.Or(n, &template.Node{})
		}
		n = d.root.Lookup(pointer(text(target))...)
	}
	return &template.Node{}
}

// pointer splits a local reference such as #/components/schemas/Person.
func pointer(ref string) []string {
	steps := strings.Split(strings.TrimPrefix(ref, "#/"), "/")
	for i, step := range steps {
		if strings.Contains(step, "~") {
			steps[i] = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		}
	}
	return steps
}

// text returns the text of a scalar, empty for anything else.
func text(n *template.Node) string {
	if n == nil {
		return ""
	}
	v, err := n.Value(nil)
	if err != nil || v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
