package mockserver_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/mockservertest"
)

// raw is a receiver that records the bytes of requests.
type raw struct {
	URL      string
	t        *testing.T
	listener net.Listener
	got      chan request
	answer   string
	running  sync.WaitGroup
}

// request is the bytes of a connection, in the portions in which they were read.
type request struct {
	bytes []byte
	reads [][]byte
	took  time.Duration // from the first byte to the last
	end   error         // nil: a whole request; io.EOF: the connection ended before
	peer  net.Addr
}

// newRaw starts a receiver on an address such as 127.0.0.1:0.
func newRaw(t *testing.T, address string) *raw {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	r := &raw{t: t, listener: listener, URL: "http://" + listener.Addr().String(), got: make(chan request, 64),
		answer: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"}
	r.running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			r.running.Go(func() { r.serve(conn) })
		}
	})
	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
		r.running.Wait()
	})
	return r
}

func (r *raw) serve(conn net.Conn) {
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(mockservertest.Patience)); err != nil {
		r.t.Error(err)
	}
	one := request{peer: conn.RemoteAddr()}
	buffer := make([]byte, 1<<20)
	var began time.Time
	for !whole(one.bytes) {
		n, err := conn.Read(buffer)
		if n > 0 {
			if began.IsZero() {
				began = time.Now()
			}
			one.took = time.Since(began)
			one.reads = append(one.reads, bytes.Clone(buffer[:n]))
			one.bytes = append(one.bytes, buffer[:n]...)
		}
		if err != nil {
			one.end = err
			break
		}
	}
	if one.end == nil || errors.Is(one.end, io.EOF) {
		if _, err := io.WriteString(conn, r.answer); err != nil && one.end == nil {
			r.t.Error(err)
		}
	}
	r.got <- one
}

// whole reports whether bytes are a complete request.
func whole(b []byte) bool {
	head, body, ok := bytes.Cut(b, []byte("\r\n\r\n"))
	if !ok {
		return false
	}
	if value(string(head), "Transfer-Encoding") == "chunked" {
		return bytes.HasSuffix(body, []byte("\r\n0\r\n\r\n")) || string(body) == "0\r\n\r\n"
	}
	n, _ := strconv.Atoi(value(string(head), "Content-Length"))
	return len(body) >= n
}

// value is the value of a header.
func value(head, name string) string {
	for line := range strings.SplitSeq(head, "\r\n") {
		if key, value, ok := strings.Cut(line, ": "); ok && strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

func (q request) head() string { head, _, _ := strings.Cut(string(q.bytes), "\r\n\r\n"); return head }
func (q request) body() []byte { _, body, _ := bytes.Cut(q.bytes, []byte("\r\n\r\n")); return body }

// next returns the next request, however it ended.
func (r *raw) next() request {
	r.t.Helper()
	select {
	case one := <-r.got:
		return one
	case <-time.After(mockservertest.Patience):
		r.t.Fatal("nothing came to the receiver")
		return request{}
	}
}

func isReset(err error) bool { return errors.Is(err, syscall.ECONNRESET) }
