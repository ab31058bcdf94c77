package wire

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

// transports are the ways to the receiver other than HTTP/1.1 over the URL's own address.
var transports = map[string]func(*Target, context.Context, *Request) Response{
	"ipv6":  (*Target).overIPv6,
	"http2": (*Target).overHTTP2,
}

// HasTransport reports whether requests can be sent over a transport of this name.
func HasTransport(name string) bool { return transports[name] != nil }

// SendOver sends a request over the transport that it names.
func (t *Target) SendOver(ctx context.Context, r *Request) Response {
	return transports[r.Transport](t, ctx, r)
}

// NamesHost reports whether the host of a URL is a name rather than an IP address.
func NamesHost(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	_, err = netip.ParseAddr(u.Hostname())
	return err != nil
}

// overIPv6 sends to the IPv6 address of the receiver's name. localhost is ::1, whatever the hosts file says.
func (t *Target) overIPv6(ctx context.Context, r *Request) Response {
	addr := t.addr
	if host, port, err := net.SplitHostPort(addr); err == nil && strings.EqualFold(host, "localhost") {
		addr = net.JoinHostPort("::1", port)
	}
	c, err := t.dial(ctx, "tcp6", addr, nil)
	var noAddress *net.AddrError
	var notFound *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EAFNOSUPPORT):
		return Response{Untestable: "this machine has no IPv6: " + err.Error()}
	case errors.As(err, &noAddress), errors.As(err, &notFound):
		return Response{Err: fmt.Errorf("%s has no IPv6 address", t.URL.Hostname())}
	case err != nil:
		return Response{Err: fmt.Errorf("cannot connect over IPv6: %w", err)}
	}
	defer c.Close()
	return t.exchange(ctx, c, r)
}

// overHTTP2 sends over HTTP/2 only, which has header names in lower case and no status line.
func (t *Target) overHTTP2(ctx context.Context, r *Request) Response {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	start := time.Now()
	transport := &http.Transport{Protocols: new(http.Protocols), TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: t.Roots, ServerName: t.URL.Hostname()}}
	transport.Protocols.SetHTTP2(true)
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, r.Method, t.URL.Scheme+"://"+t.URL.Host+r.Target, bytes.NewReader(r.Body))
	if err != nil {
		return Response{Err: err}
	}
	for _, h := range r.Header {
		if !strings.EqualFold(h[0], "Host") {
			req.Header.Add(h[0], h[1])
		}
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return Response{Err: fmt.Errorf("no response over HTTP/2: %w", err), Took: time.Since(start), Closed: true}
	}
	defer resp.Body.Close()
	if resp.ProtoMajor != 2 {
		return Response{Err: fmt.Errorf("it speaks %s, not HTTP/2", resp.Proto), Took: time.Since(start)}
	}
	head, err := httputil.DumpResponse(resp, false)
	body, incomplete := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	got := Response{Status: resp.StatusCode, Header: resp.Header, Body: body, Raw: Clip(string(head)+string(body), keepBytes), Took: time.Since(start)}
	if err = errors.Join(err, incomplete); err != nil {
		got.Status, got.Err = 0, fmt.Errorf("the response is incomplete: %w", err)
	}
	return got
}
