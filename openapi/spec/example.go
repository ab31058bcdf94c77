package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/template"
)

// Example is a named example of a response. Expressions (x-idmock-value) replace its literals once [Operation.Load] returned it.
type Example struct {
	Name      string
	Status    int
	MediaType string
	Node      *template.Node
	Compact   *template.Segments // Node, prepared for rendering
}

// documented lists the named examples of the operation's responses with the document's literals, lowest status first.
func (op *Operation) documented() []*Example {
	var all []*Example
	for _, response := range op.doc.resolve(op.node.Lookup("responses")).Members() {
		status, err := strconv.Atoi(response.Key)
		if err != nil {
			continue // default and 4XX have no status to respond with
		}
		for _, media := range op.doc.content(response.Value) {
			for _, m := range op.doc.examples(media.Value) {
				all = append(all, &Example{Name: m.Key, Status: status, MediaType: media.Key, Node: m.Value})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *Example) int { return cmp.Compare(a.Status, b.Status) })
	return all
}

// content returns the media types of a request body or response.
func (d *Document) content(n *template.Node) []template.Member {
	return d.resolve(d.resolve(n).Lookup("content")).Members()
}

// examples returns the named examples of a media type; an unnamed one is called success.
func (d *Document) examples(media *template.Node) []template.Member {
	if example := media.Lookup("example"); example != nil {
		return []template.Member{{Key: "success", Value: example}}
	}
	var values []template.Member
	for _, m := range d.resolve(media.Lookup("examples")).Members() {
		if value := d.resolve(m.Value).Lookup("value"); value != nil {
			values = append(values, template.Member{Key: m.Key, Value: value})
		}
	}
	return values
}

// Examples returns the names of the documented responses, lowest status first. Callers must not change the list.
func (op *Operation) Examples() []string {
	op.listed.Do(func() { // a scenario file reads the names for every operation of a rule
		for _, e := range op.documented() {
			op.names = append(op.names, e.Name)
		}
	})
	return op.names
}

// Example returns the example of a name; the empty name means the first documented success.
func (op *Operation) Example(name string) (*Example, error) {
	s, err := op.Load()
	if err != nil {
		return nil, err
	}
	if name == "" {
		return s.Examples[0], nil
	}
	i := slices.IndexFunc(s.Examples, func(e *Example) bool { return e.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("%s has no example %q: use %s", op.ID, name, strings.Join(op.Examples(), ", "))
	}
	return s.Examples[i], nil
}

// ExampleStatus returns the HTTP status of a documented response, 0 if there is none of this name.
func (op *Operation) ExampleStatus(name string) int {
	e, err := op.Example(name)
	if err != nil {
		return 0
	}
	return e.Status
}

// RequestExample returns the first documented request body and its media type, nil if the document has none.
func (op *Operation) RequestExample() (mediaType string, body *template.Node) {
	for _, m := range op.doc.content(op.node.Lookup("requestBody")) {
		for _, example := range op.doc.examples(m.Value) {
			return m.Key, example.Value
		}
	}
	return "", nil
}

// Open reports whether the document leaves the successful response open: no example, an example with empty data, or a
// schema without members.
func (op *Operation) Open() bool {
	examples := op.documented()
	if len(examples) == 0 {
		return true
	}
	first := examples[0]
	if data := first.Node.Lookup("data"); data.IsObject() && len(data.Members()) == 0 {
		return true
	}
	response := op.doc.resolve(op.doc.resolve(op.node.Lookup("responses")).Lookup(strconv.Itoa(first.Status)))
	media := op.doc.resolve(op.doc.resolve(response.Lookup("content")).Lookup(first.MediaType))
	return !slices.ContainsFunc(op.doc.resolve(media.Lookup("schema")).Members(), func(m template.Member) bool {
		return slices.Contains([]string{"properties", "items", "allOf", "anyOf", "oneOf", "enum"}, m.Key)
	})
}

// Outcome is a documented success of an operation with the document's literals.
type Outcome struct {
	Name, Summary string
	Value         []byte // JSON
}

// Outcomes returns the named examples of the operation's successes, in the document's order.
func (op *Operation) Outcomes() []Outcome {
	var all []Outcome
	for _, response := range op.doc.resolve(op.node.Lookup("responses")).Members() {
		if !strings.HasPrefix(response.Key, "2") {
			continue
		}
		for _, media := range op.doc.content(response.Value) {
			for _, m := range op.doc.resolve(media.Value.Lookup("examples")).Members() {
				example := op.doc.resolve(m.Value)
				value, err := example.Lookup("value").Append(nil, nil)
				if err != nil {
					continue // an expression has no literal
				}
				all = append(all, Outcome{m.Key, text(example.Lookup("summary")), value})
			}
		}
	}
	return all
}
