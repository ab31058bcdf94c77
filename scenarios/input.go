package scenarios

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/idmock/idmock/internal/template"
)

// ErrNoRule says that nothing in the scenario, nor in its provider's default, is for this input.
var ErrNoRule = errors.New("no rule for this")

// State is the state of a run. It is small and survives JSON unchanged.
type State struct {
	Set   map[string]any `json:"set,omitempty"`   // variables set by rules
	Calls map[int]int    `json:"calls,omitempty"` // how often a rule with several replies has played
}

// UnmarshalJSON keeps whole numbers whole: an identifier of eleven digits that became a float64 would be another text in
// an expression before and after the state was stored.
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

// Input is a call to an operation, [Start], a trigger such as [Delivered], or the time of a timeline's step.
type Input struct {
	On    string // an operation's id, Start or a trigger; empty for a timer
	Timer Timer
	Turn  Turn            // of the timer's step
	Scope *template.Scope // Run is filled from the state; Step adds the variables that it sets
}

// Turn is the reason for which a step of a timeline is due.
type Turn uint8

// The turns.
const (
	Due    Turn = iota // its after is over
	Begin              // the timeline enters there; its after has not passed yet
	Met                // the call that it expects has come
	Missed             // the call that it expects has not come in time
)

// Timer names a step of a rule's timeline. Rules count from 0 over the machine's rules, steps over [Rule.Steps].
type Timer struct {
	Rule int `json:"rule"`
	Step int `json:"step"`
}

// Effect is something to be done: a [Reply], a [Send], a [Schedule] or an [Await].
type Effect interface{ effect() }

// Reply answers the call.
type Reply struct {
	Rule    int
	Example string
	Status  int // 0: the example's
	Header  [][2]string
	Body    *template.Node // bound; nil: nothing is laid over
	Whole   bool           // Body is all there is: no example was named
	Delay   time.Duration
	Hang    bool
	Faults  []Fault
}

// Send plans an event for the account's endpoints.
type Send struct {
	Rule    int
	Event   string
	Data    *template.Node // bound
	Invalid bool           // the body is meant to break the event's schema
	Expect  *Expect
	Faults  []Fault
	Else    *Timer         // where to [Begin] if it is judged wrong; nil: nowhere
	Set     map[string]any // the run's state when it was sent: later steps of the same moment do not change the event
}

// Schedule asks for a timer after so much account time.
type Schedule struct {
	Timer Timer
	After time.Duration
}

// Await waits for a call: [Met] and, once it has come or the time is over, never again for this one.
type Await struct {
	Timer  Timer
	Call   string        // the operation, with * and ? as wildcards
	Within time.Duration // account time; then [Missed]
}

func (Await) effect()    {}
func (Reply) effect()    {}
func (Send) effect()     {}
func (Schedule) effect() {}
