// Package webhook makes one attempt to deliver one message to one address, and says exactly what went over the wire.
//
// It knows nothing of providers, signatures, retries or journals: a [Message] arrives rendered and signed, and whether
// there is a further attempt is decided elsewhere. What goes wrong is data in the [Attempt], never an error.
package webhook

import (
	"net/netip"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// DefaultTimeout bounds an attempt whose message names no timeout.
const DefaultTimeout = 30 * time.Second

// Endpoint is a registered webhook URL.
type Endpoint struct {
	ID       string   `json:"id"`
	Account  string   `json:"account"` // empty: for every account that has none of its own
	Provider string   `json:"provider"`
	URL      string   `json:"url"`
	Events   []string `json:"events,omitempty"` // names under which the provider knows them; none means all
	// Switches are the provider's switches that are not at their default here, by name.
	Switches map[string]string `json:"switches,omitempty"`
	// Headers are sent with every delivery, after the provider's own: what a receiver knows the sender by, where that is
	// chosen by whoever registers the endpoint.
	Headers []Header `json:"headers,omitempty"`
	// From is the address of this machine that deliveries come from, for a receiver that lets in only some. Empty leaves
	// it to the provider's own, or to the system.
	From string `json:"from,omitempty"`
	// Form is what the provider's dashboard shows again of the endpoint, beside all this.
	Form   jsontext.Value `json:"form,omitempty"`
	Source string         `json:"source,omitempty"` // who registered it: "dashboard", "control" or "flag"
}

// Wants reports whether the endpoint's filter lets the event through.
func (e Endpoint) Wants(event string) bool {
	return len(e.Events) == 0 || slices.Contains(e.Events, event)
}

// Header is one header line: its name, in the spelling that is to be sent, and its value.
type Header = [2]string

// Message is a request to be POSTed, with nothing left to decide.
type Message struct {
	ID    string // of the delivery it belongs to; not sent
	Event string // not sent
	URL   string // absolute, http or https
	// Header holds what is set beyond what HTTP itself needs. Names keep their spelling on HTTP/1. A Host line names
	// the host to ask for; Content-Length, Transfer-Encoding and Trailer follow from the body and are passed over.
	Header  []Header
	Body    []byte        // sent as it is; must not change while the message is being sent
	Timeout time.Duration // from the first look-up to the last byte of the reply; 0 means DefaultTimeout
	Accept  Accept        // replies that count as taken
	Wire    *Wire         // nil: as usual
	From    netip.Addr    // the address of this machine that it is to come from; the zero Addr leaves that to the system
}
