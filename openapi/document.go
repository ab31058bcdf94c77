package openapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/goccy/go-yaml/parser"

	"github.com/idmock/idmock/internal/template"
)

// Operation is one thing that can be called.
type Operation struct {
	ID, Method, Path, Summary, Tag string

	// Dashboard marks an operation that stands in for a screen of the provider's dashboard: it is not the vendor's API.
	Dashboard bool
	// Public marks an operation that is called without a credential.
	Public bool

	bodies       map[string]*openapi3.Schema // by media type; a nil schema takes anything
	bodyRequired bool
	parameters   []parameter
	request      *template.Node // the first documented request body
	examples     []*example     // lowest status first
	run          *runRule
	dashboard    *dashboard
}

// example is a documented answer, with its live values in place.
type example struct {
	name      string
	status    int
	mediaType string
	node      *template.Node
	compact   *template.Segments
	schema    *openapi3.Schema
}

// document is openapi.yaml, ready for use.
type document struct {
	operations []*Operation // in the order of the file
	byID       map[string]*Operation
	mux        *http.ServeMux
	spec       *openapi3.T
}

func loadDocument(src []byte, set *settings) (*document, error) {
	root, spec, err := readDocument(src)
	if err != nil {
		return nil, err
	}
	d := &document{byID: map[string]*Operation{}, mux: http.NewServeMux(), spec: spec}
	var problems []error
	for _, item := range resolve(root, root.Lookup("paths")).Members() {
		if err := d.addPath(root, item, set); err != nil {
			problems = append(problems, fmt.Errorf("paths %s: %w", item.Key, err))
		}
	}
	if len(d.operations) == 0 && len(problems) == 0 {
		problems = append(problems, errors.New("no operation under paths"))
	}
	return d, errors.Join(problems...)
}

// readDocument reads the file twice over, because a kin-openapi document no longer knows the order of an example's
// members: once as an ordered tree, and from that tree's JSON, which loads faster than YAML, as a document.
func readDocument(src []byte) (*template.Node, *openapi3.T, error) {
	file, err := parser.ParseBytes(src, 0)
	if err != nil {
		return nil, nil, err
	}
	if len(file.Docs) != 1 {
		return nil, nil, fmt.Errorf("want one YAML document, have %d", len(file.Docs))
	}
	root, err := tree(file.Docs[0].Body, func(s string) (*template.Node, error) { return template.Literal(s) })
	if err != nil {
		return nil, nil, err
	}
	text, err := root.Append(nil, nil)
	if err != nil {
		return nil, nil, err
	}
	spec, err := openapi3.NewLoader().LoadFromData(text)
	return root, spec, err
}

func (d *document) addPath(root *template.Node, item template.Member, set *settings) error {
	for _, m := range resolve(root, item.Value).Members() {
		method := strings.ToUpper(m.Key)
		spec := d.spec.Paths.Value(item.Key).GetOperation(method)
		if spec == nil {
			continue // parameters, summary and the like
		}
		op, err := newOperation(method, item.Key, root, m.Value, spec, d.spec.Paths.Value(item.Key).Parameters)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Key, err)
		}
		if d.byID[op.ID] != nil {
			return fmt.Errorf("operationId %s stands twice", op.ID)
		}
		for i := range set.Runs {
			if set.Runs[i].On.match(op.ID) {
				op.run = &set.Runs[i]
				break
			}
		}
		if verb, ok := set.Dashboard[op.ID]; ok {
			op.dashboard = &verb
		}
		d.operations, d.byID[op.ID] = append(d.operations, op), op
		if err := d.route(op, set.Prefix); err != nil {
			return err
		}
	}
	return nil
}

func newOperation(method, path string, root, node *template.Node, spec *openapi3.Operation, shared openapi3.Parameters) (*Operation, error) {
	if spec.OperationID == "" {
		return nil, errors.New("has no operationId")
	}
	op := &Operation{ID: spec.OperationID, Method: method, Path: path, Summary: spec.Summary,
		Dashboard: spec.Extensions["x-idmock-dashboard"] == true,
		Public:    spec.Security != nil && len(*spec.Security) == 0}
	if len(spec.Tags) > 0 {
		op.Tag = spec.Tags[0]
	}
	for _, p := range slices.Concat(shared, spec.Parameters) {
		op.parameters = append(op.parameters, newParameter(p.Value))
	}
	if body := spec.RequestBody; body != nil && body.Value != nil {
		op.bodyRequired = body.Value.Required
		op.bodies = map[string]*openapi3.Schema{}
		for mediaType, content := range body.Value.Content {
			op.bodies[mediaType] = nil
			if content.Schema != nil {
				op.bodies[mediaType] = content.Schema.Value
			}
		}
		for _, m := range resolve(root, resolve(root, node.Lookup("requestBody")).Lookup("content")).Members() {
			for _, value := range exampleValues(root, m.Value) {
				op.request = cmp.Or(op.request, value.Value)
			}
		}
	}
	return op, op.addExamples(root, resolve(root, node.Lookup("responses")), spec)
}

