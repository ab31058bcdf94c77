package webhook

import (
	"bufio"
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	long  = 20 * time.Second       // never reached unless something is broken
	short = 100 * time.Millisecond // always reached
)

func newSender(t *testing.T) *Sender {
	t.Helper()
	s := NewSender(Policy{}, "idmock/test")
	s.container = false
	t.Cleanup(s.Close)
	return s
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// raw calls play for each connection once the request's header was read, and closes it afterwards.
func raw(t *testing.T, play func(net.Conn)) string {
	t.Helper()
	return accept(t, func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			play(c)
		}
	})
}

func accept(t *testing.T, play func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			play(c)
			c.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

func TestSendAccepted(t *testing.T) {
	type seen struct {
		method, path, host string
		body               []byte
		agent              []string
	}
	got := make(chan seen, 1)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- seen{r.Method, r.URL.String(), r.Host, body, r.Header["User-Agent"]}
		w.Header().Set("X-Received", "yes")
		io.WriteString(w, `{"ok":true}`)
	})
	body := []byte("{ \"exact\" :\t\"bytes\" }\n")
	a := newSender(t).Send(t.Context(), 3, Message{URL: url + "/hook?a=b", Body: body, Timeout: long, Header: []Header{
		{"x-signature", "abc"}, {"Content-Type", "application/json"}, {"X-Many", "1"}, {"X-Many", "2"}, {"content-length", "999"},
	}})
	host := strings.TrimPrefix(url, "http://")
	want := seen{"POST", "/hook?a=b", host, body, []string{"idmock/test"}}
	if diff := cmp.Diff(want, <-got, cmp.AllowUnexported(seen{})); diff != "" {
		t.Error(diff)
	}
	if !a.Accepted || a.Class != OK || a.N != 3 || a.Error != "" || a.Hint != "" || a.Sent.IsZero() {
		t.Errorf("attempt: %+v", a)
	}
	wantRequest := Request{Method: "POST", URL: url + "/hook?a=b", Body: body, Size: len(body), Header: []Header{
		{"Host", host}, {"User-Agent", "idmock/test"}, {"Content-Length", "22"},
		{"Content-Type", "application/json"}, {"X-Many", "1"}, {"X-Many", "2"}, {"x-signature", "abc"},
	}}
	if diff := cmp.Diff(wantRequest, a.Request); diff != "" {
		t.Error(diff)
	}
	if r := a.Response; r.Status != 200 || string(r.Body) != `{"ok":true}` || r.Size != 11 || r.Truncated || find(r.Header, "X-Received") != "yes" {
		t.Errorf("response: %+v", r)
	}
	p := a.Phases
	if p.Connect <= 0 || p.Wait <= 0 || p.DNS != 0 || p.TLS != 0 || p.Connect+p.Write+p.Wait+p.Read > p.Total {
		t.Errorf("phases: %+v", p)
	}
}

// An attempt records the exact bytes on the wire.
func TestSendRecordsTheWire(t *testing.T) {
	wire := make(chan string, 1)
	url := accept(t, func(c net.Conn) {
		buf := make([]byte, 4096)
		var received []byte
		for !bytes.HasSuffix(received, []byte("<end>")) {
			n, err := c.Read(buf)
			if err != nil {
				break
			}
			received = append(received, buf[:n]...)
		}
		wire <- string(received)
		io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
	})
	a := newSender(t).Send(t.Context(), 1, Message{URL: url, Body: []byte("body<end>"), Timeout: long, Header: []Header{
		{"user-agent", "own/1"}, {"Host", "hooks.example"}, {"X-sIGN", "v1=a"}, {"Authorization", "Bearer x"},
	}})
	if !a.Accepted {
		t.Fatalf("attempt: %+v", a)
	}
	var b strings.Builder
	b.WriteString("POST / HTTP/1.1\r\n")
	for _, h := range a.Request.Header {
		b.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	b.WriteString("\r\n" + string(a.Request.Body))
	got := <-wire
	if got != b.String() {
		t.Errorf("sent %q, recorded %q", got, b.String())
	}
	for _, line := range []string{"Host: hooks.example\r\n", "X-sIGN: v1=a\r\n", "user-agent: own/1\r\n", "Content-Length: 9\r\n"} {
		if !strings.Contains(got, line) {
			t.Errorf("%q is missing in %q", line, got)
		}
	}
	if strings.Count(strings.ToLower(got), "user-agent") != 1 {
		t.Errorf("two agents in %q", got)
	}
}

// Response headers are recorded in their original order and spelling.
func TestResponseHeadersInWireOrder(t *testing.T) {
	url := raw(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 202 \r\nx-b: 2\r\nA: 1\r\nset-cookie: a=b\r\nTransfer-encoding: chunked\r\nSet-Cookie: c=d\r\n\r\n0\r\n\r\n") // an error shows in the attempt
	})
	a := newSender(t).Send(t.Context(), 1, Message{URL: url, Timeout: long})
	if a.Response == nil {
		t.Fatal(a.Error)
	}
	want := []Header{{"x-b", "2"}, {"A", "1"}, {"set-cookie", "a=b"}, {"Transfer-encoding", "chunked"}, {"Set-Cookie", "c=d"}}
	if diff := cmp.Diff(want, a.Response.Header); diff != "" {
		t.Error(diff)
	}
}

