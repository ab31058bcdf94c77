package webhook

import (
	"net/netip"
	"time"
)

// Attempt is the complete record of one HTTP request of a delivery.
type Attempt struct {
	N       int       // from 1
	Sent    time.Time // wall time
	Phases  Phases
	Request Request
	From    netip.Addr // local address, if the message sets one
	SentTo  string     // actual URL, if Rewrites changed Request.URL
	// Redirects are the URLs that a message with Follow was redirected to. Request is the first one; Response, Class and
	// Remote are those of the last.
	Redirects []string
	Remote    netip.AddrPort // address connected to, or tried last; zero if none was tried
	Response  *Response      // nil if no response header arrived; may be incomplete if Error is set
	Accepted  bool           // a complete response arrived in time, with an accepted status
	Class     Class
	Error     string // one line; empty if Accepted
	Hint      string // suggested fix, if known
}

// Request is the request as written, or as it would have been written.
type Request struct {
	Method string
	URL    string   // as in the message
	Header []Header // in wire order, including Host, User-Agent and Content-Length
	Body   []byte   // shared with the message; the beginning of a padded one
	Size   int      // of the whole body, in bytes
}

// Response is the response as received.
type Response struct {
	Status    int
	Header    []Header // as sent; over TLS sorted by name, as net/http does not keep the order
	Body      []byte   // at most the first 64 KiB
	Size      int64    // bytes of body read; a very long response is not read to its end
	Truncated bool     // Body is incomplete
}

// Phases breaks an attempt's duration down. A phase that did not happen, such as DNS on a kept-alive connection, is 0; the
// phase in which an attempt failed ends with the attempt.
type Phases struct {
	DNS     time.Duration
	Connect time.Duration
	TLS     time.Duration
	Write   time.Duration // until the last byte of the request
	Wait    time.Duration // until the first byte of the response
	Read    time.Duration // until the last byte of the response
	Total   time.Duration
}

// Class is the result of an attempt.
type Class string

const (
	OK             Class = "ok"              // accepted
	Status         Class = "status"          // complete response with a status that is not accepted
	Redirect       Class = "redirect"        // complete response with a 3xx status; not followed, or not further
	Timeout        Class = "timeout"         // connected, but no complete response in time
	ConnectTimeout Class = "connect-timeout" // no connection in time, including DNS and TLS
	Refused        Class = "refused"         // connection refused: nothing listens on the port
	Unreachable    Class = "unreachable"     // no route to the host
	DNS            Class = "dns"             // host name has no address
	TLS            Class = "tls"             // TLS handshake failed
	Reset          Class = "reset"           // connection reset by the receiver
	Closed         Class = "closed"          // connection closed before the response was complete
	Malformed      Class = "malformed"       // invalid message, or the response is not HTTP
	Blocked        Class = "blocked"         // address forbidden by the policy
	Canceled       Class = "canceled"        // context canceled
	Local          Class = "local"           // this machine lacks descriptors, ports or memory; not the receiver's failure
	Cut            Class = "cut"             // request truncated on purpose (see Wire), without a response
	Failed         Class = "error"           // anything else
)
