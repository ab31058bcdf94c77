package openapi

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/idmock/idmock/internal/template"
)

// Operation is one thing that can be called.
type Operation struct {
	ID, Method, Path, Summary, Tag string

	// Dashboard marks an operation that stands in for a screen of the provider's dashboard: it is not the vendor's API.
	Dashboard bool
	// Mock marks an operation of the mock itself, such as those that a replacement of a browser SDK calls.
	Mock bool
	// Public marks an operation that is called without a credential.
	Public bool

	doc        *document
	node       *template.Node // the operation in the document
	credential *credential
	run        *runRule
	dashboard  *dashboard

	listed sync.Once
	names  []string // of the examples

	once    sync.Once
	loaded  details
	failure error
}

// details holds the schemas, which are loaded at the operation's first use.
type details struct {
	bodies       map[string]*openapi3.Schema // by media type; a nil schema takes anything
	bodyRequired bool
	parameters   []parameter
	responses    *openapi3.Responses
	examples     []*example // lowest status first
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

// details returns the operation's schemas.
func (op *Operation) details() (*details, error) {
	op.once.Do(func() {
		if err := op.load(); err != nil {
			op.failure = fmt.Errorf("%s: %w", op.ID, err)
		}
	})
	return &op.loaded, op.failure
}

func (op *Operation) load() error {
	item, err := op.doc.load(op.Path, op.doc.root.Lookup("paths", op.Path))
	if err != nil {
		return err
	}
	spec := item.GetOperation(op.Method)
	op.loaded.responses = spec.Responses
	for _, p := range slices.Concat(item.Parameters, spec.Parameters) {
		op.loaded.parameters = append(op.loaded.parameters, newParameter(p.Value))
	}
	if body := spec.RequestBody; body != nil {
		op.loaded.bodyRequired = body.Value.Required
		op.loaded.bodies = map[string]*openapi3.Schema{}
		for mediaType, content := range body.Value.Content {
			op.loaded.bodies[mediaType] = nil
			if content.Schema != nil {
				op.loaded.bodies[mediaType] = content.Schema.Value
			}
		}
	}
	for _, found := range op.documented() {
		schema := spec.Responses.Value(strconv.Itoa(found.status)).Value.Content[found.mediaType].Schema
		node, err := live(found.node, schema)
		if err != nil {
			return fmt.Errorf("response %d example %s: %w", found.status, found.name, err)
		}
		found.node, found.compact = node, node.Compact()
		if schema != nil {
			found.schema = schema.Value
		}
		op.loaded.examples = append(op.loaded.examples, found)
	}
	if len(op.loaded.examples) == 0 || op.loaded.examples[0].status >= 300 {
		return errors.New("no named example of a successful response: add one under responses, so that the mock knows what to answer")
	}
	return nil
}

// load loads one path item of the document, with all that it refers to and nothing else.
func (d *document) load(path string, item *template.Node) (*openapi3.PathItem, error) {
	paths := template.Object([]template.Member{{Key: path, Value: item}})
	part := template.Object([]template.Member{
		{Key: "openapi", Value: d.root.Lookup("openapi")},
		{Key: "info", Value: d.root.Lookup("info")},
		{Key: "paths", Value: paths},
	})
	for _, ref := range d.references(paths, map[string]bool{}) {
		steps := pointer(ref)
		if target := d.root.Lookup(steps...); target != nil {
			part = part.MergeAt(steps, target)
		}
	}
	src, err := part.Append(nil, nil)
	if err != nil {
		return nil, err
	}
	spec, err := openapi3.NewLoader().LoadFromData(src)
	if err != nil {
		return nil, err
	}
	return spec.Paths.Value(path), nil
}

// references lists every $ref below n and below their targets.
func (d *document) references(n *template.Node, seen map[string]bool) []string {
	var all []string
	if ref := text(n.Lookup("$ref")); ref != "" && !seen[ref] {
		seen[ref] = true
		all = append(all, ref)
		if target := d.root.Lookup(pointer(ref)...); target != nil {
			all = append(all, d.references(target, seen)...)
		}
	}
	for _, m := range n.Members() {
		all = append(all, d.references(m.Value, seen)...)
	}
	for _, item := range n.Items() {
		all = append(all, d.references(item, seen)...)
	}
	return all
}

// documented lists the named examples of the operation's answers as the document has them, lowest status first.
func (op *Operation) documented() []*example {
	var all []*example
	for _, response := range op.doc.resolve(op.node.Lookup("responses")).Members() {
		status, err := strconv.Atoi(response.Key)
		if err != nil {
			continue // default and 4XX describe, they are not something to answer with
		}
		for _, media := range op.doc.resolve(op.doc.resolve(response.Value).Lookup("content")).Members() {
			for _, m := range op.doc.exampleValues(media.Value) {
				all = append(all, &example{name: m.Key, status: status, mediaType: media.Key, node: m.Value})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *example) int { return cmp.Compare(a.status, b.status) })
	return all
}

// exampleValues returns the named examples of a media type; a single example is called success.
func (d *document) exampleValues(media *template.Node) []template.Member {
	if one := media.Lookup("example"); one != nil {
		return []template.Member{{Key: "success", Value: one}}
	}
	var values []template.Member
	for _, m := range d.resolve(media.Lookup("examples")).Members() {
		if value := d.resolve(m.Value).Lookup("value"); value != nil {
			values = append(values, template.Member{Key: m.Key, Value: value})
		}
	}
	return values
}

// request returns the first documented request body and its media type, nil where there is none.
func (op *Operation) request() (string, *template.Node) {
	for _, m := range op.doc.resolve(op.doc.resolve(op.node.Lookup("requestBody")).Lookup("content")).Members() {
		for _, value := range op.doc.exampleValues(m.Value) {
			return m.Key, value.Value
		}
	}
	return "", nil
}

// Examples names the documented answers, lowest status first. The list must not be changed.
func (op *Operation) Examples() []string {
	op.listed.Do(func() { // a scenario file asks this of every operation that a rule is for
		for _, e := range op.documented() {
			op.names = append(op.names, e.name)
		}
	})
	return op.names
}

func (op *Operation) example(name string) (*example, error) {
	d, err := op.details()
	if err != nil {
		return nil, err
	}
	if name == "" {
		return d.examples[0], nil
	}
	i := slices.IndexFunc(d.examples, func(e *example) bool { return e.name == name })
	if i < 0 {
		return nil, fmt.Errorf("%s has no example %q, it has %s", op.ID, name, strings.Join(op.Examples(), ", "))
	}
	return d.examples[i], nil
}

// ExampleStatus is the HTTP status of a documented answer, 0 where there is none of this name.
func (op *Operation) ExampleStatus(name string) int {
	e, err := op.example(name)
	if err != nil {
		return 0
	}
	return e.status
}

// Starts reports whether calls to the operation start a run.
func (op *Operation) Starts() bool { return op.run != nil && len(op.run.Find) == 0 }

// Finds reports whether calls to the operation ask for a run that exists already, and the example to answer with when
// there is no such run; empty leaves that to the scenario.
func (op *Operation) Finds() (missing string, ok bool) {
	if op.run == nil || len(op.run.Find) == 0 {
		return "", false
	}
	return op.run.Missing, true
}

// findPlace is a parameter in an expression that finds a run.
var findPlace = regexp.MustCompile(`\b(path|query|body)\.(\w+)`)

// FindsBy lists the parameters by whose value a call names the run that it asks for, as [in, name]: in is path, query or
// body.
func (op *Operation) FindsBy() [][2]string {
	if op.run == nil {
		return nil
	}
	var all [][2]string
	for _, e := range op.run.Find {
		for _, found := range findPlace.FindAllStringSubmatch(e.String(), -1) {
			all = append(all, [2]string{found[1], found[2]})
		}
	}
	return all
}

// Reference returns the name, in the provider's format, of a run that a call to the operation starts. It is empty where
// the provider has none, or where the expression yields nothing.
func (op *Operation) Reference(s *template.Scope) (string, error) {
	if op.run == nil || op.run.Reference.Expression == nil {
		return "", nil
	}
	v, err := op.run.Reference.Value(s)
	if err != nil || v == nil {
		return "", err
	}
	return fmt.Sprint(v), nil
}

// Alias returns the further name under which a run that a call to the operation started is found, or nothing.
func (op *Operation) Alias(s *template.Scope) string {
	if op.run == nil {
		return ""
	}
	return op.run.Alias.first(s)
}

// Request returns the documented request body with the subject put in, as a client would send it, and its media type.
// The body is nil where the document shows none.
func (op *Operation) Request(subject string) (mediaType string, body *template.Node, err error) {
	mediaType, body = op.request()
	if body == nil || subject == "" || op.run == nil {
		return mediaType, body, nil
	}
	value, err := template.Literal(subject)
	if err != nil {
		return "", nil, err
	}
	if steps := op.subjectIn(body); steps != nil {
		return mediaType, body.MergeAt(steps, value), nil
	}
	return "", nil, fmt.Errorf("%s: its documented request has no field that holds a subject", op.ID)
}

// subjectIn is the path to the member with the subject in the documented body, nil if none.
func (op *Operation) subjectIn(body *template.Node) []string {
	if op.run == nil || body == nil {
		return nil
	}
	for _, alternative := range op.run.Subject {
		path, ok := strings.CutPrefix(alternative.String(), "body.")
		if !ok || strings.ContainsAny(path, " ()?+[") {
			continue
		}
		if steps := strings.Split(path, "."); body.Lookup(steps...) != nil {
			return steps
		}
	}
	return nil
}

// Subject returns the subject of a call, empty if the operation has none.
func (op *Operation) Subject(s *template.Scope) string {
	if op.run == nil {
		return ""
	}
	return op.run.Subject.first(s)
}

// Outcome is a documented success of an operation, as documented, for scripts in the browser.
type Outcome struct {
	Name, Summary string
	Value         []byte // JSON, with the document's literals
}

// Outcomes lists the named examples of the operation's successes, in the document's order.
func (op *Operation) Outcomes() []Outcome {
	var all []Outcome
	for _, response := range op.doc.resolve(op.node.Lookup("responses")).Members() {
		if !strings.HasPrefix(response.Key, "2") {
			continue
		}
		for _, media := range op.doc.resolve(op.doc.resolve(response.Value).Lookup("content")).Members() {
			for _, m := range op.doc.resolve(media.Value.Lookup("examples")).Members() {
				example := op.doc.resolve(m.Value)
				value, err := example.Lookup("value").Append(nil, nil)
				if err != nil {
					continue // an expression: nothing that could be shown in advance
				}
				all = append(all, Outcome{m.Key, text(example.Lookup("summary")), value})
			}
		}
	}
	return all
}
