package spec

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
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

	Place []string // keys from the root of the document

	doc     *Document
	node    *template.Node // the operation as the document has it
	shared  *template.Node // the parameters of the path; nil: none
	derived bool           // the document has no such ID

	values     Values
	sampled    sync.Once
	sampleType string
	sampleBody *template.Node

	listed sync.Once
	names  []string // of the examples

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
		op.Public = len(security.Items()) == 0 || slices.ContainsFunc(security.Items(), func(alternative *template.Node) bool {
			return alternative.IsObject() && len(alternative.Members()) == 0
		})
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
	hasBody    bool
	bodies     content
	parameters []parameter
	responses  map[string]content // by status, range or default
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
	l := op.doc.library
	l.mu.Lock()
	defer l.mu.Unlock()
	b, s := &builder{library: l}, &op.schemas
	s.id = op.ID
	if err := b.parameters(s, op); err != nil {
		return err
	}
	if node := op.node.Lookup("requestBody"); node != nil {
		body, err := op.doc.follow(node)
		if err != nil {
			return fmt.Errorf("requestBody: %w", err)
		}
		s.hasBody, s.BodyRequired = true, body.Lookup("required").True()
		if s.bodies, err = b.content(body); err != nil {
			return fmt.Errorf("requestBody: %w", err)
		}
	}
	s.responses = map[string]content{}
	for _, m := range op.doc.resolve(op.node.Lookup("responses")).Members() {
		if strings.HasPrefix(m.Key, "x-") {
			continue
		}
		response, err := op.doc.follow(m.Value)
		if err == nil {
			s.responses[m.Key], err = b.content(response)
		}
		if err != nil {
			return fmt.Errorf("response %s: %w", m.Key, err)
		}
	}
	return op.loadExamples()
}

// loadExamples prepares the documented examples and generates the missing ones.
func (op *Operation) loadExamples() error {
	s := &op.schemas
	for _, e := range op.documented() {
		if e.Node == nil {
			s.Examples = append(s.Examples, e)
			continue
		}
		node, err := withExpressions(e.Node, s.responses[e.key].schemaOf(e.MediaType))
		if err != nil {
			return fmt.Errorf("response %d example %s: %w", e.Status, e.Name, err)
		}
		if op.values.Echo {
			if node = op.fill(e, node); s.contradicts(e, node) {
				node = cmp.Or(op.body(op.responseOf(e)), node)
			}
		}
		e.Node, e.Compact = node, node.Compact()
		s.Examples = append(s.Examples, e)
	}
	op.generate()
	if len(s.Examples) == 0 || s.Examples[0].Status >= 400 || s.Examples[0].Status >= 300 && op.doc.options.Generate == nil && !op.values.Echo {
		return errors.New("no named example of a successful response: add one under responses, so that the mock can respond")
	}
	return nil
}

// follow resolves a reference, which must have a target.
func (d *Document) follow(n *template.Node) (*template.Node, error) {
	for range 32 {
		ref := n.Lookup("$ref")
		if ref == nil {
			return n, nil
		}
		if n = d.target(text(ref)); n == nil {
			return nil, missing(d, text(ref))
		}
	}
	return nil, errors.New("references refer to each other")
}

// parameters builds the parameters of an operation and its path. Those of the operation take precedence.
func (b *builder) parameters(s *Schemas, op *Operation) error {
	for _, node := range slices.Concat(op.node.Lookup("parameters").Items(), op.shared.Items()) {
		node, err := b.doc.follow(node)
		if err != nil {
			return fmt.Errorf("parameters: %w", err)
		}
		p, err := b.parameter(node)
		if err != nil {
			return fmt.Errorf("parameter %s: %w", p.name, err)
		}
		same := func(have parameter) bool { return have.name == p.name && have.in == p.in }
		if p.name != "" && !slices.ContainsFunc(s.parameters, same) && !isAlways(p) {
			s.parameters = append(s.parameters, p)
		}
	}
	return nil
}

// isAlways reports headers that OpenAPI describes elsewhere: by media types and security.
func isAlways(p parameter) bool {
	return p.in == openapi3.ParameterInHeader && slices.Contains([]string{"accept", "content-type", "authorization"}, p.name)
}
