package template

import (
	"slices"
	"strconv"
)

// Renumber replaces one status by another, as a number or as a text of digits.
func Renumber(n *Node, from, to int) *Node {
	switch {
	case n.IsObject():
		members := slices.Clone(n.Members())
		for i := range members {
			members[i].Value = Renumber(members[i].Value, from, to)
		}
		return Object(members)
	case len(n.Items()) > 0:
		items := slices.Clone(n.Items())
		for i := range items {
			items[i] = Renumber(items[i], from, to)
		}
		return Array(items)
	}
	text, err := n.Append(nil, &Scope{})
	if err != nil { // an expression has no status to replace
		return n
	}
	for _, quote := range []string{"", `"`} {
		if string(text) != quote+strconv.Itoa(from)+quote {
			continue
		}
		if node, err := ParseJSON([]byte(quote + strconv.Itoa(to) + quote)); err == nil {
			return node
		}
	}
	return n
}
