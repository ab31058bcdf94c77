package inbox

import (
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance"
)

// Tripwire accepts connections that no webhook may open: on the loopback addresses of this machine, in both families.
type Tripwire struct {
	Port string

	listeners []net.Listener
	served    sync.WaitGroup

	mu          sync.Mutex
	connections []conformance.Exchange
}

// NewTripwire listens until it is closed.
func NewTripwire() (*Tripwire, error) {
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t := &Tripwire{Port: strconv.Itoa(first.Addr().(*net.TCPAddr).Port), listeners: []net.Listener{first}}
	for _, host := range []string{"::1", "127.8.9.1"} { // not available on all systems
		if l, err := net.Listen("tcp", net.JoinHostPort(host, t.Port)); err == nil {
			t.listeners = append(t.listeners, l)
		}
	}
	for _, l := range t.listeners {
		t.served.Go(func() { t.accept(l) })
	}
	return t, nil
}

// Close closes the listeners and waits for open connections, at most a second.
func (t *Tripwire) Close() {
	for _, l := range t.listeners {
		_ = l.Close()
	}
	t.served.Wait()
}

// accept records each connection. A connection is proof enough: TLS is not decoded.
func (t *Tripwire) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return // closed
		}
		t.mu.Lock()
		t.connections = append(t.connections, conformance.Exchange{Note: "a connection to " + l.Addr().String(), Ended: time.Now()})
		index := len(t.connections) - 1
		t.mu.Unlock()
		t.served.Go(func() { t.read(conn, index) })
	}
}

// read records the beginning of the request and responds 200.
func (t *Tripwire) read(conn net.Conn, index int) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	request := make([]byte, 4<<10)
	n, _ := conn.Read(request) // a connection without a request counts as well
	_, _ = fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	t.mu.Lock()
	defer t.mu.Unlock()
	t.connections[index].Request = string(request[:n])
}

// Connections returns the connections so far.
func (t *Tripwire) Connections() []conformance.Exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]conformance.Exchange(nil), t.connections...)
}
