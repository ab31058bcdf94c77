package webhook

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// headerName matches a token of RFC 9110.
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// bodyHeaders has the headers that follow from the body. net/http sends its own in their place.
var bodyHeaders = []string{"Content-Length", "Transfer-Encoding", "Trailer"}

// CheckHeaders returns an error for a header line that HTTP cannot carry. net/http would refuse the request with it, and every
// delivery would fail, or leave the line out.
func CheckHeaders(lines []Header) error {
	for _, h := range lines {
		if !headerName.MatchString(h[0]) {
			return fmt.Errorf("invalid header name %q: use letters, digits and -", h[0])
		}
		if slices.Contains(bodyHeaders, http.CanonicalHeaderKey(h[0])) {
			return fmt.Errorf("header %s follows from the body: it cannot be set", h[0])
		}
		if strings.ContainsFunc(h[1], func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
			return fmt.Errorf("invalid value of header %s: line breaks and control characters are not allowed", h[0])
		}
	}
	return nil
}
