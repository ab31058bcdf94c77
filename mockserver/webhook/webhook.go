// Package webhook sends a webhook to an endpoint once, and records the exchange exactly.
//
// Providers, signatures, retries and the journal do not belong here: a [Message] is already rendered and signed, and the
// caller decides about retries. Failures are data in the [Attempt], never a Go error.
package webhook

import (
	"net/netip"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// DefaultTimeout is the timeout of messages without one.
const DefaultTimeout = 30 * time.Second

// Endpoint is a registered webhook URL.
type Endpoint struct {
	ID       string   `json:"id"`
	Account  string   `json:"account"` // empty for the default account
	Provider string   `json:"provider"`
	URL      string   `json:"url"`
	Events   []string `json:"events,omitempty"` // provider's event names; empty means all
	// Switches are the provider's switches that differ from their default, by name.
	Switches map[string]string `json:"switches,omitempty"`
	// Headers are sent with every delivery, after the provider's own. Some providers let users choose a header that
	// authenticates the sender.
	Headers []Header `json:"headers,omitempty"`
	// From is the source address of deliveries, for receivers with an allow list. Empty selects the provider's, or leaves
	// the choice to the system.
	From string `json:"from,omitempty"`
	// Form holds further fields that the provider's dashboard API returns for the endpoint.
	Form   jsontext.Value `json:"form,omitempty"`
	Source string         `json:"source,omitempty"` // "dashboard", "control" or "flag"
}

// Wants reports whether the endpoint's filter includes the event.
func (e Endpoint) Wants(event string) bool {
	return len(e.Events) == 0 || slices.Contains(e.Events, event)
}

// Header is one header line: name, with its spelling preserved, and value.
type Header = [2]string

// Message is a complete POST request.
type Message struct {
	ID    string // of the delivery; not sent
	Event string // not sent
	URL   string // absolute, http or https
	// Header holds the headers beyond those that HTTP itself requires. Names keep their spelling on HTTP/1. Host overrides
	// the URL's host; Content-Length, Transfer-Encoding and Trailer are ignored, as they are derived from the body.
	Header  []Header
	Body    []byte        // must not be modified during Send
	Padding *Padding      // left out of Body; nil: nothing is
	Timeout time.Duration // from DNS to the last byte of the response; 0 means DefaultTimeout
	Accept  Accept        // accepted statuses
	Follow  bool          // follow redirects, within the timeout
	Wire    *Wire         // nil for ordinary transmission
	From    netip.Addr    // source address; the zero Addr leaves the choice to the system

	get bool // the redirect changed the method
}
