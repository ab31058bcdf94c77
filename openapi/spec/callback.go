package spec

import (
	"strings"

	"github.com/idmock/idmock/internal/template"
)

// Callback is a request that the service sends to a URL from the request of an operation.
type Callback struct {
	Operation  *Operation
	Name       string // of the callback
	Expression string // of the URL, such as {$request.body#/callbackUrl}
	Webhook    string // the name under which [Document.Webhook] returns it
	Summary    string
}

// Callbacks lists the callbacks of all operations, in the document's order.
func (d *Document) Callbacks() []Callback {
	var all []Callback
	for _, op := range d.operations {
		for _, named := range op.node.Lookup("callbacks").Members() {
			for _, item := range d.resolve(named.Value).Members() {
				if strings.HasPrefix(item.Key, "x-") {
					continue
				}
				c := Callback{Operation: op, Name: named.Key, Expression: item.Key, Webhook: callbackName(op, named.Key, item.Key)}
				for _, m := range d.resolve(item.Value).Members() {
					if summary := text(m.Value.Lookup("summary")); summary != "" {
						c.Summary = summary
					}
				}
				all = append(all, c)
			}
		}
	}
	return all
}

// callbackName is the name of a callback among the webhooks: the operation, the callback, the expression.
func callbackName(op *Operation, name, expression string) string {
	return op.ID + " " + name + " " + expression
}

// callback returns a callback by such a name, nil without one.
func (d *Document) callback(name string) *Webhook {
	id, rest, ok := strings.Cut(name, " ")
	op := d.Operation(id)
	if !ok || op == nil {
		return nil
	}
	for _, named := range op.node.Lookup("callbacks").Members() {
		for _, item := range d.resolve(named.Value).Members() {
			if rest == named.Key+" "+item.Key {
				return d.callbackWebhook(name, item.Value)
			}
		}
	}
	return nil
}

func (d *Document) callbackWebhook(name string, node *template.Node) *Webhook {
	w, _ := d.callbacks.LoadOrStore(name, &Webhook{doc: d, node: node})
	return w.(*Webhook)
}
