package spec

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/template"
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
		n = descend(d.root, Pointer(ref))
	}
	d.targets.Store(ref, n)
	return n
}

// descend follows keys of objects and indexes of lists.
func descend(n *template.Node, steps []string) *template.Node {
	for _, step := range steps {
		if items := n.Items(); len(items) > 0 {
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(items) {
				return nil
			}
			n = items[i]
			continue
		}
		if n = n.Lookup(step); n == nil {
			return nil
		}
	}
	return n
}

// Pointer splits a JSON Pointer or a local reference such as #/components/schemas/Person into keys.
func Pointer(ref string) []string {
	steps := strings.Split(strings.TrimPrefix(strings.TrimPrefix(ref, "#"), "/"), "/")
	for i, step := range steps {
		if strings.Contains(step, "%") {
			if plain, err := url.PathUnescape(step); err == nil {
				step = plain
				steps[i] = plain
			}
		}
		if strings.Contains(step, "~") {
			steps[i] = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		}
	}
	return steps
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
