package webhook

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/dnstest"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func reset(c net.Conn) { c.(*net.TCPConn).SetLinger(0) }

func TestSendFailure(t *testing.T) {
	done := make(chan struct{})
	silent := func(net.Conn) { <-done }
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	tests := []struct {
		name    string
		url     string
		timeout time.Duration
		class   Class
		error   string
		hint    string
		status  int
		body    string
	}{
		{
			name: "closed port", url: "http://" + closedPort(t),
			class: Refused, error: "connection refused", hint: "nothing listens on 127.0.0.1:",
		},
		{
			name: "reset", url: raw(t, reset),
			class: Reset, error: "reset", hint: "without a response",
		},
		{
			name: "closed", url: raw(t, func(net.Conn) {}),
			class: Closed, error: "EOF", hint: "without a response",
		},
		{
			name: "half a header", url: raw(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n") }),
			class: Closed, error: "EOF", hint: "without a response",
		},
		{
			name: "half a body", url: raw(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf") }),
			class: Closed, error: "unexpected EOF", hint: "middle of its response", status: 200, body: "half",
		},
		{
			name: "reset in the body", url: raw(t, func(c net.Conn) {
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
				reset(c)
			}),
			class: Reset, error: "reset", hint: "",
		},
		{
			name: "half a chunk", url: raw(t, func(c net.Conn) {
				io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf")
			}),
			class: Closed, error: "unexpected EOF", hint: "middle of its response", status: 200, body: "half",
		},
		{
			name: "bad chunk", url: raw(t, func(c net.Conn) {
				io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
			}),
			class: Malformed, error: "chunk", status: 200,
		},
		{
			name: "garbage", url: raw(t, func(c net.Conn) { io.WriteString(c, "SSH-2.0-OpenSSH_9.9\r\n") }),
			class: Malformed, error: "malformed HTTP",
		},
		{
			name: "garbage header", url: raw(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nno colon\r\n\r\n") }),
			class: Malformed, error: "malformed MIME header",
		},
		{
			name: "TLS behind http", url: raw(t, func(c net.Conn) { io.WriteString(c, "\x15\x03\x01\x00\x02\x02\x16\r\n") }),
			class: Malformed, error: "malformed", hint: "https://",
		},
		{
			name: "http behind https", url: strings.Replace(plain, "http", "https", 1),
			class: TLS, error: "does not look like a TLS handshake", hint: "http://",
		},
		{
			name: "no such name", url: "http://receiver.invalid/",
			class: DNS, error: "receiver.invalid", hint: "spelling",
		},
		{
			name: "metadata", url: "http://169.254.169.254/latest/meta-data",
			class: Blocked, error: "metadata address", hint: "loopback, private or public",
		},
		{
			name: "unspecified", url: "http://0.0.0.0:80/",
			class: Blocked, error: "unspecified", hint: "127.0.0.1",
		},
		{
			name: "mapped link-local", url: "http://[::ffff:169.254.1.1]/",
			class: Blocked, error: "link-local",
		},
		{
			name: "slow to respond", url: raw(t, silent), timeout: short,
			class: Timeout, error: "no response within 100ms", hint: "too slow",
		},
		{
			name: "slow in its header", url: raw(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n"); <-done }), timeout: short,
			class: Timeout, error: "no response within 100ms", hint: "too slow",
		},
		{
			name: "slow in its body", url: raw(t, func(c net.Conn) {
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
				<-done
			}), timeout: short,
			class: Timeout, error: "incomplete after 100ms", hint: "too slow", status: 200, body: "half",
		},
		{
			name: "slow in TLS", url: strings.Replace(accept(t, silent), "http", "https", 1), timeout: short,
			class: ConnectTimeout, error: "no connection within 100ms", hint: "TLS handshake",
		},
	}
	t.Cleanup(func() { close(done) }) // after the parallel subtests, before the listeners wait for their connections
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			timeout := tt.timeout
			if timeout == 0 {
				timeout = long
			}
			start := time.Now()
			a := newSender(t).Send(t.Context(), 1, Message{URL: tt.url, Body: []byte("{}"), Timeout: timeout, Header: []Header{{"X-Sign", "1"}}})
			if elapsed := time.Since(start); elapsed > long {
				t.Errorf("took %v", elapsed)
			}
			if a.Accepted || a.Class != tt.class || !strings.Contains(a.Error, tt.error) || !strings.Contains(a.Hint, tt.hint) || strings.Contains(a.Error, "\n") {
				t.Errorf("accepted %v, class %s, error %q, hint %q", a.Accepted, a.Class, a.Error, a.Hint)
			}
			if tt.status != 0 && (a.Response == nil || a.Response.Status != tt.status || string(a.Response.Body) != tt.body) {
				t.Errorf("response: %+v", a.Response)
			}
			if find(a.Request.Header, "X-Sign") != "1" || find(a.Request.Header, "Content-Length") != "2" || find(a.Request.Header, "Host") == "" {
				t.Errorf("request: %v", a.Request.Header)
			}
			if p := a.Phases; p.Total <= 0 || p.DNS+p.Connect+p.TLS+p.Write+p.Wait+p.Read > p.Total {
				t.Errorf("phases: %+v", p)
			}
		})
	}
}

func TestSendStrict(t *testing.T) {
	s := NewSender(Policy{Strict: true}, "")
	defer s.Close()
	called := make(chan struct{}, 1)
	target := serve(t, func(http.ResponseWriter, *http.Request) { called <- struct{}{} })
	for _, u := range []string{target, strings.Replace(target, "127.0.0.1", "localhost", 1), strings.Replace(target, "127.0.0.1", "[::ffff:127.0.0.1]", 1)} {
		a := s.Send(t.Context(), 1, Message{URL: u, Timeout: long})
		if a.Class != Blocked || !strings.Contains(a.Error, "loopback") || !strings.Contains(a.Hint, "--targets") {
			t.Errorf("%s: %+v", u, a)
		}
	}
	if len(called) != 0 {
		t.Error("the receiver was reached")
	}
}

// The policy applies to the addresses that a name resolves to at each attempt; one forbidden address blocks it.
func TestSendStrictNames(t *testing.T) {
	names, err := dnstest.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer names.Close()
	s := NewSender(Policy{Strict: true}, "")
	defer s.Close()
	s.Resolver = dnstest.Resolver(names.Addr())
	called := make(chan struct{}, 1)
	u, err := url.Parse(serve(t, func(http.ResponseWriter, *http.Request) { called <- struct{}{} }))
	if err != nil {
		t.Fatal(err)
	}
	loopback, public := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("2001:4:112::1")
	for _, addrs := range [][]netip.Addr{{loopback}, {netip.MustParseAddr("::1")}, {public, loopback}, {netip.MustParseAddr("::ffff:127.0.0.1")}} {
		names.Set("hooks.test", addrs...)
		a := s.Send(t.Context(), 1, Message{URL: "http://hooks.test:" + u.Port(), Timeout: long})
		if a.Class != Blocked || !strings.Contains(a.Error, "loopback") || a.Remote.IsValid() || a.Phases.Connect > 0 {
			t.Errorf("%v: %+v", addrs, a)
		}
	}
	names.Set("hooks.test")
	if a := s.Send(t.Context(), 1, Message{URL: "http://hooks.test:" + u.Port(), Timeout: long}); a.Class != DNS {
		t.Errorf("no address: %+v", a)
	}
	if len(called) != 0 {
		t.Error("the receiver was reached")
	}
}

// The target of a rewrite, chosen by the operator, is exempt from Strict, but not from the addresses that are always
// forbidden.
func TestSendStrictRewritten(t *testing.T) {
	called := make(chan struct{}, 1)
	u, err := url.Parse(serve(t, func(http.ResponseWriter, *http.Request) { called <- struct{}{} }))
	if err != nil {
		t.Fatal(err)
	}
	s := NewSender(Policy{Strict: true}, "")
	defer s.Close()
	s.Rewrites = rewrites(t, "hooks.invalid", "127.0.0.1", "metadata.invalid", "169.254.169.254")
	a := s.Send(t.Context(), 1, Message{URL: "http://hooks.invalid:" + u.Port(), Timeout: long})
	if !a.Accepted || len(called) != 1 || a.Remote.String() != u.Host {
		t.Errorf("%+v", a)
	}
	for host, class := range map[string]Class{"127.0.0.1": Blocked, "metadata.invalid": Blocked} {
		if a := s.Send(t.Context(), 1, Message{URL: "http://" + host + ":" + u.Port(), Timeout: long}); a.Class != class {
			t.Errorf("%s: %+v", host, a)
		}
	}
}

// An attempt records the remote address, also for a kept-alive connection and a forbidden address.
func TestSendRecordsTheAddress(t *testing.T) {
	u, err := url.Parse(serve(t, func(http.ResponseWriter, *http.Request) {}))
	if err != nil {
		t.Fatal(err)
	}
	s := newSender(t)
	for range 2 {
		if a := s.Send(t.Context(), 1, Message{URL: "http://localhost:" + u.Port(), Timeout: long}); a.Remote.String() != u.Host {
			t.Errorf("connected to %v, want %s: %+v", a.Remote, u.Host, a)
		}
	}
	if a := s.Send(t.Context(), 1, Message{URL: "http://[::ffff:169.254.169.254]:80", Timeout: long}); a.Class != Blocked || a.Remote.String() != "169.254.169.254:80" {
		t.Errorf("%+v", a)
	}
}

// A request is not resent if the receiver read it and then closed a kept-alive connection.
func TestSendOnce(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 2 {
			panic(http.ErrAbortHandler)
		}
	}))
	server.Start()
	defer server.Close()
	s := newSender(t)
	m := Message{URL: server.URL, Body: []byte("{}"), Timeout: long, Header: []Header{{"Idempotency-Key", "evt_1"}}}
	first, second := s.Send(t.Context(), 1, m), s.Send(t.Context(), 2, m)
	if first.Class != OK || second.Class != Closed || !strings.Contains(second.Hint, "kept-alive") || calls.Load() != 2 {
		t.Errorf("%s, then %s (%s) with %d calls", first.Class, second.Class, second.Hint, calls.Load())
	}
}

