package spec

import (
	"cmp"
	"fmt"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/bundle"
)

// resolve follows a $ref within the document. A reference without a target is an empty node; loading the schemas reports it.
func (d *Document) resolve(n *template.Node) *template.Node {
	for range 32 { // bounds circular references
		target := n.Lookup("$ref")
		if target == nil {
			return cmp.Or(n, &template.Node{})
		}
		n = d.target(text(target))
	}
	return &template.Node{}
}

// target returns the node that a reference points to, or nil. Documents refer to the same schemas over and over.
func (d *Document) target(ref string) *template.Node {
	if have, ok := d.targets.Load(ref); ok {
		return have.(*template.Node)
	}
	n := d.root
	if ref != "#" && ref != "" {
		n = bundle.Descend(d.root, bundle.Pointer(ref))
	}
	d.targets.Store(ref, n)
	return n
}

// text returns the text of a scalar, empty for other nodes.
func text(n *template.Node) string {
	if n == nil {
		return ""
	}
	v, err := n.Value(nil)
	if err != nil || v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
