package scenarios

import (
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/scenarios/internal/source"
)

// Fault is a fault with its arguments, as requested in a file.
type Fault struct {
	Name string            `json:"name"`
	Args map[string]string `json:"args,omitempty"` // as written; missing ones have their defaults
}

// String formats the fault in one line.
func (f Fault) String() string {
	text := f.Name
	for _, name := range slices.Sorted(maps.Keys(f.Args)) {
		text += " " + name + "=" + f.Args[name]
	}
	return text
}

// The places in which a fault is valid: a reply, or a step that sends.
const (
	InReply    = "reply"
	InDelivery = "delivery"
)

// FaultKind is an available fault.
type FaultKind struct {
	Name  string
	About string // one sentence
	Args  []FaultArg

	Drops       bool // nothing is sent
	BeforeReply bool // the event leaves before the response to the request that caused it
}

// FaultArg is an argument of a fault.
type FaultArg struct {
	Name, About, Default string
	// Check validates a value, as written.
	Check func(value string) error
}

// faults reads the value of fault: a name, a mapping with name and arguments, or a list of these.
func (p *parsing) faults(target *[]Fault, where string) func(ast.Node) {
	return func(n ast.Node) {
		p.OneOrMore(n, "fault", func(n ast.Node) {
			if _, mapping := source.Values(n); mapping {
				*target = append(*target, p.fault(n, where))
				return
			}
			f := Fault{Name: p.name(n, "fault")}
			p.faultKind(n, f.Name, where)
			*target = append(*target, f)
		})
	}
}

func (p *parsing) fault(n ast.Node, where string) Fault {
	f := Fault{}
	values, _ := source.Values(n)
	known := source.Fields{"name": func(n ast.Node) { f.Name = p.name(n, "name") }}
	if !slices.ContainsFunc(values, func(v *ast.MappingValueNode) bool { return template.KeyText(v.Key) == "name" }) {
		p.At(source.First(n), "missing key \"name\" in fault")
		return f
	}
	for _, v := range values { // the name, wherever it is, decides which arguments are known
		if template.KeyText(v.Key) != "name" {
			continue
		}
		kind := p.faultKind(v.Value, source.Scalar(v.Value), where)
		if kind == nil {
			return f // its arguments are unknown as well
		}
		for _, arg := range kind.Args {
			known[arg.Name] = p.faultArg(&f, kind.Name, arg)
		}
	}
	p.Mapping(n, "fault", known)
	return f
}

func (p *parsing) faultArg(f *Fault, name string, arg FaultArg) func(ast.Node) {
	return func(n ast.Node) {
		switch n.(type) {
		case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode, *ast.NullNode:
			p.Wrong(n, "%s of fault %s must be a single value, not %s", arg.Name, name, source.Kind(n))
			return
		}
		value := strings.TrimSpace(source.Scalar(n))
		if err := arg.Check(value); err != nil {
			p.Wrong(n, "%s of fault %s: %v", arg.Name, name, err)
			return
		}
		if f.Args == nil {
			f.Args = map[string]string{}
		}
		f.Args[arg.Name] = value
	}
}

// faultKind looks up a fault. It reports a fault that is unknown, or only valid elsewhere.
func (p *parsing) faultKind(n ast.Node, name, where string) *FaultKind {
	if name == "" {
		return nil
	}
	kinds := p.names.Faults(where)
	if i := slices.IndexFunc(kinds, func(k FaultKind) bool { return k.Name == name }); i >= 0 {
		return &kinds[i]
	}
	for other, place := range map[string]string{InReply: "in a reply", InDelivery: "in a step that sends"} {
		if other != where && slices.ContainsFunc(p.names.Faults(other), func(k FaultKind) bool { return k.Name == name }) {
			p.At(n, "fault %q is only valid %s", name, place)
			return nil
		}
	}
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.Name
	}
	slices.Sort(names)
	p.At(n, "unknown fault %q%s", name, suggest.Alike(name, names))
	return nil
}
