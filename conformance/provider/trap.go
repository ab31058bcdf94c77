package provider

import (
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance"
)

// trap takes connections where no webhook may go: on this machine's loopback, in both families.
type trap struct {
	port      string
	listeners []net.Listener
	served    sync.WaitGroup

	mu     sync.Mutex
	caught []conformance.Exchange
}

func setTrap() (*trap, error) {
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t := &trap{port: strconv.Itoa(first.Addr().(*net.TCPAddr).Port), listeners: []net.Listener{first}}
	for _, host := range []string{"::1", "127.8.9.1"} { // not every system has them
		if l, err := net.Listen("tcp", net.JoinHostPort(host, t.port)); err == nil {
			t.listeners = append(t.listeners, l)
		}
	}
	for _, l := range t.listeners {
		t.served.Go(func() { t.watch(l) })
	}
	return t, nil
}

func (t *trap) close() {
	for _, l := range t.listeners {
		_ = l.Close()
	}
	t.served.Wait()
}

// watch notes who comes. What is said over TLS is not understood: that somebody came is enough.
func (t *trap) watch(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return // closed
		}
		at := l.Addr().String()
		t.mu.Lock()
		t.caught = append(t.caught, conformance.Exchange{Note: "a connection to " + at, Ended: time.Now()})
		mine := len(t.caught) - 1
		t.mu.Unlock()
		t.served.Go(func() {
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(time.Second))
			said := make([]byte, 4<<10)
			n, _ := c.Read(said) // nothing was said
			_, _ = fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			t.mu.Lock()
			defer t.mu.Unlock()
			t.caught[mine].Request = string(said[:n])
		})
	}
}

func (t *trap) got() []conformance.Exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]conformance.Exchange(nil), t.caught...)
}
