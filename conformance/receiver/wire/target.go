package wire

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"time"
)

const (
	dialTimeout = 8 * time.Second // a host with a full backlog drops SYNs; clients resend them after 1, 3 and 7 seconds
	keepBytes   = 64 << 10        // bytes of a response that are kept
	maxBody     = 8 << 20         // bytes of a response body that are read
)

// Target is the address that requests go to.
type Target struct {
	URL   *url.URL
	Roots *x509.CertPool // authorities of the receiver's certificate; nil: the system's
	// Open opens a connection. New sets a plain dialer.
	Open func(ctx context.Context, network, address string) (net.Conn, error)

	addr string
}

// New returns the target of a webhook URL. caFile holds the authority of its certificate in PEM; empty: the system's.
func New(raw, caFile string) (*Target, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf("invalid webhook URL %q: use one such as http://127.0.0.1:3000/webhooks", raw)
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	t := &Target{URL: u, addr: net.JoinHostPort(u.Hostname(), port), Open: (&net.Dialer{}).DialContext}
	if caFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("certificate authority: %w", err)
	}
	t.Roots = x509.NewCertPool()
	if !t.Roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("certificate authority: %s contains no certificate in PEM", caFile)
	}
	return t, nil
}

// Conn is one connection to the target.
type Conn struct {
	net.Conn
	in   *bufio.Reader
	raw  *bytes.Buffer
	uses int
}

// Dial opens a connection, with TLS for an https URL. config, if not nil, replaces the default of TLS 1.2 or newer.
func (t *Target) Dial(ctx context.Context, config *tls.Config) (*Conn, error) {
	return t.dial(ctx, "tcp", t.addr, config)
}

// dial opens a connection over a network, tcp or tcp6, to an address that may differ from the URL's.
func (t *Target) dial(ctx context.Context, network, addr string, config *tls.Config) (*Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, err := t.Open(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	if t.URL.Scheme == "https" {
		if config == nil {
			config = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		config = config.Clone()
		config.ServerName, config.RootCAs = t.URL.Hostname(), t.Roots
		secure := tls.Client(conn, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, fmt.Errorf("%w: %w", errHandshake, err)
		}
		conn = secure
	}
	c := &Conn{Conn: conn, raw: &bytes.Buffer{}}
	c.in = bufio.NewReader(io.TeeReader(conn, limited{c.raw, keepBytes}))
	return c, nil
}

// limited keeps the first bytes that are written and drops the rest.
type limited struct {
	*bytes.Buffer
	limit int
}

func (l limited) Write(b []byte) (int, error) {
	if room := l.limit - l.Len(); room > 0 {
		l.Buffer.Write(b[:min(room, len(b))])
	}
	return len(b), nil
}
