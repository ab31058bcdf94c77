package journal

import (
	"bytes"
	"encoding/json"
	"time"
)

// Expect is a scenario's judgement of the application.
type Expect struct {
	Delivery string `json:"delivery,omitempty"` // that was judged
	Call     string `json:"call,omitempty"`     // or the operation that was to be called, as the scenario names it
	Run      string `json:"run,omitempty"`
	Rule     string `json:"rule,omitempty"`
	Want     string `json:"want"`
	Got      string `json:"got"`
	Pass     bool   `json:"pass"`
}

// Endpoint says that an endpoint was registered, changed or removed.
type Endpoint struct {
	ID       string   `json:"id"`
	Provider string   `json:"provider"`
	URL      string   `json:"url"`
	Events   []string `json:"events,omitempty"` // the filter; none means all
	Source   string   `json:"source"`           // "dashboard", "control" or "flag"
	Removed  bool     `json:"removed,omitempty"`
}

// Armed says that a scenario will play for calls to come.
type Armed struct {
	Scenario  string `json:"scenario"`
	Provider  string `json:"provider"`
	Remaining int    `json:"remaining,omitempty"` // calls; 0 if it is not counted
	Subject   string `json:"subject,omitempty"`
	Default   bool   `json:"default,omitempty"` // it plays wherever nothing else was chosen; an empty Scenario: the provider's own again
}

// Clock says that an account's clock was set.
type Clock struct {
	Now        time.Time `json:"now"`  // account time after it
	Rate       float64   `json:"rate"` // seconds a wall second
	Frozen     bool      `json:"frozen"`
	AdvancedBy Millis    `json:"advanced_by_ms,omitempty"`
}

// Account says that an account was opened.
type Account struct {
	Account string `json:"account"`
	Seed    uint64 `json:"seed"`
	Rough   *Rough `json:"rough,omitempty"` // what goes wrong by itself; nil: nothing
}

// Rough says what goes wrong by itself, and from which seed: with it, the same goes wrong again.
type Rough struct {
	Seed      uint64   `json:"seed"` // the server's
	Rate      float64  `json:"rate"`
	Nuisances []string `json:"nuisances"`
}

// Reset says that an account was put back to how it was when it was opened.
type Reset struct {
	Account string `json:"account"`
	Dropped bool   `json:"dropped,omitempty"` // the account is gone with all that was set for it, until it is used again
	Rough   *Rough `json:"rough,omitempty"`   // as it goes on
}

// Gap stands for entries that retention dropped before this reader got them.
type Gap struct {
	Missed uint64 `json:"missed"`
	AtMost bool   `json:"at_most,omitempty"` // some of those missed may have been of no interest to the reader
}

// RuleError says that a rule could not be carried out.
type RuleError struct {
	Run      string `json:"run,omitempty"`
	Scenario string `json:"scenario"`
	Rule     string `json:"rule"`
	Message  string `json:"message"`
}

// Simulate says that somebody brought something about on a run, by a button or over the control API.
type Simulate struct {
	Name     string          `json:"name"`
	Provider string          `json:"provider"`
	Run      string          `json:"run"`
	Scenario string          `json:"scenario"`
	Subject  string          `json:"subject,omitempty"`
	Rule     string          `json:"rule"`
	Data     json.RawMessage `json:"data,omitempty"` // given with it
}

// Fault says that a fault was set by hand, or taken away. One that is on a delivery is that delivery's alone.
type Fault struct {
	ID        string            `json:"id,omitempty"` // empty for one on a delivery, and where all were taken away
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

// Hold says that deliveries are held back, or let go: one of them, or from now on all that fall due and fit. What is empty
// of provider, event and endpoint of the latter stands for any.
type Hold struct {
	ID       string `json:"id,omitempty"`       // of the hold of all that fit; empty for a delivery that is held by itself
	Delivery string `json:"delivery,omitempty"` // empty where a hold of all that fit began or, Released, ended
	Provider string `json:"provider,omitempty"`
	Event    string `json:"event,omitempty"`
	Run      string `json:"run,omitempty"`
	Endpoint string `json:"endpoint,omitempty"`
	URL      string `json:"url,omitempty"`
	Released bool   `json:"released,omitempty"` // goes out at once if its time has passed, else when it comes
}

// Scenarios says that scenario files were given, that took the place of those given by the same source before, or why
// they were not taken.
type Scenarios struct {
	Source   string   `json:"source"`
	Given    []string `json:"given,omitempty"`    // PROVIDER/NAME of each
	Gone     []string `json:"gone,omitempty"`     // the same of those that are no longer there
	Mistakes string   `json:"mistakes,omitempty"` // in them, with their places: what was there before stays
}

var _ = []Data{Scenarios{}, Hold{}, Fault{}, Simulate{}, Expect{}, Endpoint{}, Armed{}, Clock{}, Account{}, Reset{}, Gap{}, RuleError{}}

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

// Append appends the JSON object to dst. A Rate that is no finite number is written as 0.
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

// Kind is KindHold.
func (Hold) Kind() string { return KindHold }

// Append appends the JSON object to dst.
func (h Hold) Append(dst []byte) []byte { return appendRare(dst, h) }

// Append appends the JSON object to dst.
func (e RuleError) Append(dst []byte) []byte { return appendRare(dst, e) }

// appendRare is for what happens too seldom to need an encoder of its own: structs of strings, numbers and truths.
func appendRare(dst []byte, d Data) []byte {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false) // or the & of a URL is hard to read
	if err := encoder.Encode(d); err != nil {
		return append(dst, `{}`...) // cannot be: such structs always encode
	}
	return append(dst, bytes.TrimSpace(buf.Bytes())...)
}
