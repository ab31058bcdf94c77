package scenarios

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// maxDepth limits the nesting of a file. It is far more than is readable, and small enough for the YAML parser, whose
// running time grows with its square.
const maxDepth = 100

// tooDeep reports the first token that is nested too deeply.
func (p *reader) tooDeep(tokens token.Tokens) bool {
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
			p.at(&ast.NullNode{Token: t}, "%s", fmt.Sprintf("nested more than %d levels deep", maxDepth))
			return true
		}
	}
	return false
}
