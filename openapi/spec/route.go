package spec

import (
	"net/http"
	"strings"

	"github.com/idmock/idmock/openapi/route"
)

// aliasKey lists further paths of an operation, with spaces between them.
const aliasKey = "x-idmock-alias"

// route registers an operation.
func (d *Document) route(op *Operation) error {
	if err := d.table.Add(op.Method, op.Path, op); err != nil {
		return err
	}
	for _, alias := range strings.Fields(op.Extension(aliasKey)) {
		if err := d.table.Add(op.Method, alias, op); err != nil {
			return err
		}
	}
	if path, _, _ := strings.Cut(op.Path, "?"); d.options.TrailingSlash && !strings.HasSuffix(path, "/") && !strings.Contains(path, "#") {
		_ = d.table.Add(op.Method, path+"/", op) // otherwise the document has its own path for it
	}
	return nil
}

// Find returns the operation for a request and sets the request's path values. Without one, allow lists the methods of the
// path, and is empty if the path is unknown. Clients reach the mock by path or by host: the prefix is optional.
func (d *Document) Find(r *http.Request) (op *Operation, allow string) {
	path := r.URL.EscapedPath()
	m := d.findBelow(r, path, d.options.Bases)
	if short, ok := below(path, d.options.Prefix); ok {
		if inner := d.findBelow(r, short, d.options.Bases); inner.Found || !m.Found {
			inner.Allow = append(inner.Allow, m.Allow...)
			m = inner
		}
	}
	for i, name := range m.Names {
		r.SetPathValue(name, m.Values[i])
	}
	return m.Value, strings.Join(m.Allow, ", ")
}

// Missing explains why a request has no operation: the reason for which the document's operation of that path is not served,
// or the nearest path of the document. Both are empty for a path unlike all others.
func (d *Document) Missing(r *http.Request) (nearest, reason string) {
	path := r.URL.Path
	if short, ok := below(path, d.options.Prefix); ok {
		path = short
	}
	for _, skipped := range d.unread {
		if skipped.Path == path && strings.EqualFold(skipped.Method, r.Method) {
			return "", skipped.Reason
		}
	}
	most := 0
	for _, op := range d.operations {
		known, _, _ := strings.Cut(op.Path, "?")
		if n := route.Likeness(path, known, most); n > most {
			nearest, most = known, n
		}
	}
	return nearest, ""
}

// findBelow finds a path, or else what follows one of the base paths.
func (d *Document) findBelow(r *http.Request, path string, bases []string) route.Match[*Operation] {
	m := d.table.Find(r, path)
	for _, base := range bases {
		short, ok := below(path, base)
		if !ok || m.Found {
			continue
		}
		inner := d.table.Find(r, short)
		inner.Allow = append(inner.Allow, m.Allow...)
		m = inner
	}
	return m
}

// below returns the part of a path after a prefix; ok is false if it has none.
func below(path, prefix string) (short string, ok bool) {
	short, ok = strings.CutPrefix(path, prefix)
	return short, ok && prefix != "" && (short == "" || short[0] == '/')
}
