package history

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/idmock/idmock/internal/problem"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// Outcomes besides the final ones of a delivery.
const (
	outcomeAttempted = "attempted" // any attempt, whatever its result
	outcomeHeld      = string(control.Held)
)

const (
	maxCount   = 100000 // entries of one wait
	maxClosest = 5      // near misses that are reported
)

// WaitRequest is the body of POST wait. Empty conditions match anything.
type WaitRequest struct {
	Outcome  string `json:"outcome"`
	Event    string `json:"event"`
	Provider string `json:"provider"`
	Run      string `json:"run"`
	Delivery string `json:"delivery"`
	Count    *int   `json:"count"`
	After    uint64 `json:"after"`
	Timeout  string `json:"timeout"`
}

// expectation collects matching entries and near misses. The entries of one delivery belong together: a delivery with a match
// is never a near miss, and any other is represented by its latest entry.
type expectation struct {
	want    WaitRequest
	count   int
	found   entries
	matched map[string]bool // deliveries in found
	near    []nearMiss      // latest last
	evicted uint64
	course  course
}

type nearMiss struct {
	delivery string
	entry    store.Entry
}

// header holds the fields of an entry that conditions refer to.
type header struct {
	Event    string `json:"event"`
	Provider string `json:"provider"`
	Run      string `json:"run"`
	Delivery string `json:"delivery"`
	Outcome  string `json:"outcome"`
	Released bool   `json:"released"`
	Dropped  bool   `json:"dropped"` // of a reset: the account was deleted
}

func newExpectation(req WaitRequest) (*expectation, time.Duration, error) {
	limit, err := Timeout(req.Timeout)
	if err != nil {
		return nil, 0, err
	}
	e := &expectation{want: req, count: 1, matched: map[string]bool{}}
	switch req.Outcome {
	case "":
		e.want.Outcome = journal.Delivered
	case outcomeAttempted, outcomeHeld, journal.Delivered, journal.Exhausted, journal.Unroutable, journal.Dropped:
	default:
		return nil, 0, control.Invalidf("unknown outcome %q: use %s, %s, %s, %s, %s or %s", req.Outcome,
			outcomeAttempted, outcomeHeld, journal.Delivered, journal.Exhausted, journal.Unroutable, journal.Dropped)
	}
	if req.Count != nil {
		e.count = *req.Count
	}
	if e.count < 1 || e.count > maxCount {
		return nil, 0, control.Invalidf("invalid count %d: use a whole number from 1 to %d", e.count, maxCount)
	}
	return e, limit, nil
}

// from is the Seq after which entries matter: those before the request's cursor show how a run or a delivery went.
func (e *expectation) from() uint64 {
	if e.want.Run != "" || e.want.Delivery != "" {
		return 0
	}
	return e.want.After
}

// add evaluates the next entry and reports whether the expectation is met.
func (e *expectation) add(entry store.Entry) (met bool, err error) {
	switch entry.Kind {
	case journal.KindGap:
		gap, err := journal.As[journal.Gap](entry)
		e.evicted += gap.Missed
		return false, err
	case journal.KindEvent, journal.KindAttempt, journal.KindDelivery, journal.KindHold:
	case journal.KindRun, journal.KindReset:
		if e.want.Run == "" && e.want.Delivery == "" && entry.Kind == journal.KindRun {
			return false, nil
		}
	default:
		return false, nil
	}
	var got header
	if err := json.Unmarshal(entry.Data, &got); err != nil {
		return false, fmt.Errorf("journal entry %d: %w", entry.Seq, err)
	}
	e.course.follow(e.want, entry, got)
	if got.Delivery == "" || entry.Seq <= e.want.After { // a run, a hold of future deliveries, or an entry that was seen before
		return false, nil
	}
	switch e.misses(entry.Kind, got) {
	case 0:
		e.found, e.matched[got.Delivery] = append(e.found, entry), true
		e.forget(got.Delivery)
	case 1:
		if !e.matched[got.Delivery] {
			e.remember(got.Delivery, entry)
		}
	}
	return len(e.found) == e.count, nil
}

// misses counts the conditions that an entry does not meet.
func (e *expectation) misses(kind string, got header) int {
	n := 0
	if !e.outcomeMatches(kind, got) {
		n++
	}
	for _, c := range e.want.conditions(got) {
		if c[0] != "" && c[0] != c[1] {
			n++
		}
	}
	return n
}

func (e *expectation) outcomeMatches(kind string, got header) bool {
	switch e.want.Outcome {
	case outcomeAttempted:
		return kind == journal.KindAttempt
	case outcomeHeld:
		return kind == journal.KindHold && !got.Released
	}
	return kind == journal.KindDelivery && got.Outcome == e.want.Outcome
}

func (e *expectation) remember(delivery string, entry store.Entry) {
	e.forget(delivery)
	e.near = append(e.near, nearMiss{delivery, entry})
	if len(e.near) > maxClosest {
		e.near = slices.Delete(e.near, 0, 1)
	}
}

func (e *expectation) forget(delivery string) {
	e.near = slices.DeleteFunc(e.near, func(n nearMiss) bool { return n.delivery == delivery })
}

// timedOut returns the problem of an expectation that was not met in time.
func (e *expectation) timedOut(limit time.Duration) error {
	detail := fmt.Sprintf("%d of %d seen within %v: ", len(e.found), e.count, limit)
	switch {
	case e.course.unroutable != "":
		detail += e.course.unroutable + ": register an endpoint that takes it; see closest for the near misses"
	case len(e.near) > 0:
		detail += "see closest for the near misses"
	default:
		detail += fmt.Sprintf("no near misses; check that an endpoint is registered (GET %s/endpoints) and that the account's clock runs (GET %s/clock)", control.Base, control.Base)
	}
	return e.problem(http.StatusRequestTimeout, detail)
}

// problem returns the problem of an expectation that is not met.
func (e *expectation) problem(status int, detail string) error {
	closest := entries{}
	for _, n := range e.near {
		closest = append(closest, n.entry)
	}
	members := map[string]any{"seen": len(e.found), "closest": closest}
	if e.evicted > 0 {
		detail += fmt.Sprintf("; retention dropped %d entries before they were read: wait from a later cursor, or retain more entries", e.evicted)
		members["evicted"] = e.evicted
	}
	return problem.Problem{Status: status, Detail: detail, Members: members}
}
