package webhook

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
)

// gate is a receiver that accepts one remote address and records all.
type gate struct {
	allowed string

	mu      sync.Mutex
	remotes []string
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	g.mu.Lock()
	g.remotes = append(g.remotes, host)
	g.mu.Unlock()
	if host != g.allowed {
		w.WriteHeader(http.StatusForbidden)
	}
}

// The receiver sees the chosen source address, with and without keep-alive, TLS and Wire.
func TestSendFrom(t *testing.T) {
	g := &gate{allowed: "127.0.0.2"}
	server, secure := httptest.NewServer(g), httptest.NewTLSServer(g)
	t.Cleanup(server.Close)
	t.Cleanup(secure.Close)
	s := newSender(t)
	s.transport.TLSClientConfig = secure.Client().Transport.(*http.Transport).TLSClientConfig
	addr := netip.MustParseAddr
	for _, c := range []struct {
		url      string
		from     netip.Addr
		wire     *Wire
		accepted bool
		seen     string
	}{
		{server.URL, netip.Addr{}, nil, false, "127.0.0.1"},
		{server.URL, addr("127.0.0.2"), nil, true, "127.0.0.2"},
		{server.URL, addr("127.0.0.3"), nil, false, "127.0.0.3"},
		{server.URL, addr("127.0.0.2"), nil, true, "127.0.0.2"}, // on the kept-alive connection of the second
		{server.URL, netip.Addr{}, nil, false, "127.0.0.1"},     // on the kept-alive connection of the first
		{secure.URL, addr("127.0.0.2"), nil, true, "127.0.0.2"},
		{server.URL, addr("127.0.0.2"), &Wire{Chunk: 1}, true, "127.0.0.2"},
	} {
		a := s.Send(t.Context(), 1, Message{URL: c.url, Body: []byte("{}"), Timeout: long, From: c.from, Wire: c.wire})
		if a.Accepted != c.accepted || a.From != c.from || a.Response == nil {
			t.Errorf("from %v: %+v", c.from, a)
		}
		if got := g.remotes[len(g.remotes)-1]; got != c.seen {
			t.Errorf("from %v: the receiver sees %s", c.from, got)
		}
	}
	if len(g.remotes) != 7 || slices.Contains(g.remotes, "") {
		t.Errorf("remote addresses: %v", g.remotes)
	}
}

func TestSendFromElsewhere(t *testing.T) {
	url := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("reached") })
	a := newSender(t).Send(t.Context(), 1, Message{URL: url, Timeout: long, From: netip.MustParseAddr("192.0.2.1")}) // reserved for documentation: RFC 5737
	if a.Class != Unreachable || !strings.Contains(a.Hint, "from 192.0.2.1") || a.From.String() != "192.0.2.1" {
		t.Errorf("%+v", a)
	}
}

func TestParseSource(t *testing.T) {
	for text, want := range map[string]string{"127.0.0.2": "127.0.0.2", "::1": "::1", "::ffff:127.0.0.9": "127.0.0.9",
		"": "", "localhost": "", "127.0.0.2:80": "", "0.0.0.0": "", "224.0.0.1": "", "fe80::1%eth0": ""} {
		got, err := ParseSource(text)
		if err == nil != (want != "") || want != "" && got.String() != want {
			t.Errorf("ParseSource(%q) = %v, %v", text, got, err)
		}
	}
}
