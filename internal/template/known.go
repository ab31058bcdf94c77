package template

// Known returns the tree without the parts that an expression decides: a member that is one is left out, and an array with
// one in it goes as a whole. whole reports whether that is all of the tree. It is nil where nothing is fixed.
func (n *Node) Known() (fixed *Node, whole bool) {
	switch {
	case n == nil || n.kind == literal:
		return n, true
	case n.kind == expression:
		return nil, false
	case n.kind == array:
		for _, item := range n.items {
			if _, whole := item.Known(); !whole {
				return nil, false
			}
		}
		return n, true
	}
	whole = true
	members := []Member{}
	for _, m := range n.members {
		value, all := m.Value.Known()
		if whole = whole && all; value != nil {
			members = append(members, Member{m.Key, value})
		}
	}
	return Object(members), whole
}
