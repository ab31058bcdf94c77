package mockserver

import (
	"net"
	"net/http"
	"sync"
)

// silent are the connections on which nothing was asked yet. Browsers and probes open such ones ahead of need, and
// [http.Server.Shutdown] would wait for them for seconds. The zero value holds none.
type silent struct {
	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

// note is the server's ConnState.
func (s *silent) note(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state != http.StateNew {
		delete(s.conns, c)
		return
	}
	if s.conns == nil {
		s.conns = map[net.Conn]struct{}{}
	}
	s.conns[c] = struct{}{}
}

func (s *silent) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Close() // nobody has said anything on it
	}
}
