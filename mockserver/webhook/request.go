package webhook

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// request returns the request of a message, without a context.
func (s *Sender) request(m Message) (*http.Request, error) {
	target, err := parseTarget(m.URL)
	if err != nil {
		return nil, err
	}
	header := make(http.Header, len(m.Header)+2)
	values := make([]string, len(m.Header)) // backing array of all header values
	req := &http.Request{
		Method: m.method(), URL: target, Host: target.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	agent := s.agent
	for i, h := range m.Header {
		switch {
		case strings.EqualFold(h[0], "Host"):
			req.Host = h[1]
			continue
		case framing(h[0]):
			continue
		case strings.EqualFold(h[0], "User-Agent"):
			agent = "" // or net/http adds its own beside another spelling
		}
		values[i] = h[1]
		if sent, ok := header[h[0]]; ok {
			header[h[0]] = append(sent, h[1])
			continue
		}
		header[h[0]] = values[i : i+1 : i+1]
	}
	if _, ok := header["User-Agent"]; !ok {
		header["User-Agent"] = []string{agent}
	}
	if target.User != nil && header["Authorization"] == nil {
		password, _ := target.User.Password()
		req.SetBasicAuth(target.User.Username(), password)
	}
	if m.Size() == 0 {
		return req, nil
	}
	if m.Wire != nil && m.Wire.Chunk > 0 {
		req.ContentLength = -1
		req.Body = io.NopCloser(&chunks{m.open(), m.Wire.Chunk})
		return req, nil
	}
	req.ContentLength = int64(m.Size())
	req.Body = io.NopCloser(m.open())
	// With GetBody, net/http resends on a fresh connection if a stale one took no byte of the request. An idempotency key
	// makes it resend even if the receiver may have read everything: two requests in one attempt, one of them unrecorded.
	if header["Idempotency-Key"] == nil && header["X-Idempotency-Key"] == nil {
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(m.open()), nil }
	}
	return req, nil
}

func parseTarget(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("parse %q: scheme is %q, not http or https", raw, u.Scheme)
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("parse %q: no host", raw)
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, fmt.Errorf("parse %q: port %s is not between 1 and 65535", raw, port)
		}
	}
	return u, nil
}

// framing reports whether a header is derived from the body and cannot be set.
func framing(name string) bool {
	return strings.EqualFold(name, "Content-Length") || strings.EqualFold(name, "Transfer-Encoding") || strings.EqualFold(name, "Trailer")
}

// planned returns the header of a request that was never written.
func planned(req *http.Request, m Message) []Header {
	header := []Header{{"Host", req.Host}}
	if agent := req.Header["User-Agent"]; len(agent) == 1 && agent[0] != "" {
		header = append(header, Header{"User-Agent", agent[0]})
	}
	header = append(header, Header{"Content-Length", strconv.Itoa(m.Size())})
	for _, h := range m.Header {
		if !framing(h[0]) && !strings.EqualFold(h[0], "Host") && h[0] != "User-Agent" {
			header = append(header, h)
		}
	}
	return header
}
