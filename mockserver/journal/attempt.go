package journal

import (
	"slices"
	"time"
)

// Attempt is one HTTP request of a delivery.
type Attempt struct {
	Delivery  string    `json:"delivery"`
	Provider  string    `json:"provider"`
	Event     string    `json:"event"`
	Run       string    `json:"run,omitempty"`
	Endpoint  string    `json:"endpoint"`
	URL       string    `json:"url"`
	N         int       `json:"n"` // from 1
	Planned   time.Time `json:"planned_account_time"`
	Sent      time.Time `json:"sent_wall_time"`
	Accepted  bool      `json:"accepted"`
	Class     string    `json:"class"`           // a webhook.Class
	Error     string    `json:"error,omitempty"` // empty if accepted
	Hint      string    `json:"hint,omitempty"`  // suggested fix
	Phases    Phases    `json:"phases"`
	Request   Request   `json:"request"`
	From      string    `json:"from,omitempty"`      // local address, if one was configured
	SentTo    string    `json:"sent_to,omitempty"`   // actual URL, if rewrites changed it
	Redirects []string  `json:"redirects,omitempty"` // URLs that the attempt was redirected to; the response is that of the last
	Remote    string    `json:"remote,omitempty"`    // IP address connected to, or tried last
	Response  *Response `json:"response,omitempty"`  // nil if none arrived
	SignedBy  string    `json:"signed_by,omitempty"` // name of the secret, not the secret
	Next      time.Time `json:"next,omitzero"`       // account time of the next attempt; zero if none is planned
	Fault     []string  `json:"fault,omitempty"`     // names of the faults applied
	Repeated  bool      `json:"repeated,omitzero"`   // it may have been made before, by a process that ended or lost its store meanwhile
}

// Phases breaks an attempt's duration down. A phase that did not happen is 0.
type Phases struct {
	DNS     Millis `json:"dns_ms,omitempty"`
	Connect Millis `json:"connect_ms,omitempty"`
	TLS     Millis `json:"tls_ms,omitempty"`
	Write   Millis `json:"write_ms,omitempty"`
	Wait    Millis `json:"wait_ms,omitempty"`
	Read    Millis `json:"read_ms,omitempty"`
	Total   Millis `json:"total_ms"`
}

// Request is the request as sent.
type Request struct {
	Method  string   `json:"method"`
	URL     string   `json:"url"`
	Headers []Header `json:"headers"`
	Body    Body     `json:"body"`
}

// Response is the response as received.
type Response struct {
	Status  int      `json:"status"`
	Headers []Header `json:"headers"`
	Body    Body     `json:"body"`
}

var _ Data = Attempt{}

// Kind is KindAttempt.
func (Attempt) Kind() string { return KindAttempt }

// Append appends the JSON object to dst.
func (a Attempt) Append(dst []byte) []byte {
	size := 640 + 2*len(a.URL) + room(a.Request.Headers, a.Request.Body)
	if a.Response != nil {
		size += room(a.Response.Headers, a.Response.Body)
	}
	dst = slices.Grow(dst, size)
	dst = text(dst, `{"delivery":`, a.Delivery)
	dst = text(dst, `,"provider":`, a.Provider)
	dst = text(dst, `,"event":`, a.Event)
	dst = optional(dst, `,"run":`, a.Run)
	dst = text(dst, `,"endpoint":`, a.Endpoint)
	dst = text(dst, `,"url":`, a.URL)
	dst = integer(dst, `,"n":`, a.N)
	dst = appendTime(append(dst, `,"planned_account_time":`...), a.Planned)
	dst = appendTime(append(dst, `,"sent_wall_time":`...), a.Sent)
	dst = boolean(dst, `,"accepted":`, a.Accepted)
	dst = text(dst, `,"class":`, a.Class)
	dst = optional(dst, `,"error":`, a.Error)
	dst = optional(dst, `,"hint":`, a.Hint)
	dst = a.Phases.append(append(dst, `,"phases":{`...))
	dst = text(dst, `,"request":{"method":`, a.Request.Method)
	dst = text(dst, `,"url":`, a.Request.URL)
	dst = headers(append(dst, `,"headers":`...), a.Request.Headers)
	dst = a.Request.Body.Append(append(dst, `,"body":`...))
	dst = append(dst, '}')
	dst = optional(dst, `,"from":`, a.From)
	dst = optional(dst, `,"sent_to":`, a.SentTo)
	dst = list(dst, `,"redirects":`, a.Redirects)
	dst = optional(dst, `,"remote":`, a.Remote)
	if r := a.Response; r != nil {
		dst = integer(dst, `,"response":{"status":`, r.Status)
		dst = headers(append(dst, `,"headers":`...), r.Headers)
		dst = r.Body.Append(append(dst, `,"body":`...))
		dst = append(dst, '}')
	}
	dst = optional(dst, `,"signed_by":`, a.SignedBy)
	if !a.Next.IsZero() {
		dst = appendTime(append(dst, `,"next":`...), a.Next)
	}
	dst = list(dst, `,"fault":`, a.Fault)
	if a.Repeated {
		dst = boolean(dst, `,"repeated":`, true)
	}
	return append(dst, '}')
}

// MarshalJSON is Append.
func (a Attempt) MarshalJSON() ([]byte, error) { return a.Append(nil), nil }

// append writes the fields after an opening brace, and the closing brace. The last field is always present, so each of
// the others ends in a comma.
func (p Phases) append(dst []byte) []byte {
	dst = p.DNS.phase(dst, `"dns_ms":`)
	dst = p.Connect.phase(dst, `"connect_ms":`)
	dst = p.TLS.phase(dst, `"tls_ms":`)
	dst = p.Write.phase(dst, `"write_ms":`)
	dst = p.Wait.phase(dst, `"wait_ms":`)
	dst = p.Read.phase(dst, `"read_ms":`)
	dst = p.Total.append(append(dst, `"total_ms":`...))
	return append(dst, '}')
}
