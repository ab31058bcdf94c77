package webhook

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"syscall"
	"time"
)

// evaluate sets the result of an attempt whose Response and Phases are set.
func (s *Sender) evaluate(a *Attempt, m Message, err error, p progress, timeout time.Duration) {
	if err == nil {
		evaluateStatus(a, m)
		return
	}
	a.Class = classify(err, p)
	switch {
	case errors.Is(err, errTimeout) && a.Class == ConnectTimeout:
		a.Error = fmt.Sprintf("no connection within %v", timeout)
	case errors.Is(err, errTimeout) && a.Response != nil:
		a.Error = fmt.Sprintf("response incomplete after %v", timeout)
	case errors.Is(err, errTimeout):
		a.Error = fmt.Sprintf("no response within %v", timeout)
	default:
		a.Error = err.Error()
	}
	a.Hint = s.hint(a, m, err, p)
}

func evaluateStatus(a *Attempt, m Message) {
	code := a.Response.Status
	if m.Accept.Has(code) {
		a.Accepted, a.Class = true, OK
		return
	}
	text := fmt.Sprintf("%d %s", code, http.StatusText(code))
	a.Class, a.Error = Status, "responded with "+strings.TrimSpace(text)
	switch {
	case code >= 300 && code <= 399:
		a.Class = Redirect
		a.Hint = "redirects are not followed; register the URL of the redirect"
		if m.Follow {
			a.Hint = "the redirect has no location, or was one too many; register the URL that responds"
		}
		if location := find(a.Response.Header, "Location"); location != "" {
			a.Error += " to " + location
		}
	case code == http.StatusNotFound:
		a.Hint = "the receiver has no such path; compare the URL's path with the receiver's routes"
	case code == http.StatusMethodNotAllowed:
		a.Hint = "webhooks are sent with POST; accept POST on this path"
	}
}

func find(header []Header, name string) string {
	for _, h := range header {
		if strings.EqualFold(h[0], name) {
			return h[1]
		}
	}
	return ""
}

// Winsock error numbers, higher than those of any other system.
const (
	wsaNetUnreachable  syscall.Errno = 10051
	wsaAborted         syscall.Errno = 10053
	wsaReset           syscall.Errno = 10054
	wsaTimedOut        syscall.Errno = 10060
	wsaRefused         syscall.Errno = 10061
	wsaHostUnreachable syscall.Errno = 10065
)

func classify(err error, p progress) Class {
	var (
		blocked *BlockedError
		lookup  *net.DNSError
		errno   syscall.Errno
	)
	switch {
	case errors.Is(err, errCut):
		return Cut
	case errors.Is(err, errLocal):
		return Local
	case errors.Is(err, errTimeout) && p.connected:
		return Timeout
	case errors.Is(err, errTimeout):
		return ConnectTimeout
	case errors.Is(err, errCanceled):
		return Canceled
	case !p.requested:
		return Malformed // net/http rejected the request itself
	case errors.As(err, &blocked):
		return Blocked
	case errors.As(err, &lookup):
		return DNS
	case errors.As(err, &errno):
		return classifyErrno(errno, p)
	}
	return classifyText(err, p)
}

func classifyErrno(errno syscall.Errno, p progress) Class {
	switch errno {
	case syscall.ECONNREFUSED, wsaRefused:
		return Refused
	case syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED, wsaReset, wsaAborted:
		return Reset
	case syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.ENETDOWN, syscall.EADDRNOTAVAIL, syscall.EACCES, syscall.EINVAL, wsaHostUnreachable, wsaNetUnreachable:
		return Unreachable
	case syscall.ETIMEDOUT, wsaTimedOut:
		if p.connected {
			return Timeout
		}
		return ConnectTimeout
	}
	return Failed
}

// classifyText classifies errors by their text, as net/http does not export most of them.
func classifyText(err error, p progress) Class {
	var protocol textproto.ProtocolError
	var record tls.RecordHeaderError
	text := err.Error()
	switch {
	case p.securing, errors.As(err, &record), strings.Contains(text, "tls: "):
		return TLS
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), strings.Contains(text, "server closed idle connection"), strings.Contains(text, "GOAWAY"):
		return Closed
	case strings.Contains(text, "stream error"):
		return Reset
	case errors.As(err, &protocol), strings.Contains(text, "malformed"), strings.Contains(text, "invalid"), strings.Contains(text, "unsupported"), strings.Contains(text, "exceeded"), strings.Contains(text, "bad "):
		return Malformed
	case strings.Contains(text, "timeout"), strings.Contains(text, "timed out"):
		return ConnectTimeout // maxConnect, the only limit of the transport itself
	}
	return Failed
}
