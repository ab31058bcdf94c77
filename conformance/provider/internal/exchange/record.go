package exchange

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/idmock/idmock/conformance"
)

// record returns an exchange in readable form. Bodies are redacted before they are truncated, because a truncated key would
// not be recognized.
func (c *Client) record(r *Request, request *http.Request, got *Response) conformance.Exchange {
	var head, curl strings.Builder
	fmt.Fprintf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.Method, request.URL.RequestURI(), request.URL.Host)
	fmt.Fprintf(&curl, "curl -sS -i -X %s %s", r.Method, shellQuote(request.URL.String()))
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		line := name + ": " + r.Header.Get(name)
		head.WriteString(line + "\r\n")
		curl.WriteString(" -H " + shellQuote(line))
	}
	switch {
	case len(r.Body) > 8<<10:
		fmt.Fprintf(&curl, " --data-binary @body # %d bytes", len(r.Body))
	case len(r.Body) > 0:
		curl.WriteString(" --data-binary " + shellQuote(string(r.Body)))
	}
	e := conformance.Exchange{Note: r.Name(), Request: head.String() + "\r\n" + Clip(c.Redactor.Text(string(r.Body)), 8<<10), Curl: curl.String(), Status: got.Status}
	if got.Err != nil {
		e.Error = got.Err.Error()
		return e
	}
	var response strings.Builder
	fmt.Fprintf(&response, "HTTP/1.1 %d %s\r\n", got.Status, http.StatusText(got.Status))
	for _, name := range slices.Sorted(maps.Keys(got.Header)) {
		response.WriteString(name + ": " + got.Header.Get(name) + "\r\n")
	}
	e.Response = response.String() + "\r\n" + Clip(c.Redactor.Text(string(got.Body)), 4<<10)
	return e
}

// Clip truncates a text to n bytes and appends its size.
func Clip(s string, n int) string {
	if len(s) > n {
		return s[:n] + fmt.Sprintf("… (%d bytes in total)", len(s))
	}
	return s
}

// shellQuote quotes a text for a POSIX shell.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
