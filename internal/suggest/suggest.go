// Package suggest finds the valid name closest to a misspelt one. Lists of valid names do not belong here.
package suggest

import (
	"fmt"
	"slices"
	"strings"
)

// Closest returns the valid name with the smallest edit distance to an unknown one. It returns an empty string if none is
// within one edit plus one for every three characters.
func Closest(name string, names []string) string {
	best, distance := "", 1+len(name)/3
	for _, valid := range names {
		if d := Distance(strings.ToLower(name), strings.ToLower(valid)); d <= distance && (best == "" || d < distance) {
			best, distance = valid, d
		}
	}
	return best
}

// Meant returns the end of an error message about an unknown name: the closest valid name, or all of them if they are few.
func Meant(name string, names []string) string {
	best := Closest(name, names)
	switch {
	case best != "":
		return fmt.Sprintf(", did you mean %q?", best)
	case len(names) > 0 && len(names) <= 12:
		return ", want one of " + strings.Join(names, ", ")
	default:
		return ""
	}
}

// Alike returns the end of an error message about an unknown name of several words: the closest valid name if it differs by
// letters only, or those that share a word with it, or all.
func Alike(name string, names []string) string {
	best := Closest(name, names)
	if best != "" && Distance(name, best) <= 2 {
		return Meant(name, names)
	}
	var alike []string
	words := strings.Split(strings.ToLower(name), "-")
	for _, valid := range names {
		if slices.ContainsFunc(strings.Split(valid, "-"), func(word string) bool { return slices.Contains(words, word) }) {
			alike = append(alike, valid)
		}
	}
	if len(alike) == 0 && best != "" {
		alike = []string{best}
	}
	if len(alike) > 0 {
		return ", did you mean " + strings.Join(alike, " or ") + "?"
	}
	return ", want one of " + strings.Join(names, ", ")
}

// Distance returns the Levenshtein distance of two texts, in bytes.
func Distance(a, b string) int {
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
