// Package plural writes numbers of things in English. It knows regular nouns only.
package plural

import "strconv"

// Count returns n and the noun, in the plural unless n is 1: 1 webhook, 2 webhooks.
func Count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}
