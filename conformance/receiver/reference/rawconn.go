package reference

import (
	"bytes"
	"net"
	"net/http"
	"sync"
)

// rawListener accepts connections that record the bytes they read. ComparesHeaderCase needs the spelling of header
// names, and net/http normalizes it.
type rawListener struct{ net.Listener }

func (l rawListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &rawConn{Conn: c}, nil
}

type rawConn struct {
	net.Conn
	mu  sync.Mutex
	raw bytes.Buffer
}

type rawConnKey struct{}

func (c *rawConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	c.raw.Write(b[:n])
	c.mu.Unlock()
	return n, err
}

// hasSpelling reports whether the connection received a header name in exactly this spelling.
func hasSpelling(r *http.Request, name string) bool {
	c, ok := r.Context().Value(rawConnKey{}).(*rawConn)
	if !ok {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Contains(c.raw.Bytes(), []byte("\r\n"+name+": "))
}
