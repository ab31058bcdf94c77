package rawheader

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// connect returns both ends of a connection, the second of which is heard.
func connect(t *testing.T) (io.Writer, *Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err := Listener{listener.(*net.TCPListener)}.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return near, far.(*Conn)
}

func TestHead(t *testing.T) {
	const first = "POST / HTTP/1.1"
	known := http.Header{"A": {"1", "2"}, "X-B": {""}}
	head := func(lines string) string { return first + "\r\n" + lines + "\r\n" }
	good := head("x-B:\r\nHost: h\r\na:  2 \r\nA: 1\r\ntransfer-encoding: chunked\r\n")
	lines := [][2]string{{"x-B", ""}, {"Host", "h"}, {"a", "2"}, {"A", "1"}, {"transfer-encoding", "chunked"}}
	for name, c := range map[string]struct {
		came string
		want [][2]string
	}{
		"by itself":                 {good, lines},
		"with its body":             {good + strings.Repeat("x", 4096), lines},
		"after another":             {head("A: 3\r\n") + good, lines},
		"after very much":           {strings.Repeat("y", 100<<10) + good, lines},
		"before very much":          {good + strings.Repeat("x", 100<<10), nil},
		"nothing":                   {"", nil},
		"another message":           {strings.Replace(good, "/", "/other", 1), nil},
		"not to its end":            {strings.TrimSuffix(good, "\r\n"), nil},
		"one header too many":       {head("A: 1\r\nA: 2\r\nX-B:\r\nC: 3\r\n"), nil},
		"one too few":               {head("A: 1\r\nX-B:\r\n"), nil},
		"another value":             {head("A: 1\r\nA: 3\r\nX-B:\r\n"), nil},
		"a line that is no header":  {head("A: 1\r\nA: 2\r\nX-B:\r\nnothing\r\n"), nil},
		"its like within its body":  {good + head("A: 3\r\n"), nil},
		"folded, which is obsolete": {head("A: 1\r\n  more\r\nA: 2\r\nX-B:\r\n"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			near, far := connect(t)
			var wrote sync.WaitGroup
			defer wrote.Wait()
			wrote.Go(func() { io.WriteString(near, c.came) }) //nolint:errcheck // it is read to its end, or the test fails
			if _, err := io.ReadFull(far, make([]byte, len(c.came))); err != nil {
				t.Fatal(err)
			}
			got, ok := far.Head(first, known)
			if ok != (c.want != nil) {
				t.Errorf("ok is %v", ok)
			}
			if ok {
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
			}
			if held := cap(far.tail); held > 4*earshot {
				t.Errorf("%d bytes are held", held)
			}
		})
	}
}

// What is heard of a message does not depend on the pieces in which it came.
func TestPieces(t *testing.T) {
	near, far := connect(t)
	for i := range 2000 {
		text := fmt.Sprintf("GET /%d HTTP/1.1\r\nN: %d\r\n\r\n", i, i)
		if _, err := io.WriteString(near, text); err != nil {
			t.Fatal(err)
		}
		for size := i%7 + 1; len(text) > 0; size = min(size, len(text)) {
			n, err := far.Read(make([]byte, min(size, len(text))))
			if err != nil {
				t.Fatal(err)
			}
			text = text[n:]
		}
		if _, ok := far.Head(fmt.Sprintf("GET /%d HTTP/1.1", i), http.Header{"N": {fmt.Sprint(i)}}); !ok {
			t.Fatalf("message %d was not heard", i)
		}
	}
}
