package store

import "slices"

// item refers to a job in a heap. It has no pointers, so that the garbage collector does not scan a million of them. It
// is valid while the job in slot has the same ord; invalid items are skipped when they reach the top.
type item struct {
	due  int64  // Unix nanoseconds
	ord  uint64 // insertion number, never reused
	slot uint32
}

func (a item) before(b item) bool {
	return a.due < b.due || a.due == b.due && a.ord < b.ord
}

// heap is a min-heap. Four children per node halve the levels of a binary heap, and the cache misses of a large one.
type heap []item

const fan = 4

func (h *heap) push(it item) {
	s := append(*h, it)
	*h = s
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / fan
		if !it.before(s[up]) {
			break
		}
		s[i] = s[up]
		i = up
	}
	s[i] = it
}

func (h *heap) pop() item {
	s := *h
	top, last := s[0], len(s)-1
	s[0] = s[last]
	s = s[:last]
	*h = s
	if last > 0 {
		s.down(0)
	}
	return top
}

func (h heap) down(i int) {
	it := h[i]
	for {
		first := fan*i + 1
		if first >= len(h) {
			break
		}
		least := first
		for c := first + 1; c < min(first+fan, len(h)); c++ {
			if h[c].before(h[least]) {
				least = c
			}
		}
		if !h[least].before(it) {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = it
}

// trim removes the items for which keep is false once more than half can be invalid, given at most one valid item per
// live job. The amortised cost per removal is constant.
func (h *heap) trim(live int, keep func(item) bool) {
	if len(*h) <= 2*live+64 {
		return
	}
	s := slices.DeleteFunc(*h, func(it item) bool { return !keep(it) })
	if cap(s) > 4*len(s)+64 {
		s = slices.Clone(s)
	}
	for i := (len(s)+fan-2)/fan - 1; i >= 0; i-- { // from the last parent
		s.down(i)
	}
	*h = s
}
