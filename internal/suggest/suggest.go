// Package suggest guesses which name somebody meant who wrote another. It knows nothing of what the names are for.
package suggest

import (
	"fmt"
	"strings"
)

// Closest returns the name that somebody meant who wrote another, empty if none is near.
func Closest(wrote string, names []string) string {
	best, distance := "", 1+len(wrote)/3
	for _, name := range names {
		if d := edits(strings.ToLower(wrote), strings.ToLower(name)); d <= distance && (best == "" || d < distance) {
			best, distance = name, d
		}
	}
	return best
}

// Meant says which of the names somebody meant who wrote another, or which there are.
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
