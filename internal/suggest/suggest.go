// Package suggest finds the name that a misspelt one was meant to be. Which names are valid does not belong here.
package suggest

import (
	"fmt"
	"strings"
)

// Closest returns the name with the smallest edit distance to a misspelt one; empty if none is near, which is one edit and
// another for every three characters.
func Closest(wrote string, names []string) string {
	best, distance := "", 1+len(wrote)/3
	for _, name := range names {
		if d := edits(strings.ToLower(wrote), strings.ToLower(name)); d <= distance && (best == "" || d < distance) {
			best, distance = name, d
		}
	}
	return best
}

// Meant returns the end of an error message: the closest name, or the valid names if they are few.
func Meant(wrote string, names []string) string {
	best := Closest(wrote, names)
	switch {
	case best != "":
		return fmt.Sprintf(", did you mean %q?", best)
	case len(names) > 0 && len(names) <= 12:
		return ", want one of " + strings.Join(names, ", ")
	default:
		return ""
	}
}

// edits returns the Levenshtein distance of two texts, in bytes.
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
