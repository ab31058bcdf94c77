package webhook

import (
	"fmt"

	"golang.org/x/net/http/httpguts"
)

// CheckHeaders returns an error for a header line that HTTP cannot carry. net/http would refuse the request with it, and every
// delivery would fail.
func CheckHeaders(lines []Header) error {
	for _, h := range lines {
		if !httpguts.ValidHeaderFieldName(h[0]) {
			return fmt.Errorf("invalid header name %q: use letters, digits and -", h[0])
		}
		if !httpguts.ValidHeaderFieldValue(h[1]) {
			return fmt.Errorf("invalid value of header %s: line breaks and control characters are not allowed", h[0])
		}
	}
	return nil
}
