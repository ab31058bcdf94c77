// Package rawheader recovers the order and spelling of HTTP headers, which net/http does not keep, from the bytes that a
// connection received. TLS connections are not supported, and parsing messages stays with net/http.
package rawheader

import (
	"bytes"
	"net"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"sync"
)

// window is the number of bytes kept for the search, at least: the head of a message, and the 4 KiB of its body that
// net/http may have read with it.
const window = 8 << 10

// Conn is a connection that records the bytes received last. It is safe for concurrent use.
type Conn struct {
	*net.TCPConn
	mu   sync.Mutex // net/http reads ahead while Head searches
	tail []byte
}

// Read reads from the connection and records the bytes.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.tail)+n > 2*window {
		c.tail = append(c.tail[:0], c.tail[max(len(c.tail)-window, 0):]...)
	}
	c.tail = append(c.tail, p[max(n-window, 0):n]...)
	return n, err
}

// Head returns the header lines of the last message with the given first line, as sent. ok is false if there is none, or
// if its headers are not the known ones: a long head may be incomplete, and a body may contain text that looks like one.
func (c *Conn) Head(first string, known http.Header) (lines [][2]string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := bytes.LastIndex(c.tail, []byte(first+"\r\n"))
	if at < 0 {
		return nil, false
	}
	text, _, found := bytes.Cut(c.tail[at+len(first)+2:], []byte("\r\n\r\n"))
	if !found {
		return nil, false
	}
	missing := 0
	for _, values := range known {
		missing += len(values)
	}
	lines = make([][2]string, 0, missing+2)
	for line := range strings.SplitSeq(string(text), "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		value = textproto.TrimString(value)
		switch key := http.CanonicalHeaderKey(name); {
		case slices.Contains(known[key], value):
			missing--
		case key == "Host", key == "Transfer-Encoding", key == "Trailer": // removed by net/http
		default:
			return nil, false
		}
		lines = append(lines, [2]string{name, value})
	}
	return lines, missing == 0
}

// Listener accepts connections as [*Conn].
type Listener struct{ *net.TCPListener }

// Accept waits for the next connection, which is a [*Conn].
func (l Listener) Accept() (net.Conn, error) {
	c, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return &Conn{TCPConn: c}, nil
}
