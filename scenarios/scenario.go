package scenarios

import (
	"fmt"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
)

// Scenario is a parsed scenario file.
type Scenario struct {
	Name        string
	Provider    string
	Description string
	File        string // its path, for messages
	Text        string // the file's content, to which the lines of rules and steps refer
	Vars        *template.Node
	Select      *template.Expression // nil: chosen only by name
	Rules       []*Rule

	outcomes *outcome.Table // of the provider, with the scenario's own variables
}

// Rule is the reaction to a request or a trigger.
type Rule struct {
	On    []string // operation IDs, Start, and triggers such as [Delivered]; * and ? are wildcards
	When  *template.Expression
	Reply []*ReplyRule // the first request gets the first; the last one repeats
	Set   *template.Node
	// Outcome yields the name of the outcome that the run has from here on; nil: as before.
	Outcome *template.Node
	Then    []*TimelineStep
	Line    int

	steps []*TimelineStep // the steps of Then, then those of every else; Timer.Step is an index
}

// Steps returns every step of the rule's timeline: first those of then, then those of every else. Do not modify it.
func (r *Rule) Steps() []*TimelineStep { return r.steps }

// number assigns the indexes of a timeline's steps and of its alternatives. It returns the index of the first step.
func (r *Rule) number(timeline []*TimelineStep) int {
	first := len(r.steps)
	r.steps = append(r.steps, timeline...)
	for i, step := range timeline {
		if step.next = first + i + 1; i == len(timeline)-1 {
			step.next = never
		}
	}
	for _, step := range timeline {
		if step.other = never; len(step.Else) > 0 {
			step.other = r.number(step.Else)
		}
	}
	return first
}

// never is the index of the step after the last one.
const never = -1

// ReplyRule describes a response.
type ReplyRule struct {
	Example *template.Node // yields the name of a documented example; nil: the first success, or the body alone
	Status  int            // 0: the example's
	Header  []template.Member
	Body    *template.Node // merged into the example, or the complete body if Example is nil
	Delay   time.Duration  // account time between request and response
	Hang    bool           // never respond
	Faults  []Fault        // faults of the response
}

// TimelineStep is one step of a rule's timeline.
type TimelineStep struct {
	After   time.Duration        // account time since the previous step
	When    *template.Expression // evaluated when the step is due; the step is skipped if it is false
	Set     *template.Node
	Outcome *template.Node   // yields the name of the outcome that the run has from here on; nil: as before
	Send    string           // an event; empty: sends nothing
	As      *template.Node   // yields the name of the outcome that the event reports; nil: the run's
	OptIn   bool             // send only to endpoints that list the event by name
	Data    *template.Node   // merged into the event's template
	Invalid bool             // the body violates the event's schema on purpose
	Expect  *Expect          // expected of the receiver
	Call    *ExpectedRequest // the step waits for a request, and does nothing else
	Else    []*TimelineStep  // plays if Expect or Call is not met or, without Expect, if the event was not delivered
	Faults  []Fault          // faults of the delivery
	Line    int

	next, other int // indexes of the next step, and of the first step of Else
}

// ExpectedRequest waits for a request of the application about the run.
type ExpectedRequest struct {
	Operation string        // with * and ? as wildcards
	Within    time.Duration // account time
}

// String describes the expectation in words.
func (e *ExpectedRequest) String() string {
	return fmt.Sprintf("a call of %s within %v", e.Operation, e.Within)
}

// Expect is evaluated when the last attempt of a delivery has ended.
type Expect struct {
	Status []string      `json:"status,omitempty"`            // accepted statuses, such as 200 or 2xx
	Within time.Duration `json:"within,omitzero,format:nano"` // limit of the accepted attempt's wall time; 0: no limit
}

// String describes the expectation in words.
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
