// Package rawheader remembers what came last over a connection. net/http keeps the headers of a message by name, in one case;
// the order and the case in which they were sent are seen here alone. Of what comes over TLS nothing is heard.
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

// earshot is how many bytes are there to be searched, at the least: the head of a message, and the 4 KiB of its body that
// net/http may have read with it.
const earshot = 8 << 10

// Conn is a connection that is heard. It is safe for concurrent use.
type Conn struct {
	*net.TCPConn
	mu   sync.Mutex // net/http reads ahead while a message is looked at
	tail []byte
}

// Read reads from the connection.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.tail)+n > 2*earshot {
		c.tail = append(c.tail[:0], c.tail[max(len(c.tail)-earshot, 0):]...)
	}
	c.tail = append(c.tail, p[max(n-earshot, 0):n]...)
	return n, err
}

// Head returns the header lines of the message with this first line, as they were sent. It is not ok where the last such
// message that was heard has other headers than those known of it, or none was heard: its head may have been very long,
// and what looks like a head may stand in a body.
func (c *Conn) Head(first string, known http.Header) (lines [][2]string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := bytes.LastIndex(c.tail, []byte(first+"\r\n"))
	if at < 0 {
		return nil, false
	}
	text, _, whole := bytes.Cut(c.tail[at+len(first)+2:], []byte("\r\n\r\n"))
	if !whole {
		return nil, false
	}
	left := 0
	for _, values := range known {
		left += len(values)
	}
	lines = make([][2]string, 0, left+2)
	for line := range strings.SplitSeq(string(text), "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		value = textproto.TrimString(value)
		switch key := http.CanonicalHeaderKey(name); {
		case slices.Contains(known[key], value):
			left--
		case key == "Host", key == "Transfer-Encoding", key == "Trailer": // which net/http takes out
		default:
			return nil, false
		}
		lines = append(lines, [2]string{name, value})
	}
	return lines, left == 0
}

// Listener hears the connections that it accepts.
type Listener struct{ *net.TCPListener }

// Accept waits for the next connection, which is a [*Conn].
func (l Listener) Accept() (net.Conn, error) {
	c, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return &Conn{TCPConn: c}, nil
}
