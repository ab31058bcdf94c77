package source

import (
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/template"
)

func (p *Reader) List(n ast.Node, what string, item func(ast.Node)) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		p.Wrong(n, "%s must be a list (lines that begin with -), not %s", what, Kind(n))
		return
	}
	if len(seq.Values) == 0 {
		p.At(n, "%s is empty", what)
	}
	for _, v := range seq.Values {
		item(p.bare(v))
	}
}

// OneOrMore reads a single value or a list of values.
func (p *Reader) OneOrMore(n ast.Node, what string, item func(ast.Node)) {
	if _, ok := n.(*ast.SequenceNode); ok {
		p.List(n, what, item)
		return
	}
	item(n)
}

// AtText reports a problem at a text at or below a node, or at the node if the text is not found. It returns whether it is.
func (p *Reader) AtText(n ast.Node, text, format string, args ...any) bool {
	pos := First(n).GetToken().Position
	for line := pos.Line; line < pos.Line+60 && line <= len(p.Lines); line++ {
		source, skipped := p.Lines[line-1], ""
		if line == pos.Line {
			runes := []rune(source)
			skipped = string(runes[:min(max(pos.Column-1, 0), len(runes))])
		}
		if before, _, found := strings.Cut(source[len(skipped):], text); found {
			p.At(n, format, args...)
			last := &p.Problems[len(p.Problems)-1]
			last.Line, last.Column, last.Source = line, utf8.RuneCountInString(skipped+before)+1, strings.TrimRight(source, "\r")
			return true
		}
	}
	p.At(First(n), format, args...)
	return false
}

// Member returns the value at a path of keys, or at the longest part of the path that exists.
func Member(n ast.Node, path []string) ast.Node {
	if len(path) == 0 {
		return First(n)
	}
	values, _ := Values(n)
	for _, v := range values {
		if template.KeyText(v.Key) != path[0] {
			continue
		}
		if _, deeper := Values(v.Value); deeper {
			return Member(v.Value, path[1:])
		}
		return v.Value
	}
	return First(n)
}
