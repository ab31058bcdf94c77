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

// Wire says how a message goes over the wire where that is not as every other client sends it: in odd portions, or not
// to its end. Such a message goes out over HTTP/1.1 on a connection of its own.
type Wire struct {
	// Chunk sends the body in chunks of so many bytes, with no Content-Length. 0 does not.
	Chunk int
	// Over is how long it takes to send the body, in so many Pieces, each a write of its own. 0 is as fast as it goes.
	Over   time.Duration
	Pieces int
	// Cut ends the request after so many bytes of its body, although it announced all of them.
	Cut *int
	// Reset says that the end is a reset of the connection, and not its orderly end.
	Reset bool
	// IPv6 connects to the receiver's IPv6 address. An address of IPv4's loopback is that of IPv6 then.
	IPv6 bool
}

// errCut is why an attempt failed whose request was broken off on purpose.
var errCut = errors.New("the request was broken off on purpose, and no answer came")

// wired returns a transport for one message that is otherwise like another, and what tells afterwards whether the request was broken off.
func (s *Sender) wired(base *http.Transport, w *Wire, body int) (*http.Transport, *atomic.Bool) {
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
		made := &wireConn{Conn: c, wire: w, cut: cut}
		made.gone, made.leave = context.WithCancel(context.WithoutCancel(ctx))
		if w.Pieces > 0 {
			made.piece, made.every = max(1, (body+w.Pieces-1)/w.Pieces), w.Over/time.Duration(w.Pieces)
		}
		return made, nil
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

// overIPv6 turns an address of IPv4's loopback into that of IPv6.
func overIPv6(address string) string {
	if at, err := netip.ParseAddrPort(address); err == nil && at.Addr().Is4() && at.Addr().IsLoopback() {
		return netip.AddrPortFrom(netip.IPv6Loopback(), at.Port()).String()
	}
	return address
}

// chunks reads a body in portions of a size: each becomes a chunk.
type chunks struct {
	body []byte
	size int
}

func (c *chunks) Read(b []byte) (int, error) {
	if len(c.body) == 0 {
		return 0, io.EOF
	}
	n := copy(b, c.body[:min(len(c.body), c.size)])
	c.body = c.body[n:]
	return n, nil
}

// wireConn writes a request's body in pieces, and breaks it off. It is written to from one goroutine.
type wireConn struct {
	net.Conn
	wire  *Wire
	piece int           // bytes
	every time.Duration // after each piece
	cut   *atomic.Bool
	gone  context.Context // ends when the connection is closed
	leave context.CancelFunc

	crlf int // of the four characters that end the header, those seen so far
	sent int // bytes of the body
	over bool
}

// Write takes everything that is given to it, also when it is no longer sent: the answer is waited for all the same.
func (c *wireConn) Write(b []byte) (int, error) {
	if c.over {
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
		if err := c.pause(); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// header returns how much of what is written still belongs to the request's header.
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

func (c *wireConn) pause() error {
	if c.every == 0 {
		return nil
	}
	timer := time.NewTimer(c.every)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-c.gone.Done():
		return net.ErrClosed
	}
}

// Close ends a pause, too.
func (c *wireConn) Close() error {
	c.leave()
	return c.Conn.Close()
}

// end breaks the request off. After an orderly end the receiver may still answer.
func (c *wireConn) end() error {
	c.over = true
	c.cut.Store(true)
	below := c.Conn
	if secured, ok := below.(*tls.Conn); ok && c.wire.Reset {
		below = secured.NetConn()
	}
	if plain, ok := below.(*rawheader.Conn); ok && c.wire.Reset {
		if err := plain.SetLinger(0); err != nil { // closing then resets
			return err
		}
		return plain.Close()
	}
	if half, ok := below.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return below.Close()
}
