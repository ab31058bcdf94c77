package spec

import (
	"net/http"
	"strings"

	"github.com/idmock/idmock/openapi/route"
)

// route registers an operation.
func (d *Document) route(op *Operation) error {
	if err := d.table.Add(op.Method, op.Path, op); err != nil {
		return err
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
