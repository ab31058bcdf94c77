package webhook

import (
	"crypto/tls"
	"net/http/httptrace"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/idmock/idmock/internal/rawheader"
)

// exchange traces one attempt. net/http calls its hooks from several goroutines, some of them after the attempt has ended
// (an abandoned dial, for instance), hence the lock, and hence no pool of exchanges.
type exchange struct {
	start time.Time
	trace httptrace.ClientTrace

	mu     sync.Mutex
	done   bool
	header []Header
	conn   *rawheader.Conn // nil if raw headers are not available
	remote netip.AddrPort
	// Times since start, 0 for an event that did not happen.
	requested, dnsStart, dnsDone, dialStart, dialDone, tlsStart, tlsDone, connected, wrote, firstByte time.Duration

	reused bool
}

// progress is the trace of a finished exchange.
type progress struct {
	phases    Phases
	header    []Header // as written
	remote    netip.AddrPort
	requested bool // the request was valid and a connection requested
	connected bool
	securing  bool // the TLS handshake did not finish
	responded bool
	reused    bool // sent on a kept-alive connection
}

func newExchange(start time.Time, headers int) *exchange {
	x := &exchange{start: start, header: make([]Header, 0, headers)}
	x.trace = httptrace.ClientTrace{
		GetConn:              func(string) { x.retry() },
		DNSStart:             func(httptrace.DNSStartInfo) { x.mark(&x.dnsStart) },
		DNSDone:              func(httptrace.DNSDoneInfo) { x.mark(&x.dnsDone) },
		ConnectStart:         x.connectStart,
		ConnectDone:          x.connectDone,
		TLSHandshakeStart:    func() { x.mark(&x.tlsStart) },
		TLSHandshakeDone:     x.handshakeDone,
		GotConn:              x.gotConn,
		WroteHeaderField:     x.wroteField,
		WroteRequest:         x.wroteRequest,
		GotFirstResponseByte: func() { x.mark(&x.firstByte) },
	}
	return x
}

// mark records the time of an event's first occurrence.
func (x *exchange) mark(event *time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if *event == 0 && !x.done {
		*event = time.Since(x.start)
	}
}

// retry resets the trace if net/http replaces a stale connection before sending anything on it.
func (x *exchange) retry() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.requested != 0 && !x.done {
		x.header = x.header[:0]
		x.connected, x.wrote, x.firstByte = 0, 0, 0
	}
	x.requested = max(1, time.Since(x.start))
}

func (x *exchange) connectStart(_, address string) {
	x.mark(&x.dialStart)
	x.setRemote(address)
}

// setRemote records an address being tried.
func (x *exchange) setRemote(address string) {
	remote, err := netip.ParseAddrPort(address)
	x.mu.Lock()
	defer x.mu.Unlock()
	if err == nil && !x.done && x.connected == 0 {
		x.remote = netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port())
	}
}

func (x *exchange) connectDone(_, _ string, err error) {
	if err == nil { // one of several addresses is enough
		x.mark(&x.dialDone)
	}
}

func (x *exchange) handshakeDone(_ tls.ConnectionState, err error) {
	if err == nil {
		x.mark(&x.tlsDone)
	}
}

func (x *exchange) gotConn(info httptrace.GotConnInfo) {
	if info.Conn == nil {
		return // net/http also calls this without a connection
	}
	x.setRemote(info.Conn.RemoteAddr().String()) // the one that succeeded, of several tried
	x.mark(&x.connected)
	x.mu.Lock()
	x.reused = info.Reused
	x.conn, _ = info.Conn.(*rawheader.Conn)
	x.mu.Unlock()
}

// rawConn returns the connection of the response; nil if raw headers are not available.
func (x *exchange) rawConn() *rawheader.Conn {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.conn
}

func (x *exchange) wroteRequest(info httptrace.WroteRequestInfo) {
	if info.Err == nil {
		x.mark(&x.wrote)
	}
}

func (x *exchange) wroteField(name string, values []string) {
	if name == ":authority" {
		name = "Host"
	}
	if strings.HasPrefix(name, ":") {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.done {
		return
	}
	for _, value := range values {
		x.header = append(x.header, Header{name, value})
	}
}

// finish returns the trace and ignores later events.
func (x *exchange) finish() progress {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.done = true
	end := time.Since(x.start)
	p := progress{
		header: x.header, remote: x.remote, requested: x.requested != 0, connected: x.connected != 0, responded: x.firstByte != 0, reused: x.reused,
		securing: x.tlsStart != 0 && x.tlsDone == 0 && x.connected == 0,
		phases:   Phases{Total: end},
	}
	ready := x.connected
	if ready == 0 {
		ready = end
	}
	if !x.reused {
		p.phases.DNS = span(x.dnsStart, x.dnsDone, ready)
		p.phases.Connect = span(x.dialStart, x.dialDone, ready)
		p.phases.TLS = span(x.tlsStart, x.tlsDone, ready)
	}
	wrote := x.wrote
	if x.firstByte != 0 && (wrote == 0 || wrote > x.firstByte) {
		wrote = x.firstByte // the response arrived before the request was written completely
	}
	p.phases.Write = span(x.connected, wrote, end)
	p.phases.Wait = span(wrote, x.firstByte, end)
	p.phases.Read = span(x.firstByte, end, end)
	return p
}

// span returns the time between two events: 0 if the first did not happen, up to end if the second did not.
func span(from, to, end time.Duration) time.Duration {
	if from == 0 {
		return 0
	}
	if to == 0 || to > end {
		to = end
	}
	return max(0, to-from)
}
