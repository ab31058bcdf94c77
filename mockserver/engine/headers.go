package engine

import (
	"net/http"
	"slices"
	"strings"
)

// SortedHeaders lists a request's headers by name, Host among them, where their order on the wire is not known.
func SortedHeaders(r *http.Request) [][2]string {
	all := make([][2]string, 0, len(r.Header)+1)
	for name, values := range r.Header {
		for _, value := range values {
			all = append(all, [2]string{name, value})
		}
	}
	all = append(all, [2]string{"Host", r.Host})
	slices.SortFunc(all, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return all
}
