package infer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/openapi/sample"
	"github.com/idmock/idmock/openapi/spec"
)

// resource is created, read, changed and listed by operations, by the shape of their paths: /things and /things/{id}.
type resource struct {
	collection string // path
	name       string // singular
	param      string // of the item's path

	create, list, read, merge, replace, remove *spec.Operation
	actions                                    []*spec.Operation // below an item

	idPath  map[*spec.Operation][]string // of the id in responses
	natural string                       // the member of the request that is the id, if any
	id      sample.Member                // the id in the response that creates
	subject []string                     // expressions
}

var itemPath = regexp.MustCompile(`^(.*)/\{([^{}]+)\}$`)

// findResources finds the resources of the wanted operations.
func (p *provider) findResources() {
	byPath := map[string]*resource{}
	for _, op := range p.doc.Operations() {
		m := itemPath.FindStringSubmatch(strings.TrimRight(op.Path, "/"))
		if m == nil || m[1] == "" || !p.wanted(op) {
			continue
		}
		r := byPath[m[1]]
		if r == nil {
			last := m[1][strings.LastIndex(m[1], "/")+1:]
			r = &resource{collection: m[1], name: singular(strings.ToLower(last)), param: m[2], idPath: map[*spec.Operation][]string{}}
			byPath[m[1]] = r
			p.resources = append(p.resources, r)
		}
		switch op.Method {
		case "GET":
			r.read = op
		case "PATCH", "POST":
			r.merge = op
		case "PUT":
			r.replace = op
		case "DELETE":
			r.remove = op
		}
	}
	for _, op := range p.doc.Operations() {
		path := strings.TrimRight(op.Path, "/")
		if r := byPath[path]; r != nil && p.wanted(op) {
			switch op.Method {
			case "POST":
				r.create = op
			case "GET":
				r.list = op
			}
		}
		cut := strings.LastIndex(path, "/")
		if cut < 0 || op.Method != "POST" || strings.Contains(path[cut:], "{") || !p.wanted(op) || byPath[path] != nil {
			continue
		}
		if m := itemPath.FindStringSubmatch(path[:cut]); m != nil && byPath[m[1]] != nil {
			byPath[m[1]].actions = append(byPath[m[1]].actions, op)
		}
	}
	p.resources = slices.DeleteFunc(p.resources, func(r *resource) bool { return !p.describe(r) })
}

// operations are the operations that respond with the resource.
func (r *resource) operations() []*spec.Operation {
	return slices.DeleteFunc(append([]*spec.Operation{r.create, r.read, r.merge, r.replace, r.remove}, r.actions...), func(op *spec.Operation) bool { return op == nil })
}

// describe finds the ids of a resource. It reports whether the resource keeps state: something reads it, and something
// writes it.
func (p *provider) describe(r *resource) bool {
	if r.read == nil && r.list == nil || r.create == nil && r.merge == nil && r.replace == nil && r.remove == nil {
		return false
	}
	for _, op := range r.operations() {
		_, schema := op.Success()
		if m, ok := sample.Find(schema, p.doc.Resolve, r.names()); ok {
			r.idPath[op] = m.Path
			if op == r.create || r.create == nil {
				r.id = m
			}
		}
	}
	if r.create == nil {
		return true
	}
	if len(r.idPath[r.create]) == 0 { // its response names nothing that could be read
		r.create = nil
		r.list = nil
		return r.read != nil && (r.merge != nil || r.replace != nil || r.remove != nil)
	}
	if m, ok := sample.Find(r.create.RequestSchema(), p.doc.Resolve, []string{fake.Squeeze(r.id.Name())}); ok && len(m.Path) == 1 && !m.ReadOnly {
		r.natural = m.Path[0]
	}
	r.subject = p.subjectOf(r.create)
	return true
}

// names are the squeezed names that the id of a resource may have, the likeliest first.
func (r *resource) names() []string {
	return []string{fake.Squeeze(r.param), "id", fake.Squeeze(r.name) + "id", "uuid", "guid", fake.Squeeze(r.name) + "uuid", "reference", fake.Squeeze(r.name) + "reference", "token", fake.Squeeze(r.name) + "token", "key", "code", "slug", "handle", "number"}
}

// subjects are the members of a request that identify its person for a team, the likeliest first.
func subjects() []string {
	return []string{"clientuserid", "clientreferenceid", "externaluserid", "externalid", "userid", "customerid", "referenceid", "reference", "clientreference", "vendordata",
		"idnumber", "number", "documentnumber", "ssn", "email", "emailaddress", "phone", "phonenumber", "username", "lastname", "fullname", "name"}
}

