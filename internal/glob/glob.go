// Package glob matches names against patterns: in scenario files and provider folders one rule speaks of many operations.
//
// It is not package path's: there a * stops at a slash and brackets and backslashes have a meaning, but an operationId may
// hold any of these.
package glob

// Match reports whether a name fits a pattern, in which * stands for any text, also none, and ? for one character.
// Everything else stands for itself.
func Match(pattern, name string) bool {
	p, n := []rune(pattern), []rune(name)
	at, star, mark := 0, -1, 0 // star is the last * seen, mark the first character of the name that it has not taken
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
