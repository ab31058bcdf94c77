package mockserver

import (
	"net"
	"net/http"
	"sync"
)

// idleConns are connections without a request: so far, or now. Browsers and probes open connections ahead of need, and
// [http.Server.Shutdown] would wait for them for seconds. The zero value has none.
type idleConns struct {
	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool // those to come as well: one can be accepted while the server begins to stop
}

// note is the server's ConnState.
func (s *idleConns) note(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state != http.StateNew && state != http.StateIdle {
		delete(s.conns, c)
		return
	}
	if s.closed {
		_ = c.Close() // without a request, nothing is lost
		return
	}
	if s.conns == nil {
		s.conns = map[net.Conn]struct{}{}
	}
	s.conns[c] = struct{}{}
}

// closeOne closes one of them, to make room.
func (s *idleConns) closeOne() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		delete(s.conns, c)
		_ = c.Close() // without a request, nothing is lost
		return
	}
}

// close closes all, and those to come.
func (s *idleConns) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for c := range s.conns {
		_ = c.Close() // without a request, nothing is lost
	}
}
