package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/suggest"
)

// Problem is one mistake in a scenario file.
type Problem struct {
	File         string
	Line, Column int    // both from 1, in characters; 0 where the whole file is meant
	Message      string // what is wrong, and what would be right
	Source       string // the line itself
}

// maxSource is how much of a line is shown, in characters.
const maxSource = 240

func (p Problem) String() string {
	place := p.File
	if p.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
	if p.Source == "" {
		return place + ": " + p.Message
	}
	source, column := []rune(p.Source), p.Column
	if len(source) > maxSource { // the part where the mistake is
		from := min(max(0, column-maxSource/2), len(source)-maxSource)
		source, column = source[from:from+maxSource], column-from
	}
	// Tabs stay tabs, so that the caret stands under its place whatever a tab is worth.
	indent := strings.Map(func(r rune) rune {
		if r == '\t' {
			return '\t'
		}
		return ' '
	}, string(source[:min(max(column-1, 0), len(source))]))
	return fmt.Sprintf("%s: %s\n  %4d | %s\n       | %s^", place, p.Message, p.Line, string(source), indent)
}

// Problems are the mistakes of one or more files, in the order of their places. It is an error if it is not empty.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// Err returns the problems as an error, nil if there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return p
}

func closest(wrote string, names []string) string { return suggest.Closest(wrote, names) }

func meant(wrote string, names []string) string { return suggest.Meant(wrote, names) }
