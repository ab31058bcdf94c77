package provider

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/idmock/idmock/conformance"
)

// show writes an exchange down as people read it, without keys that were given.
func (r *runner) show(m *message, request *http.Request, got *reply) conformance.Exchange {
	var head, curl strings.Builder
	fmt.Fprintf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\n", m.method, request.URL.RequestURI(), request.URL.Host)
	fmt.Fprintf(&curl, "curl -sS -i -X %s %s", m.method, shell(request.URL.String()))
	for _, name := range slices.Sorted(maps.Keys(m.header)) {
		line := name + ": " + m.header.Get(name)
		head.WriteString(line + "\r\n")
		curl.WriteString(" -H " + shell(line))
	}
	switch {
	case len(m.body) > 8<<10:
		fmt.Fprintf(&curl, " --data-binary @body # %d bytes", len(m.body))
	case len(m.body) > 0:
		curl.WriteString(" --data-binary " + shell(string(m.body)))
	}
	e := conformance.Exchange{Note: m.name(), Request: r.hide.Replace(head.String() + "\r\n" + clip(string(m.body), 8<<10)), Curl: r.hide.Replace(curl.String()), Status: got.status}
	if got.err != nil {
		e.Error = got.err.Error()
		return e
	}
	var answer strings.Builder
	fmt.Fprintf(&answer, "HTTP/1.1 %d %s\r\n", got.status, http.StatusText(got.status))
	for _, name := range slices.Sorted(maps.Keys(got.header)) {
		answer.WriteString(name + ": " + got.header.Get(name) + "\r\n")
	}
	e.Response = r.hide.Replace(answer.String() + "\r\n" + clip(string(got.body), 4<<10))
	return e
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n] + fmt.Sprintf("… (%d bytes in all)", len(s))
	}
	return s
}

// shell quotes a text for a POSIX shell.
func shell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// secrets are the keys, each with what stands in its place in a report.
func (t Target) secrets() []string {
	var pairs []string
	for _, key := range []string{t.Key, t.OtherKey, t.Forbidden} {
		if len(key) < 6 || strings.HasPrefix(key, "check-") {
			continue
		}
		pairs = append(pairs, key, "…", base64.StdEncoding.EncodeToString([]byte(key)), "…", base64.StdEncoding.EncodeToString([]byte(key+":secret")), "…", url.QueryEscape(key), "…")
	}
	return pairs
}
