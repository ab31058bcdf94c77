package spec

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/idmock/idmock/internal/template"
)

// Operation is a method of a path.
type Operation struct {
	ID, Method, Path, Summary, Tag string

	// Dashboard marks an operation that replaces a screen of the provider's dashboard (x-idmock-dashboard). It is not part
	// of the provider's API.
	Dashboard bool
	// Mock marks an operation of the mock's own, such as the backend of a browser SDK (x-idmock-mock).
	Mock bool
	// Public marks an operation without a credential.
	Public bool

	doc  *Document
	node *template.Node // the operation as the document has it

	listed sync.Once
	names  []string // of the examples

	members sync.Map // of the body, by path

	once    sync.Once
	schemas Schemas
	failure error
}

func newOperation(d *Document, method, path string, node *template.Node) *Operation {
	op := &Operation{
		ID: text(node.Lookup("operationId")), Method: method, Path: path,
		Summary:   text(node.Lookup("summary")),
		Dashboard: text(node.Lookup("x-idmock-dashboard")) == "true",
		Mock:      text(node.Lookup("x-idmock-mock")) == "true",
		doc:       d, node: node,
	}
	if tags := node.Lookup("tags").Items(); len(tags) > 0 {
		op.Tag = text(tags[0])
	}
	if security := node.Lookup("security"); security != nil {
		op.Public = len(security.Items()) == 0
	}
	return op
}

// Extension returns the text of an extension of the operation, empty if absent.
func (op *Operation) Extension(name string) string { return text(op.node.Lookup(name)) }

// Schemas are the schemas and examples of an operation.
type Schemas struct {
	BodyRequired bool
	Examples     []*Example // lowest status first; at least one, a success

	id         string
	bodies     map[string]*openapi3.Schema // by media type; nil accepts any body
	accept     acceptors
	parameters []parameter
	responses  *openapi3.Responses
}

// Load returns the operation's schemas. The first call loads them; later calls return the same schemas or error.
func (op *Operation) Load() (*Schemas, error) {
	op.once.Do(func() {
		if err := op.load(); err != nil {
			op.failure = fmt.Errorf("%s: %w", op.ID, err)
		}
	})
	return &op.schemas, op.failure
}

func (op *Operation) load() error {
	item, err := op.doc.load(op.Path, op.doc.root.Lookup("paths", op.Path))
	if err != nil {
		return err
	}
	loaded, s := item.GetOperation(op.Method), &op.schemas
	s.id, s.responses, s.accept = op.ID, loaded.Responses, acceptors{}
	for _, p := range slices.Concat(item.Parameters, loaded.Parameters) {
		s.parameters = append(s.parameters, newParameter(p.Value, s.accept))
	}
	if body := loaded.RequestBody; body != nil {
		s.BodyRequired = body.Value.Required
		s.bodies = map[string]*openapi3.Schema{}
		for mediaType, content := range body.Value.Content {
			s.bodies[mediaType] = nil
			if content.Schema != nil {
				s.bodies[mediaType] = content.Schema.Value
				s.accept.of(content.Schema.Value)
			}
		}
	}
	for _, e := range op.documented() {
		schema := loaded.Responses.Value(strconv.Itoa(e.Status)).Value.Content[e.MediaType].Schema
		node, err := withExpressions(e.Node, schema)
		if err != nil {
			return fmt.Errorf("response %d example %s: %w", e.Status, e.Name, err)
		}
		e.Node, e.Compact = node, node.Compact()
		s.Examples = append(s.Examples, e)
	}
	if len(s.Examples) == 0 || s.Examples[0].Status >= 300 {
		return errors.New("no named example of a successful response: add one under responses, so that the mock can respond")
	}
	return nil
}

// load loads a path item with the components that it refers to, and nothing else of the document.
func (d *Document) load(path string, item *template.Node) (*openapi3.PathItem, error) {
	paths := template.Object([]template.Member{{Key: path, Value: item}})
	part := template.Object([]template.Member{
		{Key: "openapi", Value: d.root.Lookup("openapi")},
		{Key: "info", Value: d.root.Lookup("info")},
		{Key: "paths", Value: paths},
	})
	for _, ref := range d.references(paths, map[string]bool{}) {
		steps := Pointer(ref)
		if target := d.root.Lookup(steps...); target != nil {
			part = part.MergeAt(steps, target)
		}
	}
	src, err := part.Append(nil, nil)
	if err != nil {
		return nil, err
	}
	loaded, err := openapi3.NewLoader().LoadFromData(src)
	if err != nil {
		return nil, err
	}
	return loaded.Paths.Value(path), nil
}
