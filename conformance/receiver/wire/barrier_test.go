package wire

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// writes records the lengths of what is written to any of its connections, in order.
type writes struct {
	mu  sync.Mutex
	all []int
}

type recordedConn struct {
	net.Conn
	*writes
}

func (c recordedConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, len(b))
	return c.Conn.Write(b)
}

// No copy is complete before all copies are written up to their last byte.
func TestBarrier(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	to, err := New(server.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	var w writes
	dial := to.Open
	to.Open = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		return recordedConn{c, &w}, err
	}
	const copies = 10
	barrier := NewBarrier(copies)
	var sending sync.WaitGroup
	for range copies {
		sending.Go(func() {
			r := &Request{Method: http.MethodPost, Target: "/", Header: [][2]string{{"Host", "receiver"}}, Body: []byte(`{}`), Timeout: time.Minute, Barrier: barrier}
			c, got := to.Send(t.Context(), nil, r)
			if got.Status != http.StatusOK {
				t.Errorf("%s", got)
			}
			if c != nil {
				c.Close()
			}
		})
	}
	sending.Wait()
	if len(w.all) != 2*copies {
		t.Fatalf("%d writes", len(w.all))
	}
	for i, n := range w.all {
		if (n == 1) != (i >= copies) {
			t.Fatalf("writes of %v bytes", w.all)
		}
	}
}
