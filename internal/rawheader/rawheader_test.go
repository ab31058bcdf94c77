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

// connect returns both ends of a connection; the second one records.
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
		input string
		want  [][2]string
	}{
		"alone":                       {good, lines},
		"with its body":               {good + strings.Repeat("x", 4096), lines},
		"after another":               {head("A: 3\r\n") + good, lines},
		"after many bytes":            {strings.Repeat("y", 100<<10) + good, lines},
		"before many bytes":           {good + strings.Repeat("x", 100<<10), nil},
		"empty":                       {"", nil},
		"another message":             {strings.Replace(good, "/", "/other", 1), nil},
		"incomplete":                  {strings.TrimSuffix(good, "\r\n"), nil},
		"an additional header":        {head("A: 1\r\nA: 2\r\nX-B:\r\nC: 3\r\n"), nil},
		"a missing header":            {head("A: 1\r\nX-B:\r\n"), nil},
		"another value":               {head("A: 1\r\nA: 3\r\nX-B:\r\n"), nil},
		"a line that is not a header": {head("A: 1\r\nA: 2\r\nX-B:\r\nnothing\r\n"), nil},
		"a similar head in its body":  {good + head("A: 3\r\n"), nil},
		"obsolete folding":            {head("A: 1\r\n  more\r\nA: 2\r\nX-B:\r\n"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			near, far := connect(t)
			var wrote sync.WaitGroup
			defer wrote.Wait()
			wrote.Go(func() { io.WriteString(near, c.input) }) //nolint:errcheck // a failed write fails the read
			if _, err := io.ReadFull(far, make([]byte, len(c.input))); err != nil {
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
			if kept := cap(far.tail); kept > 4*window {
				t.Errorf("%d bytes are kept", kept)
			}
		})
	}
}

// The result does not depend on the sizes of reads.
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
			t.Fatalf("message %d was not found", i)
		}
	}
}
