package mockserver

import "sync"

// moved are the accounts whose clock was moved, or whose jobs may run again, since the scheduler looked. Telling it
// never waits: whoever advances an account may do so before the scheduler starts and after it has ended, and with a
// context that is over. Make one with newMoved.
type moved struct {
	some  chan struct{} // holds a token while there are names
	mu    *sync.Mutex
	names map[string]struct{}
}

func newMoved() moved {
	return moved{some: make(chan struct{}, 1), mu: new(sync.Mutex), names: map[string]struct{}{}}
}

func (m moved) add(account string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.names[account] = struct{}{}
	select {
	case m.some <- struct{}{}:
	default:
	}
}

// take returns the names, after a token was taken from some.
func (m moved) take() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	names := make([]string, 0, len(m.names))
	for name := range m.names {
		names = append(names, name)
	}
	clear(m.names)
	return names
}
