package receiver

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// ways are the ways to the receiver beside the usual one.
var ways = map[string]func(*play, *request) reply{
	"ipv6":  func(p *play, r *request) reply { return p.wire.overIPv6(p.ctx, r) },
	"http2": func(p *play, r *request) reply { return p.wire.overHTTP2(p.ctx, r) },
}

// named reports whether the host of a URL is a name.
func named(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	_, err = netip.ParseAddr(u.Hostname())
	return err != nil
}

// overIPv6 sends to the IPv6 address of the receiver's name. localhost has one, whatever the machine's files say.
func (t *wireTarget) overIPv6(ctx context.Context, r *request) reply {
	addr := t.addr
	if host, port, err := net.SplitHostPort(addr); err == nil && strings.EqualFold(host, "localhost") {
		addr = net.JoinHostPort("::1", port)
	}
	l, err := t.dialTo(ctx, "tcp6", addr, nil)
	var none *net.AddrError
	var unknown *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EAFNOSUPPORT):
		return reply{missing: "this machine has no IPv6: " + err.Error()}
	case errors.As(err, &none), errors.As(err, &unknown):
		return reply{err: fmt.Errorf("%s has no IPv6 address", t.url.Hostname())}
	case err != nil:
		return reply{err: fmt.Errorf("nobody answers over IPv6: %w", err)}
	}
	defer l.Close()
	return t.exchange(ctx, l, r)
}

// overHTTP2 sends by HTTP/2, and by nothing else, where header names are in small letters and there is no status line.
func (t *wireTarget) overHTTP2(ctx context.Context, r *request) reply {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	start := time.Now()
	transport := &http.Transport{Protocols: new(http.Protocols), TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: t.roots, ServerName: t.url.Hostname()}}
	transport.Protocols.SetHTTP2(true)
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, r.method, t.url.Scheme+"://"+t.url.Host+r.target, bytes.NewReader(r.body))
	if err != nil {
		return reply{err: err}
	}
	for _, h := range r.header {
		if !strings.EqualFold(h[0], "Host") {
			req.Header.Add(h[0], h[1])
		}
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return reply{err: fmt.Errorf("no answer by HTTP/2: %w", err), took: time.Since(start), closed: true}
	}
	defer resp.Body.Close()
	if resp.ProtoMajor != 2 {
		return reply{err: fmt.Errorf("it speaks %s, not HTTP/2", resp.Proto), took: time.Since(start)}
	}
	head, err := httputil.DumpResponse(resp, false)
	body, cut := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	made := reply{status: resp.StatusCode, header: resp.Header, body: body, raw: clip(string(head)+string(body), keepReply), took: time.Since(start)}
	if err = errors.Join(err, cut); err != nil {
		made.status, made.err = 0, fmt.Errorf("the answer breaks off: %w", err)
	}
	return made
}
