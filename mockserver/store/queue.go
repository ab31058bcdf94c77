package store

// queue is a first-in first-out ring buffer. The zero value is empty and ready to use.
type queue[T any] struct {
	buf   []T
	first int
	n     int
}

// at returns the i-th oldest element; it may be modified in place.
func (q *queue[T]) at(i int) *T {
	if i += q.first; i >= len(q.buf) {
		i -= len(q.buf)
	}
	return &q.buf[i]
}

// push appends v. A limit above 0 is the largest length the queue will ever have, which bounds the ring.
func (q *queue[T]) push(v T, limit int) {
	if q.n == len(q.buf) {
		size := max(8, 2*q.n)
		if limit > q.n {
			size = min(size, limit)
		}
		q.resize(size)
	}
	q.n++
	*q.at(q.n - 1) = v
}

// pop removes and returns the oldest element. The ring shrinks if it is mostly empty.
func (q *queue[T]) pop() T {
	var zero T
	p := q.at(0)
	v := *p
	*p = zero // drop the reference for the garbage collector
	q.n--
	if q.first++; q.first == len(q.buf) {
		q.first = 0
	}
	if len(q.buf) > 64 && q.n < len(q.buf)/8 {
		q.resize(len(q.buf) / 4)
	}
	return v
}

func (q *queue[T]) resize(size int) {
	buf := make([]T, size)
	for i := range q.n {
		buf[i] = *q.at(i)
	}
	q.buf, q.first = buf, 0
}
