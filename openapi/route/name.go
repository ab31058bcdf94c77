package route

import (
	"strings"
	"unicode"

	"github.com/idmock/idmock/internal/suggest"
)

// Name returns an id for an operation such as getChecksById for GET /checks/{id}.
func Name(method, path string) string {
	id := strings.ToLower(method)
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '#' || r == '?' }) {
		if strings.HasPrefix(part, "{") {
			id += "By"
		}
		for _, word := range strings.FieldsFunc(part, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			id += strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return id
}

// maxCompared bounds the path that is compared with all others, in bytes.
const maxCompared = 256

// Likeness rates a known path as a replacement for an unknown one, 0 for none, or for one that does not exceed least: equal segments
// from the left count most, then the closeness of the rest, which takes long and is compared only where it decides.
func Likeness(path, known string, least int) int {
	if len(path) > maxCompared {
		return 0
	}
	a, b := strings.Split(strings.Trim(path, "/"), "/"), strings.Split(strings.Trim(known, "/"), "/")
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	if (same+1)<<16 <= least {
		return 0
	}
	distance := suggest.Distance(strings.Join(a[same:], "/"), strings.Join(b[same:], "/"))
	if same == 0 && distance > 1+len(path)/4 {
		return 0
	}
	return (same+1)<<16 - distance
}
