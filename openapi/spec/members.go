package spec

import (
	"slices"

	"github.com/idmock/idmock/internal/template"
)

// RequestSchemas lists the schemas of the operation's request, one for each media type, as the document has them. It loads none.
func (op *Operation) RequestSchemas() []*template.Node {
	return op.doc.bodySchemas(op.node.Lookup("requestBody"))
}

// Schemas lists the schemas of the webhook's body, as [Operation.RequestSchemas] does.
func (w *Webhook) Schemas() (all []*template.Node) {
	for _, method := range w.doc.resolve(w.node).Members() {
		all = append(all, w.doc.bodySchemas(method.Value.Lookup("requestBody"))...)
	}
	return all
}

// Document returns the document of the webhook.
func (w *Webhook) Document() *Document { return w.doc }

func (d *Document) bodySchemas(body *template.Node) (all []*template.Node) {
	if body == nil {
		return nil
	}
	for _, content := range d.resolve(body).Lookup("content").Members() {
		all = append(all, content.Value.Lookup("schema"))
	}
	return all
}

// Parameters lists the names of the operation's parameters in path, query or header.
func (op *Operation) Parameters(in string) []string {
	var names []string
	for _, p := range slices.Concat(op.shared.Items(), op.node.Lookup("parameters").Items()) {
		p = op.doc.resolve(p)
		if text(p.Lookup("in")) == in {
			names = append(names, text(p.Lookup("name")))
		}
	}
	return names
}
