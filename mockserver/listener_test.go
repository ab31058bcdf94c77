package mockserver

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A client that stops reading is disconnected; one that reads slowly gets everything.
func TestSecurityWriteDeadline(t *testing.T) {
	for name, test := range map[string]struct {
		pause time.Duration // of the client, before each piece
		whole bool
	}{
		"stalled": {stallTimeout + stallSlack + time.Second, false},
		"slow":    {stallTimeout - time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const pieces = 10
				near, far := net.Pipe()
				left := 0
				c := &boundedConn{Conn: near, leave: func() { left++ }}
				var client sync.WaitGroup
				client.Go(func() {
					for range pieces {
						time.Sleep(test.pause)
						if _, err := io.ReadFull(far, make([]byte, pieceSize)); err != nil {
							return
						}
					}
				})
				n, err := c.Write(make([]byte, pieceSize))
				if err == nil {
					var more int
					if err := c.SetDeadline(time.Now()); err != nil { // as net/http does before it hands a connection over
						t.Fatal(err)
					}
					more, err = c.Write(make([]byte, (pieces-1)*pieceSize))
					n += more
				}
				if test.whole && (n != pieces*pieceSize || err != nil) {
					t.Errorf("a slow client got %d bytes: %v", n, err)
				}
				if !test.whole && (n >= pieceSize || !errors.Is(err, os.ErrDeadlineExceeded)) {
					t.Errorf("a stalled client got %d bytes: %v", n, err)
				}
				if err := errors.Join(c.Close(), far.Close()); err != nil || left != 1 {
					t.Errorf("closing makes room %d times: %v", left, err)
				}
				client.Wait()
			})
		})
	}
}

// pipes is a listener to which clients never stop to connect.
type pipes struct{ net.Listener }

func (pipes) Accept() (net.Conn, error) {
	near, _ := net.Pipe()
	return near, nil
}

func (pipes) Close() error { return nil }

// Connections are bounded: a further one closes an idle one, or waits for the end of a busy one.
func TestSecurityConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var idle idleConns
		l := boundedListener{pipes{}, make(chan struct{}, 2), &idle, make(chan struct{}), new(sync.Once)}
		accept := func() net.Conn {
			c, err := l.Accept()
			if err != nil {
				t.Error(err)
			}
			return c
		}
		first, second := accept(), accept()
		idle.note(first, http.StateNew)
		accept()
		if _, err := first.Write([]byte("x")); err == nil {
			t.Error("an idle connection is open beyond the limit")
		}
		accepted := make(chan net.Conn, 1)
		go func() { accepted <- accept() }()
		synctest.Wait()
		if len(accepted) > 0 {
			t.Error("a connection is accepted beyond the limit")
		}
		_ = second.Close()
		synctest.Wait()
		if len(accepted) == 0 {
			t.Error("a connection is not accepted although one has ended")
		}
		ended := make(chan error, 1)
		go func() {
			_, err := l.Accept()
			ended <- err
		}()
		synctest.Wait()
		_ = l.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("after the listener was closed: %v", err)
		}
	})
}