func (op *Operation) addExamples(root, responses *template.Node, spec *openapi3.Operation) error {
	for _, response := range responses.Members() {
		status, err := strconv.Atoi(response.Key)
		if err != nil {
			continue // default and 4XX describe, they are not something to answer with
		}
		content := spec.Responses.Value(response.Key).Value.Content
		for _, media := range resolve(root, resolve(root, response.Value).Lookup("content")).Members() {
			var schema *openapi3.SchemaRef
			if c := content[media.Key]; c != nil {
				schema = c.Schema
			}
			for _, m := range exampleValues(root, media.Value) {
				node, err := live(m.Value, schema)
				if err != nil {
					return fmt.Errorf("response %s example %s: %w", response.Key, m.Key, err)
				}
				e := &example{name: m.Key, status: status, mediaType: media.Key, node: node, compact: node.Compact()}
				if schema != nil {
					e.schema = schema.Value
				}
				op.examples = append(op.examples, e)
			}
		}
	}
	slices.SortStableFunc(op.examples, func(a, b *example) int { return cmp.Compare(a.status, b.status) })
	if len(op.examples) == 0 || op.examples[0].status >= 300 {
		return errors.New("no named example of a successful response: add one under responses, so that the mock knows what to answer")
	}
	return nil
}

// exampleValues returns the named examples of a media type; a single example is called success.
func exampleValues(root, media *template.Node) []template.Member {
	if one := media.Lookup("example"); one != nil {
		return []template.Member{{Key: "success", Value: one}}
	}
	var values []template.Member
	for _, m := range resolve(root, media.Lookup("examples")).Members() {
		if value := resolve(root, m.Value).Lookup("value"); value != nil {
			values = append(values, template.Member{Key: m.Key, Value: value})
		}
	}
	return values
}

// resolve follows $ref within the document. What has no such place has been refused by the loader already.
func resolve(root, n *template.Node) *template.Node {
	for range 32 { // a reference that leads to itself is cut here; the loader has said so
		if n == nil {
			return &template.Node{}
		}
		target := n.Lookup("$ref")
		if target == nil {
			return n
		}
		text, err := target.Value(nil)
		pointer, ok := text.(string)
		if err != nil || !ok {
			return n
		}
		var steps []string
		for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "#/"), "/") {
			steps = append(steps, strings.NewReplacer("~1", "/", "~0", "~").Replace(step))
		}
		n = root.Lookup(steps...)
	}
	return n
}

// live puts the expressions of x-idmock-value into an example, wherever the example has that property.
func live(n *template.Node, refs ...*openapi3.SchemaRef) (*template.Node, error) {
	refs = flatten(refs)
	for _, ref := range refs {
		for _, extensions := range []map[string]any{ref.Extensions, ref.Value.Extensions} {
			if value, ok := extensions["x-idmock-value"].(string); ok {
				return template.String(value)
			}
		}
	}
	if n.IsObject() {
		members := slices.Clone(n.Members())
		for i, m := range members {
			var of []*openapi3.SchemaRef
			for _, ref := range refs {
				if p := ref.Value.Properties[m.Key]; p != nil {
					of = append(of, p)
				}
			}
			value, err := live(m.Value, of...)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.Key, err)
			}
			members[i].Value = value
		}
		return template.Object(members), nil
	}
	if items := n.Items(); len(items) > 0 {
		made := make([]*template.Node, len(items))
		for i, item := range items {
			var of []*openapi3.SchemaRef
			for _, ref := range refs {
				if ref.Value.Items != nil {
					of = append(of, ref.Value.Items)
				}
			}
			var err error
			if made[i], err = live(item, of...); err != nil {
				return nil, err
			}
		}
		return template.Array(made), nil
	}
	return n, nil
}

// flatten adds the parts of which a schema is composed.
func flatten(refs []*openapi3.SchemaRef) []*openapi3.SchemaRef {
	var all []*openapi3.SchemaRef
	for _, ref := range refs {
		if ref == nil || ref.Value == nil {
			continue
		}
		all = append(all, ref)
		for _, parts := range []openapi3.SchemaRefs{ref.Value.AllOf, ref.Value.AnyOf, ref.Value.OneOf} {
			all = append(all, flatten(parts)...)
		}
	}
	return all
}

// validate judges the document itself, which takes longer than loading it: the folders that ship have been judged by
// their tests, so only a user's own is judged at run time.
func (d *document) validate() error {
	if err := d.spec.Validate(context.Background(), openapi3.EnableMultiError()); err != nil {
		return err
	}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(d.byID)) {
		for _, e := range d.byID[name].examples {
			if e.status < 100 || e.status > 599 {
				problems = append(problems, fmt.Errorf("%s: status %d is no HTTP status", name, e.status))
			}
		}
	}
	return errors.Join(problems...)
}
