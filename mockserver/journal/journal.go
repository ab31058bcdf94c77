// Package journal defines the entries of the journal: a kind, a struct and a JSON form for each event, and the form in
// which entries are served to readers.
//
// [New] makes an entry, package store keeps it, [Decode] and [As] read it back. Header values and bodies are the exact
// bytes of the wire, secrets included, since readers debug their own application. Storing entries, deciding when to
// write one and redaction do not belong here.
//
// In JSON, times are RFC 3339 in UTC with milliseconds, and durations are numbers of milliseconds in fields ending in
// _ms. Invalid UTF-8 in text becomes U+FFFD; only a Body keeps the original bytes.
package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// Kinds of entries.
const (
	KindCall      = "call"        // Call
	KindRun       = "run"         // Run
	KindEvent     = "event"       // Event
	KindAttempt   = "attempt"     // Attempt
	KindDelivery  = "delivery"    // Delivery
	KindExpect    = "expect"      // Expect
	KindEndpoint  = "endpoint"    // Endpoint
	KindArmed     = "armed"       // Armed
	KindClock     = "clock"       // Clock
	KindAccount   = "account"     // Account
	KindReset     = "reset"       // Reset
	KindGap       = store.KindGap // Gap
	KindRuleError = "rule-error"  // RuleError
	KindFault     = "fault"       // Fault
	KindHold      = "hold"        // Hold
	KindWallet    = "wallet"      // Wallet
	KindSimulate  = "simulate"    // Simulate
	KindScenarios = "scenarios"   // Scenarios
	KindRetention = "retention"   // Retention
	KindCheckRun  = "check-run"   // CheckRun
	KindCheck     = "check"       // Check
)

// Data is the content of an entry. Each kind has one implementation, the type of this package named after it.
type Data interface {
	// Kind is one of the Kind constants.
	Kind() string
	// Append appends the JSON object to dst.
	Append(dst []byte) []byte
}

// New returns the entry for data recorded at account time at and wall time wall. The store assigns its Seq.
func New(account string, at, wall time.Time, d Data) store.Entry {
	entry := store.Entry{At: at, Wall: wall, Account: account, Kind: d.Kind(), Data: encode(d)}
	if d, ok := d.(interface{ ref() string }); ok {
		entry.Ref = d.ref()
	}
	return entry
}

// buffers are reused: entries are kept for long, so each gets the memory that it needs and no more.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

func encode(d Data) []byte {
	buffer := buffers.Get().(*[]byte)
	*buffer = d.Append((*buffer)[:0])
	data := bytes.Clone(*buffer)
	if cap(*buffer) <= 1<<16 {
		buffers.Put(buffer)
	}
	return data
}

// The entries of a delivery are found by its ID.
func (e Event) ref() string    { return e.Delivery }
func (a Attempt) ref() string  { return a.Delivery }
func (d Delivery) ref() string { return d.Delivery }
func (h Hold) ref() string     { return h.Delivery }

// As decodes an entry of T's kind, as in As[Call](e). Errors name the entry.
func As[T Data](e store.Entry) (T, error) {
	var d T
	if e.Kind != d.Kind() {
		return d, fmt.Errorf("journal entry %d: kind is %q, not %q", e.Seq, e.Kind, d.Kind())
	}
	if err := json.Unmarshal(e.Data, &d); err != nil {
		return d, fmt.Errorf("journal entry %d: decode %s: %w", e.Seq, e.Kind, err)
	}
	return d, nil
}

// Decode decodes an entry of any kind into the type named after it, by value.
func Decode(e store.Entry) (Data, error) {
	switch e.Kind {
	case KindCall:
		return As[Call](e)
	case KindRun:
		return As[Run](e)
	case KindEvent:
		return As[Event](e)
	case KindAttempt:
		return As[Attempt](e)
	case KindDelivery:
		return As[Delivery](e)
	case KindExpect:
		return As[Expect](e)
	case KindEndpoint:
		return As[Endpoint](e)
	case KindArmed:
		return As[Armed](e)
	case KindClock:
		return As[Clock](e)
	case KindAccount:
		return As[Account](e)
	case KindReset:
		return As[Reset](e)
	case KindGap:
		return As[Gap](e)
	case KindFault:
		return As[Fault](e)
	case KindHold:
		return As[Hold](e)
	case KindWallet:
		return As[Wallet](e)
	case KindRuleError:
		return As[RuleError](e)
	case KindSimulate:
		return As[Simulate](e)
	case KindScenarios:
		return As[Scenarios](e)
	case KindRetention:
		return As[Retention](e)
	case KindCheckRun:
		return As[CheckRun](e)
	case KindCheck:
		return As[Check](e)
	}
	return nil, fmt.Errorf("journal entry %d: unknown kind %q", e.Seq, e.Kind)
}
