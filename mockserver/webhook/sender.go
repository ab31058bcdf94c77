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
	"syscall"
	"time"

	"github.com/idmock/idmock/internal/rawheader"
)

const (
	keepBody  = 64 << 10  // bytes of a response body that are kept
	drainBody = 256 << 10 // further bytes read and discarded, so that the connection can be reused
	// maxConnect ends abandoned TLS handshakes, which net/http continues after their request has ended.
	maxConnect = time.Minute
	// idle is shorter than the keep-alive timeout of common servers (2 s and up). With a longer one, a request could cross
	// with the close of its connection, and fail through no fault of the receiver.
	idle = time.Second
)

var (
	errTimeout  = errors.New("attempt timed out")
	errCanceled = errors.New("canceled")
	errLocal    = errors.New("this machine lacks resources for a connection")
)

// Sender sends attempts. It is safe for concurrent use and keeps connections alive between attempts.
type Sender struct {
	// Rewrites change the targets of attempts. Set it before the first attempt. Rewritten hosts are exempt from
	// Policy.Strict, since the operator chose them.
	Rewrites Rewrites
	// Resolver resolves host names; nil selects the system's. Set it before the first attempt.
	Resolver *net.Resolver
	// Connect, if not nil, opens the connections to some IP addresses in place of the network, such as those of receivers
	// in the same process. For other addresses it returns nil. Set it before the first attempt.
	Connect func(ctx context.Context, address string) (net.Conn, error)

	agent     string
	policy    Policy
	transport *http.Transport
	sources   sources
	container bool // running in a container, where localhost is not the host machine
}

// NewSender returns a Sender restricted by policy. Messages without a User-Agent are sent with userAgent, for instance
// "idmock/1.2.0". No proxy is used, and certificates are verified with the system's roots.
func NewSender(policy Policy, userAgent string) *Sender {
	s := &Sender{agent: userAgent, policy: policy, container: inContainer()}
	s.transport = s.newTransport(nil)
	return s
}

// newTransport returns a transport with a local address; nil lets the system choose.
func (s *Sender) newTransport(from net.Addr) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			// A dial's context does not end with its request's. Restore the deadline, so that an unresponsive host
			// does not keep the dial alive; a second later, so that Send reports the timeout.
			if deadline, ok := ctx.Value(deadlineKey{}).(time.Time); ok {
				var cancel context.CancelFunc
				ctx, cancel = context.WithDeadline(ctx, deadline.Add(time.Second))
				defer cancel()
			}
			policy, target := s.policy, s.Rewrites.dial(address)
			if target != address {
				policy = Policy{}
			}
			if policy.Strict {
				if err := policy.checkName(ctx, s.Resolver, address); err != nil {
					return nil, err
				}
			}
			dialer := &net.Dialer{ControlContext: policy.control, LocalAddr: from, Resolver: s.Resolver}
			c, err := s.connect(ctx, dialer, network, target)
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

// Dial opens a connection like an attempt does, subject to the policy and with rewritten hosts.
func (s *Sender) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return s.connect(ctx, &net.Dialer{ControlContext: s.policy.control}, network, s.Rewrites.dial(address))
}

// connect opens a connection with Connect, or else with a dialer. The dialer's control function applies to both.
func (s *Sender) connect(ctx context.Context, d *net.Dialer, network, address string) (net.Conn, error) {
	if s.Connect == nil {
		return d.DialContext(ctx, network, address)
	}
	c, err := s.Connect(ctx, address)
	switch {
	case err != nil:
		return nil, err
	case c == nil:
		return d.DialContext(ctx, network, address)
	}
	if err := d.ControlContext(ctx, network, address, nil); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Close closes idle connections. Attempts in progress end with their contexts.
func (s *Sender) Close() {
	s.transport.CloseIdleConnections()
	s.sources.close()
}

// Send sends attempt n of a message and returns its result, at the latest when the message's timeout expires or ctx ends.
func (s *Sender) Send(ctx context.Context, n int, m Message) Attempt {
	a := s.exchange(ctx, n, m)
	if !m.Follow {
		return a
	}
	return s.follow(ctx, a, m)
}

// Preview returns the request of a message, without sending it.
func (s *Sender) Preview(m Message) (Request, error) {
	req, err := s.request(m)
	if err != nil {
		return Request{}, err
	}
	return Request{Method: req.Method, URL: m.URL, Header: planned(req, m), Body: m.head(), Size: m.Size()}, nil
}

// exchange sends one request of attempt n and reads its response.
func (s *Sender) exchange(ctx context.Context, n int, m Message) Attempt {
	start := time.Now()
	a := Attempt{N: n, Sent: start, Request: Request{Method: m.method(), URL: m.URL, Body: m.head(), Size: m.Size()}}
	if !s.Rewrites.empty() {
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
		transport, cut = s.wireTransport(transport, m.Wire, m.Size())
		defer transport.CloseIdleConnections()
	}
	resp, lacked, err := roundTrip(ctx, transport, req)
	if resp != nil {
		a.Response, err = read(resp, x.rawConn())
	}
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause // net/http's error for an ended context depends on where it noticed
		if cause != errTimeout {
			err = fmt.Errorf("%w: %w", errCanceled, cause)
		}
	}
	if err != nil && cut != nil && cut.Load() && !errors.Is(err, errCanceled) {
		err = errCut // whatever error the receiver's reaction caused
	}
	progress := x.finish()
	if lacked != nil && !progress.connected && errors.Is(err, errTimeout) { // the time was this machine's to lose
		err = fmt.Errorf("%w: %w", errLocal, lacked)
	}
	a.Phases, a.Remote = progress.phases, progress.remote
	a.Request.Header = progress.header
	if len(a.Request.Header) == 0 {
		a.Request.Header = planned(req, m)
	}
	s.evaluate(&a, m, err, progress, timeout)
	return a
}

// localPause is the pause before another try when this machine lacked descriptors or ports: attempts that end free some.
const localPause = 100 * time.Millisecond

// roundTrip sends a request. Lack of resources on this machine is waited out: the receiver must not pay for it with a retry.
// lacked is the last error of that kind.
func roundTrip(ctx context.Context, transport *http.Transport, req *http.Request) (resp *http.Response, lacked, err error) {
	for {
		resp, err = transport.RoundTrip(req)
		if err == nil || !lacking(err, req) {
			return resp, lacked, err
		}
		lacked = err
		timer := time.NewTimer(localPause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, lacked, context.Cause(ctx)
		}
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, lacked, err
			}
		}
	}
}

// lacking reports whether no connection could be opened for lack of resources. Nothing of the request was sent then.
func lacking(err error, req *http.Request) bool {
	if req.Body != nil && req.GetBody == nil { // cannot be sent again
		return false
	}
	for _, errno := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

type deadlineKey struct{}

// inContainer reports whether the files that Docker and Podman create in containers exist.
func inContainer() bool {
	for _, file := range []string{"/.dockerenv", "/run/.containerenv"} {
		if _, err := os.Stat(file); err == nil {
			return true
		}
	}
	return false
}