func TestSendStatus(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/302":
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		case "/404":
			http.NotFound(w, r)
		case "/500":
			http.Error(w, "no", http.StatusInternalServerError)
		case "/204":
			w.WriteHeader(http.StatusNoContent)
		default:
			t.Errorf("unexpected request for %s", r.URL)
		}
	})
	only200, err := ParseAccept([]string{"200"})
	if err != nil {
		t.Fatal(err)
	}
	with302, err := ParseAccept([]string{"2xx", "302"})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		path   string
		accept Accept
		class  Class
		error  string
		hint   string
	}{
		{"/204", Accept{}, OK, "", ""},
		{"/204", only200, Status, "responded with 204 No Content", ""},
		{"/500", Accept{}, Status, "responded with 500 Internal Server Error", ""},
		{"/404", Accept{}, Status, "responded with 404 Not Found", "path"},
		{"/302", Accept{}, Redirect, "responded with 302 Found to /elsewhere", "not followed"},
		{"/302", with302, OK, "", ""},
	}
	s := newSender(t)
	for _, tt := range tests {
		a := s.Send(t.Context(), 1, Message{URL: url + tt.path, Body: []byte("{}"), Timeout: long, Accept: tt.accept})
		if a.Class != tt.class || a.Accepted != (tt.class == OK) || a.Error != tt.error || !strings.Contains(a.Hint, tt.hint) || a.Response == nil {
			t.Errorf("%s: %+v", tt.path, a)
		}
	}
}

func TestSendMalformed(t *testing.T) {
	s := newSender(t)
	for _, url := range []string{"", "nonsense", "localhost:8080/hook", "ftp://127.0.0.1/", "http://", "http://:80/", "http://127.0.0.1:99999/", "http://127.0.0.1:0/", "http://[::1/", "http://a b/", "http://%zz/", "\x7f"} {
		a := s.Send(t.Context(), 1, Message{URL: url, Header: []Header{{"A", "b"}}})
		if a.Class != Malformed || a.Accepted || a.Error == "" || !strings.Contains(a.Hint, "http://127.0.0.1:3000") || a.Response != nil || a.Phases.Total <= 0 {
			t.Errorf("%q: %+v", url, a)
		}
	}
	for _, h := range []Header{{"Bad Name", "x"}, {"X", "line\r\nbreak"}, {"", "x"}} {
		a := s.Send(t.Context(), 1, Message{URL: "http://127.0.0.1:9/", Header: []Header{h}, Timeout: long})
		if a.Class != Malformed || a.Error == "" {
			t.Errorf("%q: %+v", h, a)
		}
	}
}

