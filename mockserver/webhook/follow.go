package webhook

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxRedirects is the number of redirects that an attempt follows.
const maxRedirects = 10

// follow sends an attempt on as long as it is redirected, within its timeout, and returns it with the last response. Like
// most HTTP clients it repeats the request for 307 and 308, and requests the location with GET and without a body for 301,
// 302 and 303. The address policy applies to each connection.
func (s *Sender) follow(ctx context.Context, a Attempt, m Message) Attempt {
	timeout := m.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	for a.Class == Redirect && len(a.Redirects) < maxRedirects {
		next, ok := redirected(m, *a.Response)
		if !ok {
			return a
		}
		if next.Timeout = timeout - a.Phases.Total; next.Timeout <= 0 {
			return a
		}
		last := s.exchange(ctx, a.N, next)
		a.Redirects = append(a.Redirects, next.URL)
		a.Response, a.Accepted, a.Class, a.Error, a.Hint, a.Remote = last.Response, last.Accepted, last.Class, last.Error, last.Hint, last.Remote
		a.Phases = a.Phases.plus(last.Phases)
		m = next
	}
	return a
}

// redirected returns the message for the location of a redirect; ok is false without a valid one.
func redirected(m Message, r Response) (next Message, ok bool) {
	location := find(r.Header, "Location")
	from, err := url.Parse(m.URL)
	if err != nil || location == "" {
		return m, false
	}
	to, err := from.Parse(location)
	if err != nil {
		return m, false
	}
	next = m
	next.URL, next.Wire = to.String(), nil
	next.Header = slices.DeleteFunc(slices.Clone(m.Header), func(h Header) bool {
		// A credential is for the host it was configured for.
		return strings.EqualFold(h[0], "Host") || to.Host != from.Host && strings.EqualFold(h[0], "Authorization")
	})
	if r.Status != http.StatusTemporaryRedirect && r.Status != http.StatusPermanentRedirect {
		next.get, next.Body, next.Padding = true, nil, nil
		next.Header = slices.DeleteFunc(next.Header, func(h Header) bool { return strings.EqualFold(h[0], "Content-Type") })
	}
	return next, true
}

// method returns the method of the request.
func (m Message) method() string {
	if m.get {
		return http.MethodGet
	}
	return http.MethodPost
}

// plus adds the phases of a further request.
func (p Phases) plus(q Phases) Phases {
	return Phases{DNS: p.DNS + q.DNS, Connect: p.Connect + q.Connect, TLS: p.TLS + q.TLS, Write: p.Write + q.Write,
		Wait: p.Wait + q.Wait, Read: p.Read + q.Read, Total: p.Total + q.Total}
}
