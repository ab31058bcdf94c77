package spec

import (
	"net/http"
	"strings"
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
	m := d.table.Find(r, path)
	if short, ok := strings.CutPrefix(path, d.options.Prefix); ok && d.options.Prefix != "" && (short == "" || short[0] == '/') {
		if inner := d.table.Find(r, short); inner.Found || !m.Found {
			inner.Allow = append(inner.Allow, m.Allow...)
			m = inner
		}
	}
	for i, name := range m.Names {
		r.SetPathValue(name, m.Values[i])
	}
	return m.Value, strings.Join(m.Allow, ", ")
}
