package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/mediatype"
)

// Example is a named example of a response. Expressions (x-idmock-value) replace its literals once [Operation.Load] returned it.
type Example struct {
	Name      string
	Status    int
	MediaType string             // empty: without a body
	Node      *template.Node     // nil: without a body
	Compact   *template.Segments // Node, prepared for rendering; nil: without a body

	key string // of the response in the document
}

// documented lists the named examples of the operation's responses with the document's literals, lowest status first.
func (op *Operation) documented() []*Example {
	var all []*Example
	responses := op.doc.resolve(op.node.Lookup("responses")).Members()
	for _, response := range responses {
		status, ok := statusOf(response.Key)
		if ok && status == 0 && !succeeds(responses) {
			status = 200
		}
		if !ok || status == 0 {
			continue
		}
		content := op.doc.content(response.Value)
		for _, media := range content {
			for _, m := range op.doc.examples(op.doc.resolve(media.Value)) {
				all = append(all, &Example{Name: m.Key, Status: status, MediaType: media.Key, Node: m.Value, key: response.Key})
			}
		}
		if len(content) == 0 && status >= 200 && status < 300 {
			all = append(all, &Example{Name: "success", Status: status, key: response.Key})
		}
	}
	slices.SortStableFunc(all, func(a, b *Example) int { return cmp.Compare(a.Status, b.Status) })
	return all
}

// generate adds examples of the responses that have none, by [Options.Generate].
func (op *Operation) generate() {
	s := &op.schemas
	body := op.doc.options.Generate
	if body == nil {
		body = (*Operation).body
		if !op.values.Echo && slices.ContainsFunc(s.Examples, func(e *Example) bool { return e.Status < 300 }) {
			return
		}
	}
	responses := op.Responses()
	succeeds := succeeds(op.doc.resolve(op.node.Lookup("responses")).Members())
	for _, r := range responses {
		if r.Status == 0 && !succeeds {
			r.Status = 200
		}
		has := func(e *Example) bool {
			return e.key == r.Range && (e.MediaType == r.MediaType || !mediatype.IsJSON(mediatype.Plain(r.MediaType)))
		}
		if r.Status < 200 || slices.ContainsFunc(s.Examples, has) {
			continue
		}
		e := &Example{Name: generatedName(r.Status), Status: r.Status, MediaType: r.MediaType, key: r.Range}
		if r.MediaType != "" {
			if e.Node = body(op, r); e.Node == nil {
				continue
			}
			e.Compact = e.Node.Compact()
		}
		s.Examples = append(s.Examples, e)
	}
	if len(responses) == 0 { // an operation that documents no response
		s.Examples = append(s.Examples, &Example{Name: "success", Status: 200})
	}
	slices.SortStableFunc(s.Examples, func(a, b *Example) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(rank(a), rank(b)))
	})
}

// succeeds reports whether responses have one of a success. Where none has, default is it.
func succeeds(responses []template.Member) bool {
	return slices.ContainsFunc(responses, func(m template.Member) bool {
		status, ok := statusOf(m.Key)
		return ok && status >= 200 && status < 400
	})
}

// rank sorts JSON before other media types of a status.
func rank(e *Example) int {
	if e.MediaType == "" || mediatype.IsJSON(mediatype.Plain(e.MediaType)) {
		return 0
	}
	return 1
}

func generatedName(status int) string {
	if status < 300 {
		return "success"
	}
	return strconv.Itoa(status)
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
	if op.doc.options.Generate != nil || op.values.Echo { // generated examples have names as well
		if s, err := op.Load(); err == nil {
			op.listed.Do(func() { op.names = namesOf(s.Examples) })
			return op.names
		}
	}
	op.listed.Do(func() { // a scenario file reads the names for every operation of a rule
		op.names = namesOf(op.documented())
	})
	return op.names
}

func namesOf(examples []*Example) []string {
	var names []string
	for _, e := range examples {
		names = append(names, e.Name)
	}
	return names
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
	if op.values.Echo {
		return op.requestSample()
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
