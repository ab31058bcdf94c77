package scenarios

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/idmock/idmock/internal/template"
)

// ErrNoRule reports that no rule of the scenario or of its provider's default matches the input.
var ErrNoRule = errors.New("no matching rule")

// State is the memory of a run. It is small, and JSON preserves it exactly.
type State struct {
	Set   map[string]any `json:"set,omitempty"`   // values set by rules
	Calls map[int]int    `json:"calls,omitempty"` // number of requests, by rule with several replies
}

// UnmarshalJSON keeps integers: as a float64, an identifier of eleven digits would read differently in expressions once the
// state was stored.
func (s *State) UnmarshalJSON(b []byte) error {
	var stored struct {
		Set   json.RawMessage `json:"set"`
		Calls map[int]int     `json:"calls"`
	}
	if err := json.Unmarshal(b, &stored); err != nil {
		return err
	}
	*s = State{Calls: stored.Calls}
	if stored.Set == nil {
		return nil
	}
	v, err := template.DecodeJSON(stored.Set)
	s.Set, _ = v.(map[string]any)
	return err
}

// Input is a request to an operation, [Start], a trigger such as [Delivered], or a due step of a timeline.
type Input struct {
	On    string // operation ID, Start or trigger; empty for a timer
	Timer Timer
	Turn  Turn            // of the timer's step
	Scope *template.Scope // with Run from the state; Step adds the values that it sets
}

// External reports an input from outside: a request, [Start] or a simulation.
func (in Input) External() bool {
	kind, _ := cutTrigger(in.On)
	return in.On != "" && kind != delivered && kind != exhausted
}

// Turn is the way in which a timeline reaches or leaves a step.
type Turn uint8

// The turns.
const (
	Due    Turn = iota // its after has passed
	Begin              // the timeline enters at this step, before its after
	Met                // the expected request has arrived
	Missed             // the expected request has not arrived in time
)

// Timer identifies a step of a rule's timeline, by index in the machine's rules and in [Rule.Steps].
type Timer struct {
	Rule int `json:"rule"`
	Step int `json:"step"`
}

// Effect is an instruction to the engine: a [Reply], a [Send], a [Schedule] or an [Await].
type Effect interface{ effect() }

// Reply is the response to the request.
type Reply struct {
	Rule     int
	Example  string
	Status   int // 0: the example's status
	Header   [][2]string
	Body     *template.Node // bound; nil: the example's body
	BodyOnly bool           // Body is complete: without an example
	Delay    time.Duration
	Hang     bool
	Faults   []Fault
}

// Send plans an event for the account's webhook endpoints.
type Send struct {
	Rule    int
	Line    int // of the step
	Event   string
	OptIn   bool           // only to endpoints that list the event by name
	Data    *template.Node // bound
	Invalid bool           // the body violates the event's schema on purpose
	Expect  *Expect
	Faults  []Fault
	Else    *Timer         // step to [Begin] with if the expectation is not met; nil: none
	Set     map[string]any // the run's values at the time of sending, which later steps of the same instant do not change
}

// Schedule starts a timer.
type Schedule struct {
	Timer Timer
	After time.Duration
}

// Await waits for a request. The run continues once, with [Met] or [Missed].
type Await struct {
	Timer  Timer
	Call   string        // the operation; * and ? are wildcards
	Within time.Duration // account time; then [Missed]
}

func (Await) effect()    {}
func (Reply) effect()    {}
func (Send) effect()     {}
func (Schedule) effect() {}