// subjectOf returns the expressions of the subject of a request.
func (p *provider) subjectOf(op *spec.Operation) []string {
	var all []string
	for _, name := range subjects() {
		if m, ok := sample.Find(op.RequestSchema(), p.doc.Resolve, []string{name}); ok && m.Simple {
			all = append(all, expressionOf("body", m.Path))
		}
	}
	return all[:min(len(all), 3)]
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// expressionOf returns the expression of a value at a path.
func expressionOf(root string, path []string) string {
	for _, key := range path {
		if identifier.MatchString(key) {
			root += "." + key
		} else {
			root += fmt.Sprintf("[%q]", key)
		}
	}
	return root
}

// reference returns the expression for the reference of a new resource; empty: a UUID suits.
func (r *resource) reference() string {
	own := ""
	switch {
	case r.id.Integer:
		own = `"1" + fake.digits(run.id, 8)`
	case r.id.MaxLength > 0 && r.id.MaxLength < 36:
		own = fmt.Sprintf("fake.hex(run.id, %d)", min(r.id.MaxLength, 24))
	case r.id.Pattern != "":
		own = fmt.Sprintf("fake.matching(run.id, %q)", r.id.Pattern)
	}
	if r.natural != "" {
		if own == "" {
			own = "run.id"
		}
		own = expressionOf("body", []string{r.natural}) + " ?? " + "(" + own + ")"
	}
	return own
}

// runs is the section runs of provider.yaml.
func (p *provider) runs() string {
	var b strings.Builder
	for _, r := range p.resources {
		fmt.Fprintf(&b, "  # %s\n", r.collection)
		if r.create != nil {
			p.writeRun(&b, r, r.create, "")
			if len(r.subject) > 0 {
				fmt.Fprintf(&b, "    subject: %s\n", list(r.subject))
			}
			if reference := r.reference(); reference != "" {
				fmt.Fprintf(&b, "    reference: %s\n", quote(reference))
			}
		}
		if r.list != nil && r.create != nil && !strings.Contains(r.collection, "{") {
			of := []string{r.create.ID}
			for _, op := range []*spec.Operation{r.merge, r.replace} {
				if op != nil {
					of = append(of, op.ID)
				}
			}
			p.writeRun(&b, r, r.list, "")
			fmt.Fprintf(&b, "    list: %s\n", list(of))
		}
		for _, find := range []struct {
			op     *spec.Operation
			change string
		}{{r.read, ""}, {r.merge, "merge"}, {r.replace, "replace"}, {r.remove, "remove"}} {
			if find.op != nil {
				p.writeRun(&b, r, find.op, find.change)
				fmt.Fprintf(&b, "    find: %s\n", quote(expressionOf("path", []string{r.param})))
			}
		}
		for _, op := range r.actions {
			p.writeRun(&b, r, op, "")
			fmt.Fprintf(&b, "    find: %s\n", quote(expressionOf("path", []string{r.param})))
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "runs:\n" + b.String()
}

func (p *provider) writeRun(b *strings.Builder, r *resource, op *spec.Operation, change string) {
	fmt.Fprintf(b, "  - on: %s\n", quote(op.ID))
	id := r.idPath[op]
	if op == r.list { // of an item
		id = r.idPath[r.create]
	}
	if len(id) > 0 {
		fmt.Fprintf(b, "    id: %s\n", quote(strings.Join(id, ".")))
	}
	if change != "" {
		fmt.Fprintf(b, "    change: %s\n", change)
	}
}

// status returns the member of a resource that has its state, with the possible values.
func (p *provider) status(r *resource) (sample.Member, bool) {
	for _, op := range r.operations() {
		if op == r.remove {
			continue
		}
		_, schema := op.Success()
		m, ok := sample.Find(schema, p.doc.Resolve, []string{"status", "state", fake.Squeeze(r.name) + "status", "verificationstatus", "decision", "result", "outcome", "verdict", "reviewstatus"})
		if ok && len(m.Enum) > 1 {
			return m, true
		}
	}
	return sample.Member{}, false
}

// enum are the texts of an enumeration.
func enum(values []any) []string {
	var all []string
	for _, v := range values {
		if text, ok := v.(string); ok && text != "" {
			all = append(all, text)
		}
	}
	return all
}
