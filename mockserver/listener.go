package mockserver

import (
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/internal/rawheader"
)

const (
	// maxConns is the number of connections that clients may have open together. More wait to be accepted, while idle ones are
	// closed for them.
	maxConns = 2048
	// stallTimeout is how long a client may take to read a piece of a response, and stallSlack how much longer at most: the
	// deadlines of a fast client's connection are set once in that time, not with each response.
	stallTimeout = 30 * time.Second
	stallSlack   = time.Second
	pieceSize    = 64 << 10
)

// boundedListener bounds connections, and the time for which a client may stall a response.
type boundedListener struct {
	net.Listener
	slots chan struct{}
	idle  *idleConns
	done  chan struct{}
	once  *sync.Once
}

func (s *Server) bounded(l net.Listener) net.Listener {
	if tcp, ok := l.(*net.TCPListener); ok {
		l = rawheader.Listener{TCPListener: tcp}
	}
	return boundedListener{l, s.slots, &s.idle, make(chan struct{}), new(sync.Once)}
}

// Accept waits for room and for the next connection.
func (l boundedListener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	default:
		l.idle.closeOne()
		select {
		case l.slots <- struct{}{}:
		case <-l.done:
			return nil, net.ErrClosed
		}
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &boundedConn{Conn: c, leave: sync.OnceFunc(func() { <-l.slots })}, nil
}

// Close ends Accept.
func (l boundedListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.Listener.Close()
}

// boundedConn ends when its client stops reading.
type boundedConn struct {
	net.Conn
	leave func()
	until atomic.Int64 // the write deadline, as Unix time in nanoseconds; 0: another's
}

// Write writes in pieces, each of which the client has stallTimeout to take.
func (c *boundedConn) Write(b []byte) (sent int, err error) {
	for {
		piece := b[sent:min(len(b), sent+pieceSize)]
		if now := time.Now(); c.until.Load() < now.Add(stallTimeout).UnixNano() {
			until := now.Add(stallTimeout + stallSlack)
			if err := c.Conn.SetWriteDeadline(until); err != nil {
				return sent, err
			}
			c.until.Store(until.UnixNano())
		}
		n, err := c.Conn.Write(piece)
		if sent += n; err != nil || sent == len(b) {
			return sent, err
		}
	}
}

// SetDeadline replaces the deadlines until the next Write.
func (c *boundedConn) SetDeadline(t time.Time) error {
	c.until.Store(0)
	return c.Conn.SetDeadline(t)
}

// SetWriteDeadline replaces the write deadline until the next Write.
func (c *boundedConn) SetWriteDeadline(t time.Time) error {
	c.until.Store(0)
	return c.Conn.SetWriteDeadline(t)
}

// Close closes the connection and makes room for another.
func (c *boundedConn) Close() error {
	c.leave()
	return c.Conn.Close()
}

// SetLinger sets how a TCP connection ends; others stay as they are.
func (c *boundedConn) SetLinger(seconds int) error {
	if tcp, ok := c.Conn.(interface{ SetLinger(int) error }); ok {
		return tcp.SetLinger(seconds)
	}
	return nil
}

// CloseWrite closes the sending side of a TCP connection; others stay as they are.
func (c *boundedConn) CloseWrite() error {
	if tcp, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return tcp.CloseWrite()
	}
	return nil
}
