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

// exchange watches one attempt. net/http calls the hooks from several goroutines, some of them after the attempt is
// over (a dial that nobody waits for any more), hence the lock, and hence no pool of exchanges.
type exchange struct {
	start time.Time
	trace httptrace.ClientTrace

	mu     sync.Mutex
	done   bool
	header []Header
	conn   *rawheader.Conn // nil where nothing is heard
	remote netip.AddrPort
	// Each is the time since start, or 0 if it did not happen.
	asked, lookup, resolved, dial, dialed, shake, shook, connected, wrote, replied time.Duration

	reused bool
}

// progress is what an exchange saw by its end.
type progress struct {
	phases    Phases
	header    []Header // as written
	remote    netip.AddrPort
	asked     bool // the request was fit to be sent
	connected bool
	securing  bool // began to agree on TLS, and did not come to the end of it
	replied   bool
	reused    bool // sent on a connection that was kept alive
}

func newExchange(start time.Time, headers int) *exchange {
	x := &exchange{start: start, header: make([]Header, 0, headers)}
	x.trace = httptrace.ClientTrace{
		GetConn:              func(string) { x.retry() },
		DNSStart:             func(httptrace.DNSStartInfo) { x.mark(&x.lookup) },
		DNSDone:              func(httptrace.DNSDoneInfo) { x.mark(&x.resolved) },
		ConnectStart:         x.connectStart,
		ConnectDone:          x.connectDone,
		TLSHandshakeStart:    func() { x.mark(&x.shake) },
		TLSHandshakeDone:     x.handshakeDone,
		GotConn:              x.gotConn,
		WroteHeaderField:     x.wroteField,
		WroteRequest:         x.wroteRequest,
		GotFirstResponseByte: func() { x.mark(&x.replied) },
	}
	return x
}

// mark notes the time of an event's first occurrence.
func (x *exchange) mark(event *time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if *event == 0 && !x.done {
		*event = time.Since(x.start)
	}
}

// retry forgets a connection that turned out to be stale before it took a byte.
func (x *exchange) retry() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.asked != 0 && !x.done {
		x.header = x.header[:0]
		x.connected, x.wrote, x.replied = 0, 0, 0
	}
	x.asked = max(1, time.Since(x.start))
}

func (x *exchange) connectStart(_, address string) {
	x.mark(&x.dial)
	x.at(address)
}

// at notes an address that is tried.
func (x *exchange) at(address string) {
	remote, err := netip.ParseAddrPort(address)
	x.mu.Lock()
	defer x.mu.Unlock()
	if err == nil && !x.done && x.connected == 0 {
		x.remote = netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port())
	}
}

func (x *exchange) connectDone(_, _ string, err error) {
	if err == nil { // of several addresses, one is enough
		x.mark(&x.dialed)
	}
}

func (x *exchange) handshakeDone(_ tls.ConnectionState, err error) {
	if err == nil {
		x.mark(&x.shook)
	}
}

func (x *exchange) gotConn(info httptrace.GotConnInfo) {
	if info.Conn == nil {
		return // net/http also says so when it got none
	}
	x.at(info.Conn.RemoteAddr().String()) // of several that were tried, the one that it is
	x.mark(&x.connected)
	x.mu.Lock()
	x.reused = info.Reused
	x.conn, _ = info.Conn.(*rawheader.Conn)
	x.mu.Unlock()
}

// heard is the connection that the reply came over; nil where nothing is heard.
func (x *exchange) heard() *rawheader.Conn {
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

// finish says what was seen. Later events are not noted.
func (x *exchange) finish() progress {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.done = true
	end := time.Since(x.start)
	p := progress{
		header: x.header, remote: x.remote, asked: x.asked != 0, connected: x.connected != 0, replied: x.replied != 0, reused: x.reused,
		securing: x.shake != 0 && x.shook == 0 && x.connected == 0,
		phases:   Phases{Total: end},
	}
	ready := x.connected
	if ready == 0 {
		ready = end
	}
	if !x.reused {
		p.phases.DNS = span(x.lookup, x.resolved, ready)
		p.phases.Connect = span(x.dial, x.dialed, ready)
		p.phases.TLS = span(x.shake, x.shook, ready)
	}
	wrote := x.wrote
	if x.replied != 0 && (wrote == 0 || wrote > x.replied) {
		wrote = x.replied // the reply came before the request was read to its end
	}
	p.phases.Write = span(x.connected, wrote, end)
	p.phases.Wait = span(wrote, x.replied, end)
	p.phases.Read = span(x.replied, end, end)
	return p
}

// span is the time between two events: 0 if the first did not happen, up to end if the second did not.
func span(from, to, end time.Duration) time.Duration {
	if from == 0 {
		return 0
	}
	if to == 0 || to > end {
		to = end
	}
	return max(0, to-from)
}
