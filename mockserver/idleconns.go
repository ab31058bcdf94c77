package mockserver

import (
	"net"
	"net/http"
	"sync"
)

// idleConns are connections without a request: so far, or now. Browsers and probes open connections ahead of need, and
// [http.Server.Shutdown] would wait for them for seconds. The zero value has none.
type idleConns struct {
	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

// note is the server's ConnState.
func (s *idleConns) note(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state != http.StateNew && state != http.StateIdle {
		delete(s.conns, c)
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

func (s *idleConns) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Close() // without a request, nothing is lost
	}
}
