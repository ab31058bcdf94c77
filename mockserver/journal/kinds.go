package journal

import (
	"bytes"
	"encoding/json"
	"time"
)

// Expect is the result of a scenario's expectation of the application.
type Expect struct {
	Delivery string `json:"delivery,omitempty"` // the delivery checked
	Call     string `json:"call,omitempty"`     // or the expected operation, as named in the scenario
	Run      string `json:"run,omitempty"`
	Rule     string `json:"rule,omitempty"`
	Want     string `json:"want"`
	Got      string `json:"got"`
	Pass     bool   `json:"pass"`
}

// Endpoint records that an endpoint was registered, changed or removed.
type Endpoint struct {
	ID       string   `json:"id"`
	Provider string   `json:"provider"`
	URL      string   `json:"url"`
	Events   []string `json:"events,omitempty"` // filter; empty means all
	Source   string   `json:"source"`           // "dashboard", "control" or "flag"
	Removed  bool     `json:"removed,omitempty"`
}

// Armed records that a scenario applies to future requests.
type Armed struct {
	Scenario  string `json:"scenario"`
	Provider  string `json:"provider"`
	Remaining int    `json:"remaining,omitempty"` // number of requests; 0 means unlimited
	Subject   string `json:"subject,omitempty"`
	Default   bool   `json:"default,omitempty"` // used if no other scenario is chosen; an empty Scenario restores the provider's own
}

// Clock records a change of an account's clock.
type Clock struct {
	Now        time.Time `json:"now"`  // account time after the change
	Rate       float64   `json:"rate"` // account seconds per wall second
	Frozen     bool      `json:"frozen"`
	AdvancedBy Millis    `json:"advanced_by_ms,omitempty"`
}

// Account records that an account was opened.
type Account struct {
	Account string `json:"account"`
	Seed    uint64 `json:"seed"`
	Rough   *Rough `json:"rough,omitempty"` // random faults; nil if disabled
}

// Rough configures random faults. The same seed draws the same faults again.
type Rough struct {
	Seed      uint64   `json:"seed"` // the server's
	Rate      float64  `json:"rate"`
	Nuisances []string `json:"nuisances"`
}

// Reset records that an account was reset to its initial state.
type Reset struct {
	Account string `json:"account"`
	Dropped bool   `json:"dropped,omitempty"` // the account and its settings were deleted; it reopens at its next use
	Evicted bool   `json:"evicted,omitempty"` // with Dropped: the server closed it, idle and empty, because there were too many
	Rough   *Rough `json:"rough,omitempty"`   // random faults after the reset
}

// Gap replaces entries that were evicted before the reader got them.
type Gap struct {
	Missed uint64 `json:"missed"`
	AtMost bool   `json:"at_most,omitempty"` // Missed is an upper bound: some may belong to other accounts
}

// Retention records that finished runs and webhooks were dropped to stay within the limits. It is in the default account's journal.
type Retention struct {
	Dropped uint64 `json:"dropped"` // since the entry before
	Total   uint64 `json:"total"`   // since the server started
}

// RuleError records that a rule failed to run, or that something was left out because of a limit.
type RuleError struct {
	Run      string `json:"run,omitempty"`
	Scenario string `json:"scenario"`
	Rule     string `json:"rule"`
	Limit    string `json:"limit,omitempty"` // that was reached: "event-bytes" for the copies of an event, "fault-bytes" for all of an account
	Message  string `json:"message"`
}

// Simulate records that a user triggered a simulation on a run, on the page or over the control API.
type Simulate struct {
	Name     string          `json:"name"`
	Provider string          `json:"provider"`
	Run      string          `json:"run"`
	Scenario string          `json:"scenario"`
	Subject  string          `json:"subject,omitempty"`
	Rule     string          `json:"rule"`
	Data     json.RawMessage `json:"data,omitempty"` // the request's parameters
}

// Fault records that a user set or removed a fault. A fault on a delivery affects that delivery only.
type Fault struct {
	ID        string            `json:"id,omitempty"` // empty for a fault on a delivery, and if all were removed
	On        string            `json:"on,omitempty"` // "delivery" or "reply"
	Fault     string            `json:"fault,omitempty"`
	Args      map[string]string `json:"args,omitempty"`
	Provider  string            `json:"provider,omitempty"`
	Event     string            `json:"event,omitempty"`
	Operation string            `json:"operation,omitempty"`
	Endpoint  string            `json:"endpoint,omitempty"`
	Delivery  string            `json:"delivery,omitempty"`
	Times     int               `json:"times,omitempty"`
	Removed   bool              `json:"removed,omitempty"`
}

// Hold records that deliveries are held or released: a single one, or all that fall due from now on and match provider,
// event and endpoint, of which an empty one matches any.
type Hold struct {
	ID       string `json:"id,omitempty"`       // of a hold by filter; empty for a single delivery
	Delivery string `json:"delivery,omitempty"` // empty if a hold by filter began or, with Released, ended
	Provider string `json:"provider,omitempty"`
	Event    string `json:"event,omitempty"`
	Run      string `json:"run,omitempty"`
	Endpoint string `json:"endpoint,omitempty"`
	URL      string `json:"url,omitempty"`
	Released bool   `json:"released,omitempty"` // sent at once if overdue, else when due
}

