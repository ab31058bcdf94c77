package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/internal/duration"
	"github.com/idmock/idmock/internal/glob"
	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/internal/template"
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
	return &parsing{reader: reader{file: file, lines: strings.Split(string(src), "\n")}, names: names, sends: map[*TimelineStep]ast.Node{}, ends: map[*Rule]ast.Node{}, expanded: map[string][]string{}}
}

func (p *parsing) parse(src []byte) (*Scenario, error) {
	if reason := p.unreadable(src); reason != nil {
		return nil, diag.List{*reason}
	}
	// The parser would report a duplicate key and nothing else, so mapping reports it.
	tokens := lexer.Tokenize(string(src))
	if p.tooDeep(tokens) {
		return nil, p.problems.Err()
	}
	tree, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		p.syntax(err)
		return nil, p.problems.Err()
	}
	switch {
	case len(tree.Docs) > 1:
		return nil, diag.List{{File: p.file, Message: fmt.Sprintf("file has %d YAML documents: use one file per scenario", len(tree.Docs))}}
	case len(tree.Docs) == 0 || tree.Docs[0].Body == nil:
		return nil, diag.List{{File: p.file, Message: "file is empty"}}
	}
	s := p.scenario(tree.Docs[0].Body)
	if err := p.problems.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

// parsing is the state of parsing a file.
type parsing struct {
	reader
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

// reader reads YAML values of a file and records problems at their place.
type reader struct {
	file     string
	lines    []string
	problems diag.List
	note     func(kind string, keys []string) // receives the keys of every mapping; nil outside tests
}

// checker checks the meaning of a file that is correct in form.
type checker struct{ *parsing }

// fields are the known keys of a mapping, with the readers of their values.
type fields map[string]func(ast.Node)

func (p *reader) at(n ast.Node, format string, args ...any) {
	pos := n.GetToken().Position
	problem := diag.Diagnostic{File: p.file, Line: pos.Line, Column: pos.Column, Message: fmt.Sprintf(format, args...)}
	if pos.Line >= 1 && pos.Line <= len(p.lines) {
		if line := strings.TrimRight(p.lines[pos.Line-1], "\r"); len(line) <= maxExcerpt {
			problem.Source = line
		}
	}
	p.record(problem)
}

// bareHole matches an expression without quotes, whose brace YAML reads as a mapping.
var bareHole = regexp.MustCompile(`[:,\[]\s*\$\{`)

func (p *reader) syntax(err error) {
	var syntax yaml.Error
	if errors.As(err, &syntax) && syntax.GetToken() != nil {
		message := syntax.GetMessage()
		if line := syntax.GetToken().Position.Line; line >= 1 && line <= len(p.lines) && bareHole.MatchString(p.lines[line-1]) {
			message += `; inside { } and [ ] an expression needs quotes: "${…}"`
		}
		if strings.Contains(message, "\t") {
			message = "a tab cannot be used here: indent with spaces"
		} else if line, reason := misindented(p.lines); line > 0 {
			p.problems = append(p.problems, lineProblem(p.file, p.lines, line, reason))
			return
		}
		p.at(&ast.NullNode{Token: syntax.GetToken()}, "%s", message)
		return
	}
	p.problems = append(p.problems, diag.Diagnostic{File: p.file, Message: err.Error()})
}

// mapping reads a mapping key by key, and reports unknown, duplicate and missing keys. It returns whether every key is
// known.
func (p *reader) mapping(n ast.Node, what string, known fields, required ...string) bool {
	values, understood := mappingValues(n)
	if !understood {
		p.wrong(n, "%s must be a mapping (key: value), not %s", what, kind(n))
		return false
	}
	if p.note != nil {
		p.note(what, sortedKeys(known))
	}
	seen := map[string]int{} // line by key
	for _, v := range values {
		key := template.KeyText(v.Key)
		line := v.Key.GetToken().Position.Line
		read, ok := known[key]
		switch {
		case v.Key.Type() == ast.MergeKeyType:
			p.at(v.Key, "merge keys (<<) are not supported in scenario files: write the keys out")
			understood = false
		case !ok:
			p.at(v.Key, "unknown key %q in %s%s", key, what, meant(key, sortedKeys(known)))
			understood, seen[closest(key, sortedKeys(known))] = false, line // a misspelt key is not missing as well
		case seen[key] > 0:
			p.at(v.Key, "duplicate key %q (first at line %d: %s)", key, seen[key], excerpt(p.lines, seen[key]))
		default:
			seen[key] = line
			read(p.bare(v.Value))
		}
	}
	for _, key := range required {
		if seen[key] == 0 {
			p.at(first(n), "missing key %q in %s", key, what)
		}
	}
	return understood
}

// first returns the first key of a mapping. The token of the mapping itself is its first colon.
func first(n ast.Node) ast.Node {
	if values, ok := mappingValues(n); ok && len(values) > 0 && n.GetToken().Value != "{" {
		return values[0].Key
	}
	return n
}

// bare reports an anchor and returns its value, so that the value is validated as well.
func (p *reader) bare(n ast.Node) ast.Node {
	if anchor, ok := n.(*ast.AnchorNode); ok {
		p.at(n, "%s", template.ErrAnchor)
		return anchor.Value
	}
	return n
}

// wrong reports a value that is invalid for its key.
func (p *reader) wrong(n ast.Node, format string, args ...any) {
	if n.Type() == ast.AliasType {
		p.at(n, "%s", template.ErrAnchor)
		return
	}
	p.at(n, format, args...)
}

// kind names the kind of a value in YAML's terms.
func kind(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	case *ast.BoolNode:
		return "true or false"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.TagNode:
		return "a tag"
	default:
		return "text"
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

func (p *reader) text(n ast.Node, what string) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value)
	}
	p.wrong(n, "%s must be text, not %s", what, kind(n))
	return ""
}

// scalar returns a text or a number as written.
func scalar(n ast.Node) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value)
	case *ast.NullNode:
		return ""
	}
	return n.String()
}

func (p *reader) into(target *string, what string) func(ast.Node) {
	return func(n ast.Node) { *target = p.text(n, what) }
}

func (p *reader) truth(target *bool, what string) func(ast.Node) {
	return func(n ast.Node) {
		b, ok := n.(*ast.BoolNode)
		if !ok {
			p.wrong(n, "%s must be true or false, not %s", what, kind(n))
			return
		}
		*target = b.Value
	}
}

func (p *reader) duration(target *time.Duration, what string) func(ast.Node) {
	return func(n ast.Node) {
		d, err := duration.Parse(strings.TrimSpace(scalar(n)))
		if err != nil {
			p.wrong(n, "%s: %v", what, err)
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
		if _, ok := mappingValues(n); !ok {
			p.wrong(n, "%s must be a mapping (key: value), not %s", what, kind(n))
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

func (p *reader) list(n ast.Node, what string, item func(ast.Node)) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		p.wrong(n, "%s must be a list (lines that begin with -), not %s", what, kind(n))
		return
	}
	if len(seq.Values) == 0 {
		p.at(n, "%s is empty", what)
	}
	for _, v := range seq.Values {
		item(p.bare(v))
	}
}

// oneOrMore reads a single value or a list of values.
func (p *reader) oneOrMore(n ast.Node, what string, item func(ast.Node)) {
	if _, ok := n.(*ast.SequenceNode); ok {
		p.list(n, what, item)
		return
	}
	item(n)
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
