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

// judge fills in how an attempt ended. Its Response and Phases are there already.
func (s *Sender) judge(a *Attempt, m Message, err error, p progress, timeout time.Duration) {
	if err == nil {
		judgeStatus(a, m)
		return
	}
	a.Class = classify(err, p)
	switch {
	case errors.Is(err, errTimeout) && a.Class == ConnectTimeout:
		a.Error = fmt.Sprintf("no connection within %v", timeout)
	case errors.Is(err, errTimeout) && a.Response != nil:
		a.Error = fmt.Sprintf("the reply was not finished within %v", timeout)
	case errors.Is(err, errTimeout):
		a.Error = fmt.Sprintf("no reply within %v", timeout)
	default:
		a.Error = err.Error()
	}
	a.Hint = s.hint(a, m, err, p)
}

func judgeStatus(a *Attempt, m Message) {
	code := a.Response.Status
	if m.Accept.Has(code) {
		a.Accepted, a.Class = true, OK
		return
	}
	text := fmt.Sprintf("%d %s", code, http.StatusText(code))
	a.Class, a.Error = Status, "answered "+strings.TrimSpace(text)
	switch {
	case code >= 300 && code <= 399:
		a.Class = Redirect
		a.Hint = "redirects are not followed; set the URL to where it leads"
		if location := find(a.Response.Header, "Location"); location != "" {
			a.Error += " to " + location
		}
	case code == http.StatusNotFound:
		a.Hint = "the receiver is up but has no such path; check the URL's path against the receiver's routes"
	case code == http.StatusMethodNotAllowed:
		a.Hint = "the path is there but does not take POST; webhooks are POSTed"
	}
}

func find(header []Header, name string) string {
	for _, h := range header {
		if h[0] == name {
			return h[1]
		}
	}
	return ""
}

// Winsock's numbers for what syscall names on every other system; no other system has errors as high as these.
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
	case errors.Is(err, errTimeout) && p.connected:
		return Timeout
	case errors.Is(err, errTimeout):
		return ConnectTimeout
	case errors.Is(err, errCanceled):
		return Canceled
	case !p.asked:
		return Malformed // net/http refused the request itself
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

// classifyText tells apart what comes from reading: net/http keeps most of these errors to itself.
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
		return ConnectTimeout // maxConnect: the only limit of the transport's own
	}
	return Failed
}
