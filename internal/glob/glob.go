// Package glob matches names such as operation ids against patterns. Paths do not belong here: in a path, * stops at a
// slash, and brackets and backslashes are special, while an operationId may hold any of these.
package glob

import "strings"

// Match reports whether a name matches a pattern, in which * is any text, even none, and ? one character. Every other
// character is literal.
func Match(pattern, name string) bool {
	if !strings.ContainsAny(pattern, "*?") {
		return pattern == name
	}
	p, n := []rune(pattern), []rune(name)
	at, star, mark := 0, -1, 0 // star is the last * seen, mark the first character of the name that it does not cover
	for i := 0; i < len(n); {
		switch {
		case at < len(p) && p[at] == '*':
			star, mark = at, i
			at++
		case at < len(p) && (p[at] == '?' || p[at] == n[i]):
			at++
			i++
		case star >= 0:
			mark++
			at, i = star+1, mark
		default:
			return false
		}
	}
	for at < len(p) && p[at] == '*' {
		at++
	}
	return at == len(p)
}