func TestHints(t *testing.T) {
	tests := []struct {
		container bool
		url, want string
	}{
		{false, "http://127.0.0.1:9/", "nothing listens on 127.0.0.1:9; start the receiver or change the URL"},
		{true, "http://127.0.0.1:9/x", "nothing listens on 127.0.0.1:9, which is this container itself; for a receiver on the host, register host.docker.internal:9 or start the server with --webhook-rewrite 127.0.0.1=host.docker.internal; for one in another container, use its name"},
		{true, "http://10.0.0.7:9/", "nothing listens on 10.0.0.7:9; start the receiver or change the URL"},
		{true, "http://host.docker.internal:9/", "nothing accepts connections at host.docker.internal:9; start the receiver on the host and listen on 0.0.0.0, not on 127.0.0.1 only"},
	}
	for _, tt := range tests {
		target, err := url.Parse(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		s := &Sender{container: tt.container}
		if got := s.refusedHint(target, io.EOF); got != tt.want {
			t.Errorf("%s: %s", tt.url, got)
		}
	}
	for _, tt := range []struct {
		container  bool
		host, want string
	}{
		{true, dockerHost, "host-gateway"}, {false, dockerHost, "use localhost"}, {true, "app", "same network"}, {false, "exmaple.com", "spelling"},
	} {
		s := &Sender{container: tt.container}
		if got := s.lookupHint(tt.host); !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s", tt.host, got)
		}
	}
}