// Wallet records that a user filled a wallet, or that a request was paid from it.
type Wallet struct {
	Provider  string  `json:"provider"`
	Run       string  `json:"run,omitempty"`       // that was paid
	Operation string  `json:"operation,omitempty"` // that started it
	Amount    float64 `json:"amount,omitempty"`    // that was put in; below 0: that was paid
	Balance   float64 `json:"balance"`             // afterwards
	Currency  string  `json:"currency"`
	Removed   bool    `json:"removed,omitempty"` // requests are not paid any more
}

// Scenarios records that a source replaced its scenario files, or the errors that prevented it.
type Scenarios struct {
	Source   string   `json:"source"`
	Given    []string `json:"given,omitempty"`    // PROVIDER/NAME of each file
	Gone     []string `json:"gone,omitempty"`     // PROVIDER/NAME of those removed
	Mistakes string   `json:"mistakes,omitempty"` // errors with their positions; the previous files stay in use
}

var _ = []Data{Wallet{}, Retention{}, Scenarios{}, Hold{}, Fault{}, Simulate{}, Expect{}, Endpoint{}, Armed{}, Clock{}, Account{}, Reset{}, Gap{}, RuleError{}}

// Kind is KindExpect.
func (Expect) Kind() string { return KindExpect }

// Kind is KindEndpoint.
func (Endpoint) Kind() string { return KindEndpoint }

// Kind is KindArmed.
func (Armed) Kind() string { return KindArmed }

// Kind is KindClock.
func (Clock) Kind() string { return KindClock }

// Kind is KindAccount.
func (Account) Kind() string { return KindAccount }

// Kind is KindReset.
func (Reset) Kind() string { return KindReset }

// Kind is KindGap.
func (Gap) Kind() string { return KindGap }

// Kind is KindRuleError.
func (RuleError) Kind() string { return KindRuleError }

// Kind is KindSimulate.
func (Simulate) Kind() string { return KindSimulate }

// Kind is KindScenarios.
func (Scenarios) Kind() string { return KindScenarios }

// Kind is KindRetention.
func (Retention) Kind() string { return KindRetention }

// Append appends the JSON object to dst.
func (r Retention) Append(dst []byte) []byte { return appendRare(dst, r) }

// Append appends the JSON object to dst.
func (s Scenarios) Append(dst []byte) []byte { return appendRare(dst, s) }

// Append appends the JSON object to dst. Data must be valid JSON.
func (s Simulate) Append(dst []byte) []byte { return appendRare(dst, s) }

// Append appends the JSON object to dst.
func (e Expect) Append(dst []byte) []byte { return appendRare(dst, e) }

// Append appends the JSON object to dst.
func (e Endpoint) Append(dst []byte) []byte { return appendRare(dst, e) }

// Append appends the JSON object to dst.
func (a Armed) Append(dst []byte) []byte { return appendRare(dst, a) }

// Append appends the JSON object to dst. A Rate that is not finite is written as 0.
func (c Clock) Append(dst []byte) []byte {
	dst = appendTime(append(dst, `{"now":`...), c.Now)
	dst = number(dst, `,"rate":`, c.Rate)
	dst = boolean(dst, `,"frozen":`, c.Frozen)
	if c.AdvancedBy != 0 {
		dst = c.AdvancedBy.append(append(dst, `,"advanced_by_ms":`...))
	}
	return append(dst, '}')
}

// MarshalJSON is Append.
func (c Clock) MarshalJSON() ([]byte, error) { return c.Append(nil), nil }

// Append appends the JSON object to dst.
func (a Account) Append(dst []byte) []byte { return appendRare(dst, a) }

// Append appends the JSON object to dst.
func (r Reset) Append(dst []byte) []byte { return appendRare(dst, r) }

// Append appends the JSON object to dst.
func (g Gap) Append(dst []byte) []byte { return appendRare(dst, g) }

// Kind is KindFault.
func (Fault) Kind() string { return KindFault }

// Append appends the JSON object to dst.
func (f Fault) Append(dst []byte) []byte { return appendRare(dst, f) }

// Kind is KindWallet.
func (Wallet) Kind() string { return KindWallet }

// Append appends the JSON object to dst.
func (w Wallet) Append(dst []byte) []byte { return appendRare(dst, w) }

// Kind is KindHold.
func (Hold) Kind() string { return KindHold }

// Append appends the JSON object to dst.
func (h Hold) Append(dst []byte) []byte { return appendRare(dst, h) }

// Append appends the JSON object to dst.
func (e RuleError) Append(dst []byte) []byte { return appendRare(dst, e) }

// appendRare encodes kinds too rare to need an encoder of their own: structs of strings, numbers and booleans.
func appendRare(dst []byte, d Data) []byte {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false) // keeps the & of URLs readable
	if err := encoder.Encode(d); err != nil {
		return append(dst, `{}`...) // unreachable: such structs always encode
	}
	return append(dst, bytes.TrimSpace(buf.Bytes())...)
}
