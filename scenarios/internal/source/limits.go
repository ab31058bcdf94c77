package source

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/idmock/idmock/internal/diag"
)

// MaxFile is the maximum size of a scenario file, in bytes.
const MaxFile = 1 << 20

// maxParts limits the lines and commas of a file. The YAML parser's running time grows with the square of its keys: this
// many take it a second.
const maxParts = 10_000

// maxProblems limits the problems of a file that are listed.
const maxProblems = 100

// maxExcerpt is the longest line that a problem quotes, in bytes.
const maxExcerpt = 4 << 10

// unreadable returns the reason for which the YAML parser cannot parse the file.
func (p *Reader) unreadable(src []byte) *diag.Diagnostic {
	if len(src) > MaxFile {
		return &diag.Diagnostic{File: p.File, Message: fmt.Sprintf("file exceeds %d bytes", MaxFile)}
	}
	if n := len(p.Lines) + bytes.Count(src, []byte(",")); n > maxParts {
		return &diag.Diagnostic{File: p.File, Message: fmt.Sprintf("file has %d lines and commas, more than %d: use several files, one for each scenario", n, maxParts)}
	}
	for i, line := range p.Lines {
		if !utf8.ValidString(line) {
			return &diag.Diagnostic{File: p.File, Line: i + 1, Column: 1, Message: "invalid UTF-8", Source: strings.ToValidUTF8(line, "\ufffd")}
		}
	}
	return nil
}

// record adds a problem. Of very many, the first are kept.
func (p *Reader) record(problem diag.Diagnostic) {
	switch n := len(p.Problems); {
	case n < maxProblems:
		p.Problems = append(p.Problems, problem)
	case n == maxProblems:
		p.Problems = append(p.Problems, diag.Diagnostic{File: p.File, Message: fmt.Sprintf("more than %d problems: correct these first", maxProblems)})
	}
}

// maxDepth limits the nesting of a file. It is far more than is readable, and small enough for the YAML parser, whose
// running time grows with its square.
const maxDepth = 100

// tooDeep reports the first token that is nested too deeply.
func (p *Reader) tooDeep(tokens token.Tokens) bool {
	var columns []int // indentation of the open blocks
	flow, dashes, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, dashes = t.Position.Line, 0
			if flow == 0 {
				for len(columns) > 0 && columns[len(columns)-1] >= t.Position.Column {
					columns = columns[:len(columns)-1]
				}
				columns = append(columns, t.Position.Column)
			}
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow = max(0, flow-1)
		case token.SequenceEntryType, token.MappingKeyType:
			dashes++
		}
		if len(columns)+flow+dashes > maxDepth {
			p.At(&ast.NullNode{Token: t}, "%s", fmt.Sprintf("nested more than %d levels deep", maxDepth))
			return true
		}
	}
	return false
}
