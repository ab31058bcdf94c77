package template

// Known returns the literal part of the tree, or nil: members that are expressions are omitted, as are arrays that contain
// one. complete reports whether the tree has no expressions.
func (n *Node) Known() (fixed *Node, complete bool) {
	switch {
	case n == nil || n.kind == literal:
		return n, true
	case n.kind == expression:
		return nil, false
	case n.kind == array:
		for _, item := range n.items {
			if _, complete := item.Known(); !complete {
				return nil, false
			}
		}
		return n, true
	}
	complete = true
	members := []Member{}
	for _, m := range n.members {
		value, known := m.Value.Known()
		if complete = complete && known; value != nil {
			members = append(members, Member{m.Key, value})
		}
	}
	return Object(members), complete
}
