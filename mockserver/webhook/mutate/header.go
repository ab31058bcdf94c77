package mutate

import (
	"slices"
	"strings"
)

// Set returns the header with one value for a name, at its first line or at the end. An empty value removes the header.
func Set(header [][2]string, name, value string) [][2]string {
	changed := slices.Clone(header)
	for i, h := range changed {
		if strings.EqualFold(h[0], name) && value != "" {
			changed[i][1] = value
			return changed
		}
	}
	if value == "" {
		return slices.DeleteFunc(changed, func(h [2]string) bool { return strings.EqualFold(h[0], name) })
	}
	return append(changed, [2]string{name, value})
}
