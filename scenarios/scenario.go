package scenarios

import (
	"fmt"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/template"
)

// Scenario is one file.
type Scenario struct {
	Name        string
	Provider    string
	Description string
	File        string // where it came from, for messages
	Vars        *template.Node
	Select      *template.Expression // nil: chosen by name only
	Rules       []*Rule
}

// Rule says what to do on a call or a trigger.
type Rule struct {
	On    []string // operation ids, Start, and triggers such as [Delivered]; with * and ? as wildcards
	When  *template.Expression
	Reply []*ReplyRule // the first call gets the first, the last one repeats
	Set   *template.Node
	Then  []*TimelineStep
	Line  int
}

// ReplyRule says what to answer.
type ReplyRule struct {
	Example *template.Node // yields the name of a documented example; nil: the first success, or the body alone
	Status  int            // 0: the example's
	Header  []template.Member
	Body    *template.Node // laid over the example, or the whole body where no example is named
	Delay   time.Duration  // account time between the call and the answer
	Hang    bool           // never answer
	Faults  []Fault        // ways in which the answer goes wrong
}

// TimelineStep is one step of a rule's timeline.
type TimelineStep struct {
	After  time.Duration // account time since the step before
	Set    *template.Node
	Send   string         // an event; empty sends nothing
	Data   *template.Node // laid over the event's template
	Expect *Expect
	Faults []Fault // ways in which what is sent goes wrong
	Line   int
}

// Expect judges a delivery once its last attempt is over.
type Expect struct {
	Status []string      `json:"status,omitempty"`            // such as 200 or 2xx; any of them
	Within time.Duration `json:"within,omitzero,format:nano"` // wall time the accepted attempt took; 0: not judged
}

// String returns the expectation as a person would say it.
func (e *Expect) String() string {
	var parts []string
	if len(e.Status) > 0 {
		parts = append(parts, "status "+strings.Join(e.Status, " or "))
	}
	if e.Within > 0 {
		parts = append(parts, fmt.Sprintf("within %v", e.Within))
	}
	return strings.Join(parts, ", ")
}
