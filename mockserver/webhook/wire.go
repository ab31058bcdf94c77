package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/internal/rawheader"
)

// Wire changes the transmission of a message: chunked, slow, truncated, reset or over IPv6. Such a message uses HTTP/1.1
// on a connection of its own.
type Wire struct {
	// Chunk is the chunk size in bytes of a chunked body. 0 sends it with a Content-Length.
	Chunk int
	// Over is the duration of sending the body in Pieces, each a write of its own. 0 sends it at full speed.
	Over   time.Duration
	Pieces int
	// Cut ends the request after that many bytes of its body, fewer than announced. nil sends all of it.
	Cut *int
	// Reset resets the connection at the end instead of closing it in order.
	Reset bool
	// IPv6 connects to the receiver's IPv6 address. IPv4 loopback addresses become ::1.
	IPv6 bool
}

// errCut is the error of an attempt with a request truncated on purpose.
var errCut = errors.New("request truncated on purpose, no response")

// wireTransport returns a transport like base for one message. cut is set once the request was truncated.
func (s *Sender) wireTransport(base *http.Transport, w *Wire, body int) (*http.Transport, *atomic.Bool) {
	cut := new(atomic.Bool)
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if w.IPv6 {
			network, address = "tcp6", overIPv6(address)
		}
		return base.DialContext(ctx, network, address)
	}
	wrap := func(ctx context.Context, c net.Conn, err error) (net.Conn, error) {
		if err != nil || w.Cut == nil && w.Over == 0 {
			return c, err
		}
		conn := &wireConn{Conn: c, wire: w, cut: cut}
		conn.closed, conn.cancel = context.WithCancel(context.WithoutCancel(ctx))
		if w.Pieces > 0 {
			conn.piece, conn.pause = max(1, (body+w.Pieces-1)/w.Pieces), w.Over/time.Duration(w.Pieces)
		}
		return conn, nil
	}
	return &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := dial(ctx, network, address)
			return wrap(ctx, c, err)
		},
		DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			config := &tls.Config{}
			if base.TLSClientConfig != nil {
				config = base.TLSClientConfig.Clone()
			}
			if config.ServerName, _, err = net.SplitHostPort(address); err != nil {
				return nil, errors.Join(err, c.Close())
			}
			secured := tls.Client(c, config)
			if err := secured.HandshakeContext(ctx); err != nil {
				return nil, errors.Join(err, c.Close())
			}
			return wrap(ctx, secured, nil)
		},
		DisableCompression:     true,
		MaxResponseHeaderBytes: base.MaxResponseHeaderBytes,
	}, cut
}

// overIPv6 replaces an IPv4 loopback address by ::1.
func overIPv6(address string) string {
	if at, err := netip.ParseAddrPort(address); err == nil && at.Addr().Is4() && at.Addr().IsLoopback() {
		return netip.AddrPortFrom(netip.IPv6Loopback(), at.Port()).String()
	}
	return address
}

// chunks reads a body in pieces of a size, each of which becomes a chunk.
type chunks struct {
	body io.Reader
	size int
}

func (c *chunks) Read(b []byte) (int, error) {
	n, err := io.ReadFull(c.body, b[:min(len(b), c.size)])
	if errors.Is(err, io.ErrUnexpectedEOF) { // the last one
		err = nil
	}
	return n, err
}

// wireConn writes a request's body in pieces and truncates it. Only one goroutine writes to it.
type wireConn struct {
	net.Conn
	wire   *Wire
	piece  int           // bytes
	pause  time.Duration // after each piece
	cut    *atomic.Bool
	closed context.Context // ends when the connection is closed
	cancel context.CancelFunc

	crlf  int // number of characters seen of the four that end the header
	sent  int // bytes of the body
	ended bool
}

// Write accepts all of b even after the request was truncated, so that net/http still waits for a response.
func (c *wireConn) Write(b []byte) (int, error) {
	if c.ended {
		return len(b), nil
	}
	head := c.header(b)
	if _, err := c.Conn.Write(b[:head]); err != nil {
		return 0, err
	}
	for rest := b[head:]; c.crlf == 4; {
		if c.wire.Cut != nil && c.sent >= *c.wire.Cut {
			return len(b), c.end()
		}
		if len(rest) == 0 {
			break
		}
		n := len(rest)
		if c.piece > 0 {
			n = min(n, c.piece)
		}
		if c.wire.Cut != nil {
			n = min(n, *c.wire.Cut-c.sent)
		}
		if _, err := c.Conn.Write(rest[:n]); err != nil {
			return 0, err
		}
		c.sent += n
		rest = rest[n:]
		if err := c.sleep(); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// header returns the number of bytes in b that belong to the request's header.
func (c *wireConn) header(b []byte) int {
	const end = "\r\n\r\n"
	for i := range b {
		switch {
		case c.crlf == len(end):
			return i
		case b[i] == end[c.crlf]:
			c.crlf++
		case b[i] == '\r':
			c.crlf = 1
		default:
			c.crlf = 0
		}
	}
	return len(b)
}

func (c *wireConn) sleep() error {
	if c.pause == 0 {
		return nil
	}
	timer := time.NewTimer(c.pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-c.closed.Done():
		return net.ErrClosed
	}
}

// Close also ends a pause.
func (c *wireConn) Close() error {
	c.cancel()
	return c.Conn.Close()
}

// end truncates the request. Without Reset, the receiver can still respond.
func (c *wireConn) end() error {
	c.ended = true
	c.cut.Store(true)
	inner := c.Conn
	if secured, ok := inner.(*tls.Conn); ok && c.wire.Reset {
		inner = secured.NetConn()
	}
	if plain, ok := inner.(*rawheader.Conn); ok && c.wire.Reset {
		if err := plain.SetLinger(0); err != nil { // closing then resets
			return err
		}
		return plain.Close()
	}
	if half, ok := inner.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return inner.Close()
}
