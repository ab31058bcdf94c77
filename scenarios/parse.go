package scenarios

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/idmock/idmock/internal/duration"
	"github.com/idmock/idmock/internal/template"
)

// Vocabulary says which names a file may use.
type Vocabulary interface {
	// Operations lists a provider's operation ids; nil for a provider that does not exist.
	Operations(provider string) []string
	// Events lists the events that a provider can send.
	Events(provider string) []string
	// Examples lists the documented answers of an operation.
	Examples(provider, operation string) []string
}

// MaxFile is the largest scenario file that is read, in bytes.
const MaxFile = 1 << 20

// Parse reads a scenario file. All mistakes are reported at once: the error is [Problems].
func Parse(file string, src []byte, names Vocabulary) (*Scenario, error) {
	p := &parsing{file: file, lines: strings.Split(string(src), "\n"), names: names}
	if len(src) > MaxFile {
		p.problems = append(p.problems, Problem{File: file, Message: fmt.Sprintf("the file is larger than %d bytes", MaxFile)})
		return nil, p.problems.Err()
	}
	tree, err := parser.ParseBytes(src, 0)
	if err != nil {
		p.syntax(err)
		return nil, p.problems.Err()
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		p.problems = append(p.problems, Problem{File: file, Message: fmt.Sprintf("want one YAML document with a scenario, have %d", len(tree.Docs))})
		return nil, p.problems.Err()
	}
	s := p.scenario(tree.Docs[0].Body)
	if err := p.problems.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

// parsing is one file being read.
type parsing struct {
	file     string
	lines    []string
	names    Vocabulary
	provider string
	problems Problems
}

// fields are the keys that a mapping may have, each with what reads its value.
type fields map[string]func(ast.Node)

func (p *parsing) at(n ast.Node, format string, args ...any) {
	pos := n.GetToken().Position
	problem := Problem{File: p.file, Line: pos.Line, Column: pos.Column, Message: fmt.Sprintf(format, args...)}
	if pos.Line >= 1 && pos.Line <= len(p.lines) {
		problem.Source = strings.TrimRight(p.lines[pos.Line-1], "\r")
	}
	p.problems = append(p.problems, problem)
}

func (p *parsing) syntax(err error) {
	var syntax yaml.Error
	if errors.As(err, &syntax) && syntax.GetToken() != nil {
		p.at(&ast.NullNode{Token: syntax.GetToken()}, "%s", syntax.GetMessage())
		return
	}
	p.problems = append(p.problems, Problem{File: p.file, Message: err.Error()})
}

// mapping reads a mapping key by key, and names the keys that mean nothing here.
func (p *parsing) mapping(n ast.Node, what string, known fields) {
	values, ok := mappingValues(n)
	if !ok {
		p.at(n, "%s must be a mapping (key: value), not a %s", what, strings.ToLower(n.Type().String()))
		return
	}
	seen := map[string]bool{}
	for _, v := range values {
		key := template.KeyText(v.Key)
		read, ok := known[key]
		switch {
		case !ok:
			p.at(v.Key, "unknown key %q in %s%s", key, what, meant(key, sortedKeys(known)))
		case seen[key]:
			p.at(v.Key, "key %q stands twice", key)
		default:
			seen[key] = true
			read(v.Value)
		}
	}
}

func mappingValues(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func sortedKeys(f fields) []string {
	keys := make([]string, 0, len(f))
	for k := range f {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (p *parsing) text(n ast.Node, what string) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value)
	}
	p.at(n, "%s must be text", what)
	return ""
}

func (p *parsing) into(target *string, what string) func(ast.Node) {
	return func(n ast.Node) { *target = p.text(n, what) }
}

func (p *parsing) duration(target *time.Duration, what string) func(ast.Node) {
	return func(n ast.Node) {
		d, err := duration.Parse(strings.TrimSpace(n.String()))
		if err != nil {
			p.at(n, "%s: %v", what, err)
		}
		*target = d
	}
}

func (p *parsing) expression(target **template.Expression) func(ast.Node) {
	return func(n ast.Node) {
		source := p.text(n, "an expression")
		if source == "" {
			return
		}
		e, err := template.Compile(source)
		if err != nil {
			p.at(n, "%s", firstLine(err))
			return
		}
		*target = e
	}
}

func (p *parsing) tree(target **template.Node) func(ast.Node) {
	return func(n ast.Node) {
		made, err := template.FromYAML(n)
		p.leaves(err)
		*target = made
	}
}

func (p *parsing) object(target **template.Node, what string) func(ast.Node) {
	return func(n ast.Node) {
		if _, ok := mappingValues(n); !ok {
			p.at(n, "%s must be a mapping (key: value)", what)
			return
		}
		p.tree(target)(n)
	}
}

func (p *parsing) leaves(err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			p.leaves(one)
		}
		return
	}
	var leaf *template.YAMLError
	if errors.As(err, &leaf) {
		p.at(leaf.Node, "%s", firstLine(leaf.Err))
	}
}

func (p *parsing) list(n ast.Node, what string, item func(ast.Node)) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		p.at(n, "%s must be a list (lines that begin with -)", what)
		return
	}
	if len(seq.Values) == 0 {
		p.at(n, "%s is empty", what)
	}
	for _, v := range seq.Values {
		item(v)
	}
}

// oneOrMore reads a value that may stand alone or in a list.
func (p *parsing) oneOrMore(n ast.Node, what string, item func(ast.Node)) {
	if _, ok := n.(*ast.SequenceNode); ok {
		p.list(n, what, item)
		return
	}
	item(n)
}

// operations expands a name with wildcards to the operations it stands for.
func (p *parsing) operations(pattern string) []string {
	var all []string
	for _, id := range p.names.Operations(p.provider) {
		if ok, _ := path.Match(pattern, id); ok {
			all = append(all, id)
		}
	}
	return all
}

// firstLine drops the picture of the source that expr-lang draws: the problem has one of its own.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
