package fake

import "sync"

// Lazy generates a person when it is first needed. It is safe for concurrent use.
type Lazy struct {
	seed   uint64
	once   sync.Once
	person *Person
}

// Later returns the person of a seed, not generated yet.
func Later(seed uint64) *Lazy { return &Lazy{seed: seed} }

// Get returns the person.
func (l *Lazy) Get() *Person {
	l.once.Do(func() { l.person = New(l.seed) })
	return l.person
}