func TestSendLargeResponse(t *testing.T) {
	const size = 100 << 10
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/endless" {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 32<<10)); err != nil {
					return
				}
			}
		}
		w.Write(bytes.Repeat([]byte("x"), size))
	})
	s := newSender(t)
	a := s.Send(t.Context(), 1, Message{URL: url, Timeout: long})
	if r := a.Response; !a.Accepted || r.Size != size || len(r.Body) != keepBody || !r.Truncated {
		t.Errorf("attempt: %v, kept %d of %d", a.Class, len(a.Response.Body), a.Response.Size)
	}
	a = s.Send(t.Context(), 2, Message{URL: url + "/endless", Timeout: long})
	if r := a.Response; !a.Accepted || r.Size != keepBody+drainBody || len(r.Body) != keepBody || !r.Truncated {
		t.Errorf("attempt: %v, kept %d of %d", a.Class, len(a.Response.Body), a.Response.Size)
	}
}

func TestReadUpToLimit(t *testing.T) {
	for _, size := range []int{0, 1, 511, 512, 513, 1000} {
		for _, expected := range []int{-1, 0, size} {
			body, err := readUpTo(strings.NewReader(strings.Repeat("x", size)), 600, expected)
			if len(body) != min(size, 600) || (err == nil) != (size >= 600) {
				t.Errorf("%d bytes: read %d, %v", size, len(body), err)
			}
		}
	}
}

func TestSendKeepsAlive(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.RemoteAddr) })
	s := newSender(t)
	first := s.Send(t.Context(), 1, Message{URL: url, Body: []byte("1"), Timeout: long})
	second := s.Send(t.Context(), 1, Message{URL: url, Body: []byte("2"), Timeout: long})
	if string(first.Response.Body) != string(second.Response.Body) {
		t.Errorf("from %s, then from %s", first.Response.Body, second.Response.Body)
	}
	if first.Phases.Connect <= 0 || second.Phases.Connect != 0 || second.Phases.Wait <= 0 {
		t.Errorf("phases: %+v, then %+v", first.Phases, second.Phases)
	}
}

func TestSendTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) }))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	defer server.Close()

	s := newSender(t)
	a := s.Send(t.Context(), 1, Message{URL: server.URL, Timeout: long})
	if a.Class != TLS || !strings.Contains(a.Error, "unknown authority") || !strings.Contains(a.Hint, "SSL_CERT_FILE") || a.Phases.TLS <= 0 {
		t.Errorf("unknown CA: %+v", a)
	}
	a = s.Send(t.Context(), 1, Message{URL: strings.Replace(server.URL, "https", "http", 1), Timeout: long})
	if a.Class != Status || a.Response.Status != 400 {
		t.Errorf("http to https: %+v", a)
	}
	trust(s, server)
	a = s.Send(t.Context(), 1, Message{URL: server.URL, Timeout: long, Header: []Header{{"X-Sign", "1"}}, Body: []byte("{}")})
	if !a.Accepted || string(a.Response.Body) != "HTTP/2.0" || a.Phases.TLS <= 0 {
		t.Errorf("known CA: %+v", a)
	}
	host := strings.TrimPrefix(server.URL, "https://")
	if find(a.Request.Header, "Host") != host || find(a.Request.Header, "x-sign") != "1" {
		t.Errorf("header: %v", a.Request.Header)
	}
	a = s.Send(t.Context(), 1, Message{URL: "https://localhost" + host[strings.LastIndex(host, ":"):], Timeout: long})
	if a.Class != TLS || !strings.Contains(a.Hint, "another name") {
		t.Errorf("wrong name: %+v", a)
	}
}

func trust(s *Sender, server *httptest.Server) {
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	config := server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	config.RootCAs = roots
	config.NextProtos = nil
	s.transport = s.transport.Clone()
	s.transport.TLSClientConfig = config
}

func TestSendCanceled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan struct{})
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		cancel(errors.New("server stops"))
		<-done
	})
	defer close(done)
	a := newSender(t).Send(ctx, 1, Message{URL: url, Timeout: long})
	if a.Class != Canceled || a.Error != "canceled: server stops" || a.Response != nil {
		t.Errorf("attempt: %+v", a)
	}
	a = newSender(t).Send(ctx, 2, Message{URL: url, Timeout: long})
	if a.Class != Canceled {
		t.Errorf("canceled before: %+v", a)
	}
}
