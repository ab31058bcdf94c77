package bundle

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/template"
)

// Descend follows keys of objects and indexes of lists.
func Descend(n *template.Node, steps []string) *template.Node {
	for _, step := range steps {
		if items := n.Items(); len(items) > 0 {
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(items) {
				return nil
			}
			n = items[i]
			continue
		}
		if n = n.Lookup(step); n == nil {
			return nil
		}
	}
	return n
}

// Pointer splits a JSON Pointer or a local reference such as #/components/schemas/Person into keys.
func Pointer(ref string) []string {
	steps := strings.Split(strings.TrimPrefix(strings.TrimPrefix(ref, "#"), "/"), "/")
	for i, step := range steps {
		if strings.Contains(step, "%") {
			if plain, err := url.PathUnescape(step); err == nil {
				step = plain
				steps[i] = plain
			}
		}
		if strings.Contains(step, "~") {
			steps[i] = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		}
	}
	return steps
}
