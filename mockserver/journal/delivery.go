package journal

import (
	"slices"
	"time"
)

// Event records that a delivery was planned: a provider's event for one endpoint.
type Event struct {
	Delivery string    `json:"delivery"`
	Provider string    `json:"provider"`
	Event    string    `json:"event"`
	Run      string    `json:"run,omitempty"`
	Scenario string    `json:"scenario,omitempty"`
	Rule     string    `json:"rule,omitempty"`
	Endpoint string    `json:"endpoint"`
	URL      string    `json:"url"`
	Due      time.Time `json:"due"`              // account time
	Manual   bool      `json:"manual,omitempty"` // requested by a user, not by a rule
	Of       string    `json:"of,omitempty"`     // delivery that this one copies; receivers see its ID
	Fault    []string  `json:"fault,omitempty"`  // names of the faults to apply
}

var _ Data = Event{}

// Kind is KindEvent.
func (Event) Kind() string { return KindEvent }

// Append appends the JSON object to dst.
func (e Event) Append(dst []byte) []byte {
	dst = slices.Grow(dst, 320+len(e.URL))
	dst = text(dst, `{"delivery":`, e.Delivery)
	dst = text(dst, `,"provider":`, e.Provider)
	dst = text(dst, `,"event":`, e.Event)
	dst = optional(dst, `,"run":`, e.Run)
	dst = optional(dst, `,"scenario":`, e.Scenario)
	dst = optional(dst, `,"rule":`, e.Rule)
	dst = text(dst, `,"endpoint":`, e.Endpoint)
	dst = text(dst, `,"url":`, e.URL)
	dst = appendTime(append(dst, `,"due":`...), e.Due)
	if e.Manual {
		dst = append(dst, `,"manual":true`...)
	}
	dst = optional(dst, `,"of":`, e.Of)
	dst = list(dst, `,"fault":`, e.Fault)
	return append(dst, '}')
}

// MarshalJSON is Append.
func (e Event) MarshalJSON() ([]byte, error) { return e.Append(nil), nil }

// Outcomes of a delivery.
const (
	Delivered  = "delivered"
	Exhausted  = "exhausted"  // no attempt was accepted and no retry is left
	Unroutable = "unroutable" // no endpoint matched
	Dropped    = "dropped"    // a fault suppressed it
)

// Delivery records the end of a delivery.
type Delivery struct {
	Delivery string   `json:"delivery"`
	Provider string   `json:"provider"`
	Event    string   `json:"event"`
	Run      string   `json:"run,omitempty"`
	Endpoint string   `json:"endpoint"`
	URL      string   `json:"url"`
	Outcome  string   `json:"outcome"` // Delivered, Exhausted, Unroutable or Dropped
	Attempts int      `json:"attempts"`
	Fault    []string `json:"fault,omitempty"` // name of the fault that dropped it
	// Notified lists the addresses that the provider would email about the failure. No email is sent.
	Notified []string `json:"notified,omitempty"`
}

var _ Data = Delivery{}

// Kind is KindDelivery.
func (Delivery) Kind() string { return KindDelivery }

// Append appends the JSON object to dst.
func (d Delivery) Append(dst []byte) []byte {
	dst = slices.Grow(dst, 256+len(d.URL))
	dst = text(dst, `{"delivery":`, d.Delivery)
	dst = text(dst, `,"provider":`, d.Provider)
	dst = text(dst, `,"event":`, d.Event)
	dst = optional(dst, `,"run":`, d.Run)
	dst = text(dst, `,"endpoint":`, d.Endpoint)
	dst = text(dst, `,"url":`, d.URL)
	dst = text(dst, `,"outcome":`, d.Outcome)
	dst = integer(dst, `,"attempts":`, d.Attempts)
	dst = list(dst, `,"fault":`, d.Fault)
	dst = list(dst, `,"notified":`, d.Notified)
	return append(dst, '}')
}

// MarshalJSON is Append.
func (d Delivery) MarshalJSON() ([]byte, error) { return d.Append(nil), nil }
