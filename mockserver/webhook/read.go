package webhook

import (
	"cmp"
	"io"
	"net/http"
	"slices"

	"github.com/idmock/idmock/internal/rawheader"
)

// read reads and closes a response. On error, it returns the part received before. Headers are in wire order and spelling
// if the connection recorded them.
func read(resp *http.Response, c *rawheader.Conn) (*Response, error) {
	defer resp.Body.Close()
	r := &Response{Status: resp.StatusCode, Header: lines(resp, c)}
	if resp.ContentLength == 0 {
		return r, nil
	}
	var err error
	r.Body, err = readUpTo(resp.Body, keepBody, int(min(resp.ContentLength, keepBody)))
	r.Size = int64(len(r.Body))
	if err == nil {
		var dropped int64
		dropped, err = io.CopyN(io.Discard, resp.Body, drainBody)
		r.Size += dropped
		r.Truncated = dropped > 0
	}
	if err == io.EOF {
		err = nil
	}
	return r, err
}

// readUpTo returns the first limit bytes of r. The error is nil only if there may be more. A negative expected size is
// unknown.
func readUpTo(r io.Reader, limit, expected int) ([]byte, error) {
	if expected < 0 {
		expected = 512
	}
	body := make([]byte, 0, expected)
	for len(body) < limit {
		if len(body) == cap(body) {
			body = slices.Grow(body, 1)
		}
		n, err := r.Read(body[len(body):min(cap(body), limit)])
		body = body[:len(body)+n]
		if err != nil {
			return body, err
		}
	}
	return body, nil
}

func lines(resp *http.Response, c *rawheader.Conn) []Header {
	if c != nil {
		if header, ok := c.Head(resp.Proto+" "+resp.Status, resp.Header); ok {
			return header
		}
	}
	header := make([]Header, 0, len(resp.Header))
	for name, values := range resp.Header {
		for _, value := range values {
			header = append(header, Header{name, value})
		}
	}
	slices.SortStableFunc(header, func(a, b Header) int { return cmp.Compare(a[0], b[0]) })
	for _, encoding := range resp.TransferEncoding {
		header = append(header, Header{"Transfer-Encoding", encoding}) // net/http removes it from the header
	}
	return header
}
