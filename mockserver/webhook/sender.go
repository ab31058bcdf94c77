package webhook

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/internal/rawheader"
)

const (
	keepBody  = 64 << 10  // bytes of a reply that are kept
	drainBody = 256 << 10 // bytes after them that are read and dropped, so that the connection can be used again
	// maxConnect ends a handshake that nobody waits for any more: net/http lets it go on when its request is gone.
	maxConnect = time.Minute
	// idle is shorter than the time after which common servers close a connection that they keep alive (2 s and up).
	// Above it, a request could meet the close on its way, and fail for no fault of the receiver's.
	idle = time.Second
)

var (
	errTimeout  = errors.New("attempt timed out")
	errCanceled = errors.New("canceled")
)

// Sender makes attempts. It is safe for concurrent use and keeps connections alive between attempts.
type Sender struct {
	// Rewrites lead attempts elsewhere. They are set before the first one. Where the connection to a host is led to another,
	// the policy's strictness is about neither: whoever runs the sender has chosen the other.
	Rewrites Rewrites
	// Resolver looks names up; nil is the system's. It is set before the first attempt.
	Resolver *net.Resolver

	agent     string
	policy    Policy
	transport *http.Transport
	sources   sources
	container bool // localhost is a container, not the machine that people mean
}

// NewSender returns a Sender that calls what the policy allows. A message with no User-Agent is sent with userAgent,
// for instance "idmock/1.2.0". No proxy is used, and certificates are checked against the system's roots.
func NewSender(policy Policy, userAgent string) *Sender {
	s := &Sender{agent: userAgent, policy: policy, container: inContainer()}
	s.transport = s.transporting(nil)
	return s
}

// transporting returns a transport that calls from an address of this machine; nil leaves it to the system which.
func (s *Sender) transporting(from net.Addr) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			// The context of a dial does not end with its request's. A deadline is put back, so that a host
			// that never answers costs nothing afterwards. It is late enough to leave the verdict to Send.
			if deadline, ok := ctx.Value(deadlineKey{}).(time.Time); ok {
				var cancel context.CancelFunc
				ctx, cancel = context.WithDeadline(ctx, deadline.Add(time.Second))
				defer cancel()
			}
			policy, led := s.policy, s.Rewrites.dial(address)
			if led != address {
				policy = Policy{}
			}
			if policy.Strict {
				if err := policy.names(ctx, s.Resolver, address); err != nil {
					return nil, err
				}
			}
			dialer := &net.Dialer{ControlContext: policy.control, LocalAddr: from, Resolver: s.Resolver}
			c, err := dialer.DialContext(ctx, network, led)
			if tcp, ok := c.(*net.TCPConn); ok {
				return &rawheader.Conn{TCPConn: tcp}, nil
			}
			return c, err
		},
		TLSHandshakeTimeout:    maxConnect,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConns:           4096,
		MaxIdleConnsPerHost:    64,
		IdleConnTimeout:        idle,
		MaxResponseHeaderBytes: 256 << 10,
	}
}

// Dial opens a connection as an attempt would: where the policy lets it go, and where rewrites of hosts lead it.
func (s *Sender) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return (&net.Dialer{ControlContext: s.policy.control}).DialContext(ctx, network, s.Rewrites.dial(address))
}

// Close drops idle connections. Attempts under way are not touched: their contexts end them.
func (s *Sender) Close() {
	s.transport.CloseIdleConnections()
	s.sources.close()
}

// Send makes attempt number n of the message and returns when its outcome is known: at the latest when the message's
// timeout is over or ctx ends.
func (s *Sender) Send(ctx context.Context, n int, m Message) Attempt {
	start := time.Now()
	a := Attempt{N: n, Sent: start, Request: Request{Method: http.MethodPost, URL: m.URL, Body: m.Body}}
	if !s.Rewrites.none() {
		a.SentTo = s.Rewrites.sentTo(m.URL)
		m.URL = s.Rewrites.url(m.URL)
	}
	timeout := m.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	req, err := s.request(m)
	if err != nil {
		a.Request.Header = slices.Clone(m.Header)
		a.Phases.Total = time.Since(start)
		a.Class, a.Error, a.Hint = Malformed, err.Error(), urlHint(m.URL)
		return a
	}
	deadline := start.Add(timeout)
	ctx, cancel := context.WithDeadlineCause(ctx, deadline, errTimeout)
	defer cancel()
	x := newExchange(start, len(m.Header)+4)
	req = req.WithContext(httptrace.WithClientTrace(context.WithValue(ctx, deadlineKey{}, deadline), &x.trace))

	transport, cut := s.transport, (*atomic.Bool)(nil)
	if m.From.IsValid() {
		a.From, transport = m.From, s.from(m.From)
	}
	if m.Wire != nil {
		transport, cut = s.wired(transport, m.Wire, len(m.Body))
		defer transport.CloseIdleConnections()
	}
	resp, err := transport.RoundTrip(req)
	if resp != nil {
		a.Response, err = read(resp, x.heard())
	}
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause // what net/http says of a context that ended depends on where it noticed
		if cause != errTimeout {
			err = fmt.Errorf("%w: %w", errCanceled, cause)
		}
	}
	if err != nil && cut != nil && cut.Load() && !errors.Is(err, errCanceled) {
		err = errCut // whatever it looks like from here
	}
	progress := x.finish()
	a.Phases, a.Remote = progress.phases, progress.remote
	a.Request.Header = progress.header
	if len(a.Request.Header) == 0 {
		a.Request.Header = planned(req, m)
	}
	s.judge(&a, m, err, progress, timeout)
	return a
}

type deadlineKey struct{}

// inContainer looks for the marks that Docker and Podman leave in a container's root.
func inContainer() bool {
	for _, mark := range []string{"/.dockerenv", "/run/.containerenv"} {
		if _, err := os.Stat(mark); err == nil {
			return true
		}
	}
	return false
}
