// Package source reads the values of a YAML file one by one, and records every problem at its line and column.
//
// It knows YAML and limits on files. What the keys mean belongs to package scenarios.
package source

import (
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
	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/internal/template"
)

// Reader reads YAML values of a file and records problems at their place.
type Reader struct {
	File     string
	Lines    []string
	Problems diag.List
	Note     func(kind string, keys []string) // receives the keys of every mapping; nil outside tests
}

// Fields are the known keys of a mapping, with the readers of their values.
type Fields map[string]func(ast.Node)

// New returns a reader of a file.
func New(file string, src []byte) Reader {
	return Reader{File: file, Lines: strings.Split(string(src), "\n")}
}

// Parse returns the file's one document. It is nil with an error, which is a [diag.List] of every problem.
func (p *Reader) Parse(src []byte) (ast.Node, error) {
	if reason := p.unreadable(src); reason != nil {
		return nil, diag.List{*reason}
	}
	// The parser would report a duplicate key and nothing else, so mapping reports it.
	tokens := lexer.Tokenize(string(src))
	if p.tooDeep(tokens) {
		return nil, p.Problems.Err()
	}
	tree, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		p.syntax(err)
		return nil, p.Problems.Err()
	}
	switch {
	case len(tree.Docs) > 1:
		return nil, diag.List{{File: p.File, Message: fmt.Sprintf("file has %d YAML documents: use one file per scenario", len(tree.Docs))}}
	case len(tree.Docs) == 0 || tree.Docs[0].Body == nil:
		return nil, diag.List{{File: p.File, Message: "file is empty"}}
	}
	return tree.Docs[0].Body, nil
}

func (p *Reader) At(n ast.Node, format string, args ...any) {
	pos := n.GetToken().Position
	problem := diag.Diagnostic{File: p.File, Line: pos.Line, Column: pos.Column, Message: fmt.Sprintf(format, args...)}
	if pos.Line >= 1 && pos.Line <= len(p.Lines) {
		if line := strings.TrimRight(p.Lines[pos.Line-1], "\r"); len(line) <= maxExcerpt {
			problem.Source = line
		}
	}
	p.record(problem)
}

// bareHole matches an expression without quotes, whose brace YAML reads as a mapping.
var bareHole = regexp.MustCompile(`[:,\[]\s*\$\{`)

func (p *Reader) syntax(err error) {
	var syntax yaml.Error
	if errors.As(err, &syntax) && syntax.GetToken() != nil {
		message := syntax.GetMessage()
		if line := syntax.GetToken().Position.Line; line >= 1 && line <= len(p.Lines) && bareHole.MatchString(p.Lines[line-1]) {
			message += `; inside { } and [ ] an expression needs quotes: "${…}"`
		}
		if strings.Contains(message, "\t") {
			message = "a tab cannot be used here: indent with spaces"
		} else if line, reason := misindented(p.Lines); line > 0 {
			p.Problems = append(p.Problems, lineProblem(p.File, p.Lines, line, reason))
			return
		}
		p.At(&ast.NullNode{Token: syntax.GetToken()}, "%s", message)
		return
	}
	p.Problems = append(p.Problems, diag.Diagnostic{File: p.File, Message: err.Error()})
}

// Mapping reads a mapping key by key, and reports unknown, duplicate and missing keys. It returns whether every key is
// known.
func (p *Reader) Mapping(n ast.Node, what string, known Fields, required ...string) bool {
	values, understood := Values(n)
	if !understood {
		p.Wrong(n, "%s must be a mapping (key: value), not %s", what, Kind(n))
		return false
	}
	if p.Note != nil {
		p.Note(what, sortedKeys(known))
	}
	seen := map[string]int{} // line by key
	for _, v := range values {
		key := template.KeyText(v.Key)
		line := v.Key.GetToken().Position.Line
		read, ok := known[key]
		switch {
		case v.Key.Type() == ast.MergeKeyType:
			p.At(v.Key, "merge keys (<<) are not supported in scenario files: write the keys out")
			understood = false
		case !ok:
			p.At(v.Key, "unknown key %q in %s%s", key, what, suggest.Meant(key, sortedKeys(known)))
			understood, seen[suggest.Closest(key, sortedKeys(known))] = false, line // a misspelt key is not missing as well
		case seen[key] > 0:
			p.At(v.Key, "duplicate key %q (first at line %d: %s)", key, seen[key], excerpt(p.Lines, seen[key]))
		default:
			seen[key] = line
			read(p.bare(v.Value))
		}
	}
	for _, key := range required {
		if seen[key] == 0 {
			p.At(First(n), "missing key %q in %s", key, what)
		}
	}
	return understood
}

// First returns the first key of a mapping. The token of the mapping itself is its first colon.
func First(n ast.Node) ast.Node {
	if values, ok := Values(n); ok && len(values) > 0 && n.GetToken().Value != "{" {
		return values[0].Key
	}
	return n
}

// bare reports an anchor and returns its value, so that the value is validated as well.
func (p *Reader) bare(n ast.Node) ast.Node {
	if anchor, ok := n.(*ast.AnchorNode); ok {
		p.At(n, "%s", template.ErrAnchor)
		return anchor.Value
	}
	return n
}

// Wrong reports a value that is invalid for its key.
func (p *Reader) Wrong(n ast.Node, format string, args ...any) {
	if n.Type() == ast.AliasType {
		p.At(n, "%s", template.ErrAnchor)
		return
	}
	p.At(n, format, args...)
}

// Kind names the kind of a value in YAML's terms.
func Kind(n ast.Node) string {
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

func Values(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func sortedKeys(f Fields) []string {
	keys := make([]string, 0, len(f))
	for k := range f {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (p *Reader) Text(n ast.Node, what string) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value)
	}
	p.Wrong(n, "%s must be text, not %s", what, Kind(n))
	return ""
}

// Scalar returns a text or a number as written.
func Scalar(n ast.Node) string {
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

func (p *Reader) Into(target *string, what string) func(ast.Node) {
	return func(n ast.Node) { *target = p.Text(n, what) }
}

func (p *Reader) Truth(target *bool, what string) func(ast.Node) {
	return func(n ast.Node) {
		b, ok := n.(*ast.BoolNode)
		if !ok {
			p.Wrong(n, "%s must be true or false, not %s", what, Kind(n))
			return
		}
		*target = b.Value
	}
}

func (p *Reader) Duration(target *time.Duration, what string) func(ast.Node) {
	return func(n ast.Node) {
		d, err := duration.Parse(strings.TrimSpace(Scalar(n)))
		if err != nil {
			p.Wrong(n, "%s: %v", what, err)
		}
		*target = d
	}
}
