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
	Text        string // the file as it was read; the lines of rules and steps are its lines
	Vars        *template.Node
	Select      *template.Expression // nil: chosen by name only
	Rules       []*Rule
}

// Rule is a reaction to a call or a trigger.
type Rule struct {
	On    []string // operation ids, Start, and triggers such as [Delivered]; with * and ? as wildcards
	When  *template.Expression
	Reply []*ReplyRule // the first call gets the first, the last one repeats
	Set   *template.Node
	Then  []*TimelineStep
	Line  int

	steps []*TimelineStep // those of Then, and after them those of every else: what Timer.Step counts
}

// Steps lists every step of the rule's timeline, those of its elses after those of then. It must not be changed.
func (r *Rule) Steps() []*TimelineStep { return r.steps }

// lay numbers the steps of a timeline and of its alternatives. It returns the number of the first.
func (r *Rule) lay(line []*TimelineStep) int {
	first := len(r.steps)
	r.steps = append(r.steps, line...)
	for i, step := range line {
		if step.next = first + i + 1; i == len(line)-1 {
			step.next = never
		}
	}
	for _, step := range line {
		if step.other = never; len(step.Else) > 0 {
			step.other = r.lay(step.Else)
		}
	}
	return first
}

// never is the number of the step that follows on none.
const never = -1

// ReplyRule is a response.
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
	After   time.Duration        // account time since the step before
	When    *template.Expression // asked when its time has come: does it not hold, the step is passed over
	Set     *template.Node
	Send    string          // an event; empty sends nothing
	Data    *template.Node  // laid over the event's template
	Invalid bool            // the body is meant to break the event's schema
	Expect  *Expect         // of who receives it
	Call    *CallExpect     // the step waits for a call; it does nothing else then
	Else    []*TimelineStep // steps if Expect or Call is not met or, without Expect, the delivery failed
	Faults  []Fault         // faults of the delivery
	Line    int

	next, other int // the numbers of the steps that follow, and follow when it is not met
}

// CallExpect waits for the application to make a call about the run.
type CallExpect struct {
	Operation string        // with * and ? as wildcards
	Within    time.Duration // account time
}

// String returns the expectation as a person would say it.
func (e *CallExpect) String() string {
	return fmt.Sprintf("a call of %s within %v", e.Operation, e.Within)
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
