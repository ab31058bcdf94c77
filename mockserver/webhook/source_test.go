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

// gate is a receiver that lets in one address, and notes who knocked.
type gate struct {
	open string

	mu      sync.Mutex
	knocked []string
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	g.mu.Lock()
	g.knocked = append(g.knocked, host)
	g.mu.Unlock()
	if host != g.open {
		w.WriteHeader(http.StatusForbidden)
	}
}

// What a receiver sees is the address that was chosen, connection kept alive or not, broken off or not, secured or not.
func TestSendFrom(t *testing.T) {
	g := &gate{open: "127.0.0.2"}
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
		{server.URL, addr("127.0.0.2"), nil, true, "127.0.0.2"}, // on the connection of the second
		{server.URL, netip.Addr{}, nil, false, "127.0.0.1"},     // on that of the first
		{secure.URL, addr("127.0.0.2"), nil, true, "127.0.0.2"},
		{server.URL, addr("127.0.0.2"), &Wire{Chunk: 1}, true, "127.0.0.2"},
	} {
		a := s.Send(t.Context(), 1, Message{URL: c.url, Body: []byte("{}"), Timeout: long, From: c.from, Wire: c.wire})
		if a.Accepted != c.accepted || a.From != c.from || a.Response == nil {
			t.Errorf("from %v: %+v", c.from, a)
		}
		if got := g.knocked[len(g.knocked)-1]; got != c.seen {
			t.Errorf("from %v: the receiver sees %s", c.from, got)
		}
	}
	if len(g.knocked) != 7 || slices.Contains(g.knocked, "") {
		t.Errorf("knocked: %v", g.knocked)
	}
}

func TestSendFromElsewhere(t *testing.T) {
	url := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("reached") })
	a := newSender(t).Send(t.Context(), 1, Message{URL: url, Timeout: long, From: netip.MustParseAddr("192.0.2.1")}) // nobody's: RFC 5737
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
