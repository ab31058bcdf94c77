package scenarios

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// maxDepth is how deeply a file may be nested: far more than anybody reads, and little enough that the YAML parser, which
// takes time that grows with the square of it, is done at once.
const maxDepth = 100

// tooDeep finds the first token that is nested too deeply, and reports it.
func (p *parsing) tooDeep(tokens token.Tokens) bool {
	var columns []int // of the lines that are open
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
