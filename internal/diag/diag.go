// Package diag holds the errors of files and request bodies that people write: place, message and the line itself.
//
// Scenario files, provider directories and bodies of the control API report all errors at once, as a [List]. How a file is
// parsed, and which names are valid, does not belong here; package suggest finds the name that was meant.
package diag

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Diagnostic is one error in a file.
type Diagnostic struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitzero"`   // from 1; 0: the whole file
	Column  int    `json:"column,omitzero"` // from 1, in characters
	Message string `json:"message"`         // the error and its correction, such as: unknown key "sett", did you mean "set"?
	Source  string `json:"source,omitzero"` // the line; empty: no excerpt is printed
}

// At returns a diagnostic of a place in a source text, with its line as the excerpt.
func At(file, src string, line, column int, message string) Diagnostic {
	d := Diagnostic{File: file, Line: line, Column: column, Message: message}
	for text := range strings.Lines(src) {
		if line--; line == 0 {
			d.Source = strings.TrimRight(text, "\r\n")
			break
		}
	}
	return d
}

// maxExcerpt is the longest printed excerpt, in characters.
const maxExcerpt = 240

// Place returns FILE:LINE:COLUMN, or FILE for the whole file.
func (d Diagnostic) Place() string {
	if d.Line == 0 {
		return d.File
	}
	return fmt.Sprintf("%s:%d:%d", d.File, d.Line, d.Column)
}

// String returns place and message and, below them, the line with a caret.
func (d Diagnostic) String() string {
	text := d.Place() + ": " + d.Message
	if d.Source == "" {
		return text
	}
	line, column := []rune(d.Source), d.Column
	if len(line) > maxExcerpt {
		from := min(max(0, column-maxExcerpt/2), len(line)-maxExcerpt)
		line, column = line[from:from+maxExcerpt], column-from
	}
	// Tabs stay tabs, so that the caret is below its place for any width of a tab.
	indent := strings.Map(func(r rune) rune {
		if r == '\t' {
			return '\t'
		}
		return ' '
	}, string(line[:min(max(column-1, 0), len(line))]))
	return fmt.Sprintf("%s\n  %4d | %s\n       | %s^", text, d.Line, string(line), indent)
}

// List is the errors of one or more files. It is an error if it is not empty.
type List []Diagnostic

func (l List) Error() string {
	lines := make([]string, len(l))
	for i, d := range l {
		lines[i] = d.String()
	}
	return strings.Join(lines, "\n")
}

// Brief lists place and message of each error, one per line, without excerpts.
func (l List) Brief() string {
	lines := make([]string, len(l))
	for i, d := range l {
		lines[i] = d.Place() + ": " + d.Message
	}
	return strings.Join(lines, "\n")
}

// Err sorts the list by place and returns it as an error; nil if it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	l.Sort()
	return l
}

// Sort orders the list by file, line and column.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column)
	})
}

// In returns the list with its files below a directory.
func (l List) In(dir string) List {
	moved := slices.Clone(l)
	for i := range moved {
		moved[i].File = path.Join(dir, moved[i].File)
	}
	return moved
}
