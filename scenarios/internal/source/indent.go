package source

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/diag"
)

// blockKey matches a line that holds a key of a block mapping, behind any dashes of list items.
var blockKey = regexp.MustCompile(`^( *)((?:- +)*)("[^"]*"|'[^']*'|[^\s#&*!|>'"%@\x60{}\[\],-][^#{}\[\]]*?)\s*:(\s.*)?$`)

// blockText matches a value with its text on the lines below.
var blockText = regexp.MustCompile(`[|>][+-]?[0-9]?\s*(#.*)?$`)

// misindented returns the first line with a key at a depth that no mapping above has. It explains a
// syntax error: the YAML parser reports where it gave up, which is often another line. The line is 0 if there is none.
func misindented(lines []string) (line int, message string) {
	var levels []int        // columns of the keys of the open mappings
	above := map[int]int{}  // line of the last key at a column
	dashes := map[int]int{} // line of the last list item at an indentation
	opens := true           // the key above has its value on the lines below
	text := -1              // indentation of the key whose text is on the lines below
	for i, source := range lines {
		indent := len(source) - len(strings.TrimLeft(source, " "))
		if text >= 0 && (strings.TrimSpace(source) == "" || indent > text) {
			continue
		}
		text = -1
		found := blockKey.FindStringSubmatch(strings.TrimRight(source, "\r"))
		if found == nil {
			continue
		}
		column, item := indent+len(found[2]), found[2] != ""
		kept := slices.DeleteFunc(slices.Clone(levels), func(level int) bool { return level > column || item && level == column })
		known := slices.Contains(levels, column) || item && slices.Contains(levels, indent)
		switch {
		case len(levels) == 0:
		case column < levels[len(levels)-1] && !known && !(item && opensAt(levels, indent)):
			if item && len(dashes) > 0 {
				places := slices.Sorted(maps.Keys(dashes))
				return i + 1, fmt.Sprintf("wrong indentation: %d spaces before the dash, but those above have %s (see line %d)", indent, spaces(places), dashes[nearest(places, indent)])
			}
			near := nearest(levels, column)
			return i + 1, fmt.Sprintf("wrong indentation: %d spaces, but keys above have %s (see line %d)", column, spaces(levels), above[near])
		case column > levels[len(levels)-1] && !opens && !item:
			top := levels[len(levels)-1]
			return i + 1, fmt.Sprintf("wrong indentation: %d spaces, but the key above has %d and a value already (line %d)", column, top, above[top])
		}
		if !slices.Contains(kept, column) {
			kept = append(kept, column)
		}
		levels = kept
		above[column] = i + 1
		if item {
			dashes[indent] = i + 1
		}
		value := strings.TrimSpace(found[4])
		opens = value == "" || strings.HasPrefix(value, "#")
		if blockText.MatchString(value) {
			text = indent
		}
	}
	return 0, ""
}

// opensAt reports whether a list item at an indentation can belong to a mapping: items may be as deep as their key.
func opensAt(levels []int, indent int) bool {
	return slices.ContainsFunc(levels, func(level int) bool { return level == indent })
}

func nearest(levels []int, column int) int {
	return slices.MinFunc(levels, func(a, b int) int { return max(a-column, column-a) - max(b-column, column-b) })
}

func spaces(levels []int) string {
	var all []string
	for _, level := range levels {
		all = append(all, fmt.Sprint(level))
	}
	if len(all) == 1 {
		return all[0]
	}
	return strings.Join(all[:len(all)-1], ", ") + " or " + all[len(all)-1]
}

// lineProblem returns a problem at the first character of a line.
func lineProblem(file string, lines []string, line int, message string) diag.Diagnostic {
	source := strings.TrimRight(lines[line-1], "\r")
	column := 1 + len(source) - len(strings.TrimLeft(source, " "))
	return diag.Diagnostic{File: file, Line: line, Column: column, Message: message, Source: source}
}

// maxQuote is the longest quote of a line inside a message, in characters.
const maxQuote = 60

// excerpt quotes a line inside a message.
func excerpt(lines []string, line int) string {
	text := []rune(strings.TrimSpace(lines[line-1]))
	if len(text) > maxQuote {
		return string(text[:maxQuote]) + "…"
	}
	return string(text)
}
