package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in a scenario file.
type Problem struct {
	File         string
	Line, Column int    // both from 1, in characters; 0 where the whole file is meant
	Message      string // what is wrong, and what would be right
	Source       string // the line itself
}

func (p Problem) String() string {
	place := p.File
	if p.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
	if p.Source == "" {
		return place + ": " + p.Message
	}
	source := []rune(p.Source)
	// Tabs stay tabs, so that the caret stands under its place whatever a tab is worth.
	indent := strings.Map(func(r rune) rune {
		if r == '\t' {
			return '\t'
		}
		return ' '
	}, string(source[:min(max(p.Column-1, 0), len(source))]))
	return fmt.Sprintf("%s: %s\n  %4d | %s\n       | %s^", place, p.Message, p.Line, p.Source, indent)
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

// closest returns the name that somebody meant who wrote another, empty if none is near.
func closest(wrote string, names []string) string {
	best, distance := "", 1+len(wrote)/3
	for _, name := range names {
		if d := edits(strings.ToLower(wrote), strings.ToLower(name)); d <= distance && (best == "" || d < distance) {
			best, distance = name, d
		}
	}
	return best
}

// meant says which of the names somebody meant who wrote another, or which there are.
func meant(wrote string, names []string) string {
	best := closest(wrote, names)
	switch {
	case best != "":
		return fmt.Sprintf(", did you mean %q?", best)
	case len(names) > 0 && len(names) <= 12:
		return ", want one of " + strings.Join(names, ", ")
	default:
		return ""
	}
}

// edits is the Levenshtein distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			next := corner
			if a[i] != b[j] {
				next = 1 + min(corner, row[j], row[j+1])
			}
			corner, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
