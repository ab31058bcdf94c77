package settings

import (
	"fmt"
	"regexp"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/duration"
	"github.com/idmock/idmock/internal/glob"
	"github.com/idmock/idmock/internal/template"
)

// Pattern is a regular expression. The zero value matches nothing.
type Pattern struct{ *regexp.Regexp }

// UnmarshalYAML compiles the pattern.
func (p *Pattern) UnmarshalYAML(n ast.Node) (err error) {
	p.Regexp, err = parse(n, regexp.Compile)
	return err
}

// Match reports whether the pattern matches.
func (p Pattern) Match(s string) bool { return p.Regexp != nil && p.MatchString(s) }

// Duration is a time.Duration: 30s, 5m, 2d.
type Duration time.Duration

// UnmarshalYAML parses the duration.
func (d *Duration) UnmarshalYAML(n ast.Node) error {
	v, err := parse(n, duration.Parse)
	*d = Duration(v)
	return err
}

// Expression is a compiled expression. The zero value is absent.
type Expression struct{ *template.Expression }

// UnmarshalYAML compiles the expression.
func (e *Expression) UnmarshalYAML(n ast.Node) (err error) {
	e.Expression, err = parse(n, template.Compile)
	return err
}

// Expressions are alternatives, written as one expression or a list.
type Expressions []*template.Expression

// UnmarshalYAML compiles the expressions.
func (e *Expressions) UnmarshalYAML(n ast.Node) (err error) {
	*e, err = oneOrMore(n, template.Compile)
	return err
}

// First returns the first value that is neither nil nor empty, as text.
func (e Expressions) First(s *template.Scope) string {
	for _, alternative := range e {
		if v, err := alternative.Value(s); err == nil && v != nil {
			if text := fmt.Sprint(v); text != "" {
				return text
			}
		}
	}
	return ""
}

// Globs are patterns of operation ids, written as one pattern or a list.
type Globs []string

// UnmarshalYAML reads the patterns.
func (g *Globs) UnmarshalYAML(n ast.Node) (err error) {
	*g, err = oneOrMore(n, func(s string) (string, error) { return s, nil })
	return err
}

// Match reports whether a pattern matches an id.
func (g Globs) Match(id string) bool {
	for _, pattern := range g {
		if glob.Match(pattern, id) {
			return true
		}
	}
	return false
}

// parse reads a text with its own syntax. The error has the node's position.
func parse[T any](n ast.Node, parse func(string) (T, error)) (T, error) {
	var text string
	var none T
	if err := yaml.NodeToValue(n, &text); err != nil {
		return none, err
	}
	v, err := parse(text)
	if err != nil {
		return none, &template.YAMLError{Node: n, Err: err}
	}
	return v, nil
}

func oneOrMore[T any](n ast.Node, parseItem func(string) (T, error)) ([]T, error) {
	items := []ast.Node{n}
	if list, ok := n.(*ast.SequenceNode); ok {
		items = list.Values
	}
	all := make([]T, len(items))
	for i, item := range items {
		v, err := parse(item, parseItem)
		if err != nil {
			return nil, err
		}
		all[i] = v
	}
	return all, nil
}
