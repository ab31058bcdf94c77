package provider

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/idmock/idmock/conformance"
)

// show writes an exchange down as people read it. Nothing is cut in the middle of a key, which would not be known for one.
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
	e := conformance.Exchange{Note: m.name(), Request: head.String() + "\r\n" + clip(r.hide.Text(string(m.body)), 8<<10), Curl: curl.String(), Status: got.status}
	if got.err != nil {
		e.Error = got.err.Error()
		return e
	}
	var answer strings.Builder
	fmt.Fprintf(&answer, "HTTP/1.1 %d %s\r\n", got.status, http.StatusText(got.status))
	for _, name := range slices.Sorted(maps.Keys(got.header)) {
		answer.WriteString(name + ": " + got.header.Get(name) + "\r\n")
	}
	e.Response = answer.String() + "\r\n" + clip(r.hide.Text(string(got.body)), 4<<10)
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

// redactor knows the keys that were given. Those that were made up are no secrets.
func (t Target) redactor() *conformance.Redactor {
	var made conformance.Redactor
	for _, given := range [][2]string{{"key", t.Key}, {"other key", t.OtherKey}, {"forbidden key", t.Forbidden}} {
		name, key := given[0], given[1]
		if key == "" || strings.HasPrefix(key, "check-") {
			continue
		}
		made.Add(name, key)
		made.Add(name, key+":secret") // where Basic wants a pair, and one was given
		if user, secret, pair := strings.Cut(key, ":"); pair {
			made.Add(name, user)
			made.Add("secret of "+name, secret)
		}
	}
	made.AddURL(t.URL)
	made.AddURL(t.ListenURL)
	return &made
}
