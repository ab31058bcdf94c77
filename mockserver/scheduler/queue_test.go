package scheduler

import (
	"strings"
	"testing"
	"time"
)

func TestQueueOrdersByTime(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	q := queue{index: map[string]*appointment{}}
	for i, name := range []string{"d", "b", "c", "a", "e"} {
		q.set(name, now.Add(time.Duration(i)*time.Second))
	}
	q.set("a", now.Add(-time.Second)) // earlier
	q.set("d", now.Add(time.Minute))  // later
	q.remove("c")
	q.remove("c")
	q.remove("unknown")
	var order []string
	for len(q.heap) > 0 {
		next := q.heap[0].account
		order = append(order, next)
		q.remove(next)
	}
	if got := strings.Join(order, " "); got != "a b e d" || len(q.index) > 0 {
		t.Errorf("order %s, left %v", got, q.index)
	}
}
