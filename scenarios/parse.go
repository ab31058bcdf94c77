package scenarios

import (
	"bytes"
	"errors"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/glob"
	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/scenarios/internal/source"
)

// Vocabulary lists the names that a file may use.
type Vocabulary interface {
	// Providers lists the providers.
	Providers() []string
	// Operations lists a provider's operation IDs; nil for an unknown provider.
	Operations(provider string) []string
	// Events lists the events that a provider can send.
	Events(provider string) []string
	// Simulations lists the provider's simulations.
	Simulations(provider string) []string
	// Examples lists the documented responses of an operation.
	Examples(provider, operation string) []string
	// SchemaIssues lists the parts of data that violate the schema of the event into whose body it is merged, for a run
	// with these values. It reports only violations that are certain before the scenario plays.
	SchemaIssues(provider, event string, run map[string]any, data *template.Node) []SchemaIssue
	// Faults lists the faults that are valid [InReply] or [InDelivery].
	Faults(where string) []FaultKind
	Meanings
}

// SchemaIssue is a part of a step's data that violates the schema of its event.
type SchemaIssue struct {
	Path    []string // keys; empty: all of the data
	Message string
}

// Parse parses and validates a scenario file. The error is a [diag.List] of every problem.
func Parse(file string, src []byte, names Vocabulary) (*Scenario, error) {
	src = bytes.TrimPrefix(src, []byte("\ufeff")) // some editors write a byte order mark
	return newParsing(file, src, names).parse(src)
}

func newParsing(file string, src []byte, names Vocabulary) *parsing {
	return &parsing{Reader: source.New(file, src), names: names, sends: map[*TimelineStep]ast.Node{}, ends: map[*Rule]ast.Node{}, expanded: map[string][]string{}}
}

func (p *parsing) parse(src []byte) (*Scenario, error) {
	root, err := p.Parse(src)
	if err != nil {
		return nil, err
	}
	s := p.scenario(root)
	if err := p.Problems.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

// MaxFile is the maximum size of a scenario file, in bytes.
const MaxFile = source.MaxFile

// parsing is the state of parsing a file.
type parsing struct {
	source.Reader
	names    Vocabulary
	provider string
	run      map[string]any // literal values that the current rule has set so far
	outcomes *outcome.Table
	declared []outcome.Variable // by the file
	uses     []used             // every expression
	settings []setting          // every variable that is set
	vars     []string           // names
	varsNode ast.Node
	rules    *Rule // being read
	inStep   bool
	inElse   bool   // of a send
	waited   bool   // the timeline being read has let time pass
	reported string // outcome of the run, as far as it is certain
	sends    map[*TimelineStep]ast.Node
	ends     map[*Rule]ast.Node  // on of rules for ends of deliveries
	expanded map[string][]string // operations by pattern
	based    *Base               // of the provider; nil until it is needed
}

// checker checks the meaning of a file that is correct in form.
type checker struct{ *parsing }

func (p *parsing) expression(target **template.Expression) func(ast.Node) {
	return func(n ast.Node) {
		source := p.Text(n, "an expression")
		if source == "" {
			return
		}
		e, err := template.Compile(source)
		if err != nil {
			p.uncompiled(n, err)
			return
		}
		p.use(n, e.Use(), true)
		*target = e
	}
}

func (p *parsing) tree(target **template.Node) func(ast.Node) {
	return func(n ast.Node) {
		tree, err := template.FromYAML(n)
		p.leaves(err)
		for _, u := range tree.Uses() {
			p.use(n, u, false)
		}
		*target = tree
	}
}

func (p *parsing) object(target **template.Node, what string) func(ast.Node) {
	return func(n ast.Node) {
		if _, ok := source.Values(n); !ok {
			p.Wrong(n, "%s must be a mapping (key: value), not %s", what, source.Kind(n))
			return
		}
		p.tree(target)(n)
	}
}

func (p *parsing) leaves(err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			p.leaves(err)
		}
		return
	}
	var leaf *template.YAMLError
	if errors.As(err, &leaf) {
		p.uncompiled(leaf.Node, leaf.Err)
	}
}

// operations expands a pattern to the operations that it matches.
func (p *parsing) operations(pattern string) []string {
	matched, known := p.expanded[pattern]
	if !known {
		for _, id := range p.names.Operations(p.provider) {
			if glob.Match(pattern, id) {
				matched = append(matched, id)
			}
		}
		p.expanded[pattern] = matched
	}
	return slices.Clip(matched)
}

func closest(written string, names []string) string { return suggest.Closest(written, names) }

func meant(written string, names []string) string { return suggest.Meant(written, names) }
