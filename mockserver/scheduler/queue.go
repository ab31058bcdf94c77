package scheduler

import (
	"container/heap"
	"time"
)

// queue orders accounts by the wall time at which to look at them.
type queue struct {
	heap  appointments
	index map[string]*appointment
}

type appointment struct {
	account string
	at      time.Time
	place   int
}

func (q *queue) set(name string, at time.Time) {
	if have := q.index[name]; have != nil {
		have.at = at
		heap.Fix(&q.heap, have.place)
		return
	}
	next := &appointment{account: name, at: at}
	q.index[name] = next
	heap.Push(&q.heap, next)
}

// delay puts an appointment off until a time.
func (q *queue) delay(name string, until time.Time) {
	if have := q.index[name]; have != nil && have.at.Before(until) {
		q.set(name, until)
	}
}

func (q *queue) remove(name string) {
	if have := q.index[name]; have != nil {
		heap.Remove(&q.heap, have.place)
		delete(q.index, name)
	}
}

type appointments []*appointment

func (h appointments) Len() int           { return len(h) }
func (h appointments) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h appointments) Swap(i, j int)      { h[i], h[j] = h[j], h[i]; h[i].place, h[j].place = i, j }
func (h *appointments) Push(x any)        { a := x.(*appointment); a.place = len(*h); *h = append(*h, a) }
func (h *appointments) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
