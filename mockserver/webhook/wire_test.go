package webhook

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

// once accepts one connection, reads it to its end, and writes response unless it is empty.
func once(t *testing.T, response string) (url string, got func() (string, error)) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	type result struct {
		text string
		err  error
	}
	received := make(chan result, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			received <- result{err: err}
			return
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Error(err)
		}
		text, err := io.ReadAll(conn)
		if err == nil && response != "" {
			_, err = io.WriteString(conn, response)
		}
		received <- result{string(text), err}
	}()
	t.Cleanup(func() { listener.Close() })
	return "http://" + listener.Addr().String(), func() (string, error) { r := <-received; return r.text, r.err }
}

// The receiver's response to a truncated request decides the attempt.
func TestResponseAfterCut(t *testing.T) {
	url, got := once(t, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	s := NewSender(Policy{}, "test")
	defer s.Close()
	a := s.Send(t.Context(), 1, Message{URL: url, Body: []byte("0123456789"), Wire: &Wire{Cut: new(4)}})
	text, err := got()
	if err != nil || !strings.Contains(text, "Content-Length: 10\r\n") || !strings.HasSuffix(text, "\r\n\r\n0123") {
		t.Errorf("received %q, then %v", text, err)
	}
	if a.Class != Status || a.Response == nil || a.Response.Status != 400 {
		t.Errorf("the attempt ended as %s: %s", a.Class, a.Error)
	}
}

// Truncated and reset requests without a response end as Cut, without a hint.
func TestCut(t *testing.T) {
	for name, wire := range map[string]Wire{"in order": {Cut: new(0)}, "by a reset": {Cut: new(9), Reset: true}} {
		url, got := once(t, "")
		s := NewSender(Policy{}, "test")
		a := s.Send(t.Context(), 1, Message{URL: url, Body: []byte("0123456789"), Wire: &wire})
		_, err := got()
		if errors.Is(err, syscall.ECONNRESET) != wire.Reset || a.Class != Cut || a.Accepted || a.Hint != "" {
			t.Errorf("%s: the receiver saw %v, the attempt ended as %s (%s, %s)", name, err, a.Class, a.Error, a.Hint)
		}
		s.Close()
	}
}

// Wire works the same way over TLS.
func TestWireOverTLS(t *testing.T) {
	type seen struct {
		body    string
		err     error
		chunked bool
	}
	came := make(chan seen, 1)
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		came <- seen{string(body), err, len(r.TransferEncoding) > 0}
	}))
	defer server.Close()
	s := NewSender(Policy{}, "test")
	defer s.Close()
	trust(s, server)
	const body = "0123456789"
	for name, c := range map[string]struct {
		wire Wire
		want seen
	}{
		"chunks":  {Wire{Chunk: 3}, seen{body, nil, true}},
		"a drip":  {Wire{Over: 20 * time.Millisecond, Pieces: 5}, seen{body, nil, false}},
		"cut":     {Wire{Cut: new(5)}, seen{"01234", io.ErrUnexpectedEOF, false}},
		"a reset": {Wire{Cut: new(5), Reset: true}, seen{"01234", syscall.ECONNRESET, false}},
	} {
		a := s.Send(t.Context(), 1, Message{URL: server.URL, Body: []byte(body), Wire: &c.wire})
		got := <-came
		if got.body != c.want.body || !errors.Is(got.err, c.want.err) || got.chunked != c.want.chunked {
			t.Errorf("%s: the receiver saw %+v (%s: %s)", name, got, a.Class, a.Error)
		}
		if a.Phases.Total == 0 || c.wire.Reset == a.Accepted { // the receiver responds if it can
			t.Errorf("%s: the attempt ended as %s: %s", name, a.Class, a.Error)
		}
	}
}

// A slow body times out like any other request.
func TestSlowBodyTimesOut(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = bufio.NewReader(r.Body).Peek(1 << 10) }))
	defer server.Close()
	s := NewSender(Policy{}, "test")
	defer s.Close()
	start := time.Now()
	a := s.Send(t.Context(), 1, Message{URL: server.URL, Body: []byte("0123456789"), Timeout: 50 * time.Millisecond, Wire: &Wire{Over: time.Minute, Pieces: 10}})
	if a.Class != Timeout || time.Since(start) > 10*time.Second {
		t.Errorf("it ended as %s after %v: %s", a.Class, time.Since(start), a.Error)
	}
}
