package mockservertest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"

	"github.com/idmock/idmock/mockserver"
)

// Network connects servers, receivers and clients of one process without sockets: each connection is a [net.Pipe], which
// also works in a testing/synctest bubble. It has no TLS of its own, no resets and no source addresses; tests of those
// use [Start] and [NewReceiver]. The zero value is an empty network. It is safe for concurrent use.
type Network struct {
	mu        sync.Mutex
	listeners map[string]*pipeListener // by address
}

// Start is like the function [Start], with a server on the network.
func (n *Network) Start(t testing.TB, c mockserver.Config) *Server {
	t.Helper()
	s := n.New(t, c)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// New is like the function [New], with a server on the network. Addr and HostsAddr are ignored.
func (n *Network) New(t testing.TB, c mockserver.Config) *Server {
	t.Helper()
	c = n.complete(t, c)
	c.HostsAddr = ""
	s, err := mockserver.NewOn(n.listen(), c)
	if err != nil {
		t.Fatal(err)
	}
	return n.server(t, s, c)
}

// NewReceiver is like the function [NewReceiver], for deliveries of the network's servers.
func (n *Network) NewReceiver(t testing.TB) *Receiver {
	l := n.listen()
	r := newReceiver(t, "http://"+l.Addr().String())
	server := &http.Server{Handler: r}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("receiver %s: %v", r.URL, err)
		}
	})
	t.Cleanup(func() {
		close(r.closed) // cancels delayed responses
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("receiver %s: %v", r.URL, err)
		}
		serving.Wait()
	})
	return r
}

// Connect connects to a server or receiver of the network. It returns nil without an error for other addresses.
func (n *Network) Connect(ctx context.Context, address string) (net.Conn, error) {
	n.mu.Lock()
	l := n.listeners[address]
	n.mu.Unlock()
	if l == nil {
		return nil, nil
	}
	return l.dial(ctx)
}

// dial connects to an address of the network, or else over TCP.
func (n *Network) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if c, err := n.Connect(ctx, address); c != nil || err != nil {
		return c, err
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

// firstPort is the port of a network's first listener. It is below the ports that systems pick.
const firstPort = 20000

// listen returns a listener with a loopback address of its own.
func (n *Network) listen() *pipeListener {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listeners == nil {
		n.listeners = map[string]*pipeListener{}
	}
	port := firstPort + len(n.listeners)
	l := &pipeListener{
		addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}, conns: make(chan net.Conn), closed: make(chan struct{}),
	}
	n.listeners[l.addr.String()] = l
	return l
}

// pipeListener accepts pipes.
type pipeListener struct {
	addr   *net.TCPAddr
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) Addr() net.Addr { return l.addr }

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close releases Accept. The error is net.ErrClosed if the listener was closed before.
func (l *pipeListener) Close() error {
	err := net.ErrClosed
	l.once.Do(func() {
		close(l.closed)
		err = nil
	})
	return err
}

// dial blocks until the connection is accepted.
func (l *pipeListener) dial(ctx context.Context) (net.Conn, error) {
	client := &net.TCPAddr{IP: l.addr.IP, Port: 1}
	near, far := net.Pipe()
	err := error(syscall.ECONNREFUSED)
	select {
	case l.conns <- pipeConn{far, l.addr, client}:
		return pipeConn{near, client, l.addr}, nil
	case <-l.closed:
	case <-ctx.Done():
		err = ctx.Err()
	}
	return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: l.addr, Err: err}
}

// pipeConn is a pipe with addresses.
type pipeConn struct {
	net.Conn
	local, remote *net.TCPAddr
}

func (c pipeConn) LocalAddr() net.Addr  { return c.local }
func (c pipeConn) RemoteAddr() net.Addr { return c.remote }
