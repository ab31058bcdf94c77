package wire

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Request is a request in the bytes in which it is sent.
type Request struct {
	Method, Target string      // Target is path and query
	Header         [][2]string // in order and spelling, Host first; without the header of the body's length
	Body           []byte
	Style          string // how it is written: see [HasStyle]; empty: at once
	Transport      string // how it gets there: see [HasTransport]; empty: HTTP/1.1 over the URL's own address
	Timeout        time.Duration
	Until          <-chan struct{} // ends the style drip early; nil: never
	Barrier        *Barrier        // of copies that arrive together; only the style plain heeds it
}

// AddQuery appends to the query of the address.
func (r *Request) AddQuery(more string) {
	joint := "?"
	if strings.Contains(r.Target, "?") {
		joint = "&"
	}
	r.Target += joint + more
}

// ToggleSlash adds a slash to the end of the path, or removes it.
func (r *Request) ToggleSlash() {
	path, query, hasQuery := strings.Cut(r.Target, "?")
	r.Target = strings.TrimSuffix(path, "/")
	if r.Target == path {
		r.Target += "/"
	}
	if hasQuery {
		r.Target += "?" + query
	}
}

// head returns the request line and the headers. framing is the header of the body's length.
func (r *Request) head(framing [2]string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", r.Method, r.Target)
	for _, h := range r.Header {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	if framing[0] != "" {
		fmt.Fprintf(&b, "%s: %s\r\n", framing[0], framing[1])
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

func (r *Request) length() [2]string { return [2]string{"Content-Length", strconv.Itoa(len(r.Body))} }

// Text returns the request as a report shows it, with at most 4 KiB of the body.
func (r *Request) Text() string {
	framing := r.length()
	switch r.Style {
	case "chunked":
		framing = [2]string{"Transfer-Encoding", "chunked"}
	case "endless":
		framing = [2]string{"Content-Length", strconv.Itoa(endlessBytes)}
	}
	head := strings.ReplaceAll(string(r.head(framing)), "\r\n", "\n")
	if r.Transport == "http2" {
		head = strings.Replace(head, " HTTP/1.1\n", " HTTP/2\n", 1)
	}
	return head + Clip(string(r.Body), 4<<10)
}

// Clip cuts a text to n bytes and appends its full length.
func Clip(s string, n int) string {
	if len(s) > n {
		return s[:n] + fmt.Sprintf("… (%d bytes in all)", len(s))
	}
	return s
}

// FirstLine returns the first line that is not blank.
func FirstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
