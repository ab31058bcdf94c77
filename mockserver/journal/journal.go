// Package journal says what the journal's entries look like: a kind, a struct and a JSON form for each thing that
// happens, and the form in which an entry goes to readers.
//
// It stores nothing and decides nothing. Entries are written with [New], kept by package store, and read back with
// [Decode] or [As]. Header values and bodies are the exact bytes that went over the wire, secrets included: the reader
// is the developer whose machine this is.
//
// In JSON, times are RFC 3339 in UTC with milliseconds, and durations are numbers of milliseconds in fields that end
// in _ms. Text that is not UTF-8 has U+FFFD in place of the bytes that are not; only a Body keeps those.
package journal

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// The kinds of entries.
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
	KindSimulate  = "simulate"    // Simulate
	KindScenarios = "scenarios"   // Scenarios
	KindCheckRun  = "check-run"   // CheckRun
	KindCheck     = "check"       // Check
)

// Data is what an entry tells. The types of this package that are named after a kind are all there are.
type Data interface {
	// Kind is one of the Kind constants.
	Kind() string
	// Append appends the JSON object to dst.
	Append(dst []byte) []byte
}

// New returns the entry for what happened at account time at and wall time wall. Its Seq is for the store to give.
func New(account string, at, wall time.Time, d Data) store.Entry {
	return store.Entry{At: at, Wall: wall, Account: account, Kind: d.Kind(), Data: d.Append(nil)}
}

// As decodes an entry of T's kind, as in As[Call](e). The error names the entry.
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

// Decode decodes an entry of any kind into the struct of that name, not a pointer to it.
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
	case KindRuleError:
		return As[RuleError](e)
	case KindSimulate:
		return As[Simulate](e)
	case KindScenarios:
		return As[Scenarios](e)
	case KindCheckRun:
		return As[CheckRun](e)
	case KindCheck:
		return As[Check](e)
	}
	return nil, fmt.Errorf("journal entry %d: unknown kind %q", e.Seq, e.Kind)
}
