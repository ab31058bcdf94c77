package webhook

import (
	"net/netip"
	"time"
)

// Attempt is all there is to know about one HTTP try.
type Attempt struct {
	N        int       // 1 for the first try of a delivery
	Sent     time.Time // wall time at which it began
	Phases   Phases
	Request  Request
	From     netip.Addr     // where it came from, where the message says that
	SentTo   string         // where it really went, if Rewrites led it elsewhere than Request.URL
	Remote   netip.AddrPort // the address that was connected to, or that was tried last; zero if it came to none
	Response *Response      // nil if no status line and header arrived; may be there, and cut short, beside an Error
	Accepted bool           // the whole reply arrived in time, with a status that the message accepts
	Class    Class
	Error    string // what happened, in one line; empty if Accepted
	Hint     string // what to do about it, where that is known
}

// Request is what was written. If nothing was, it is what would have been.
type Request struct {
	Method string
	URL    string   // as in the message
	Header []Header // in the order of the wire, with Host, User-Agent and Content-Length
	Body   []byte   // the message's own bytes, not a copy
}

// Response is what came back.
type Response struct {
	Status    int
	Header    []Header // as they were sent; over TLS sorted by name, as net/http does not keep the order
	Body      []byte   // at most 64 KiB of it
	Size      int64    // bytes of body that were read; a very long reply is not read to its end
	Truncated bool     // Body is only the beginning of what was read
}

// Phases says where the time went. A phase that did not happen, as DNS and Connect on a connection kept alive, is 0;
// the phase that an attempt failed in ends with the attempt.
type Phases struct {
	DNS     time.Duration
	Connect time.Duration
	TLS     time.Duration
	Write   time.Duration // from having a connection to the last byte of the request
	Wait    time.Duration // from there to the first byte of the reply
	Read    time.Duration // from there to the last byte of the reply
	Total   time.Duration
}

// Class says in one word how an attempt ended.
type Class string

const (
	OK             Class = "ok"              // accepted
	Status         Class = "status"          // a whole reply with a status that is not accepted
	Redirect       Class = "redirect"        // the same with a 3xx; never followed
	Timeout        Class = "timeout"         // connected, but the whole reply was not there in time
	ConnectTimeout Class = "connect-timeout" // no connection in time, look-up and TLS included
	Refused        Class = "refused"         // the host answers, nothing listens on the port
	Unreachable    Class = "unreachable"     // no way to the host
	DNS            Class = "dns"             // the name has no address
	TLS            Class = "tls"             // no agreement on a secure connection
	Reset          Class = "reset"           // the receiver broke the connection off
	Closed         Class = "closed"          // the receiver closed the connection before its reply was whole
	Malformed      Class = "malformed"       // the message cannot be a request, or the reply is not HTTP
	Blocked        Class = "blocked"         // the policy forbids the address
	Canceled       Class = "canceled"        // the caller's context ended first
	Cut            Class = "cut"             // broken off on purpose (see Wire), and not answered
	Failed         Class = "error"           // anything else
)
