package control

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// attempted is the outcome of every attempt, whatever came of it, and heldBack of every hold of a delivery. The other
// outcomes are ends of deliveries.
const (
	attempted = "attempted"
	heldBack  = string(Held)
)

// maxClosest is how many near misses are told.
const maxClosest = 5

// waitRequest is the body of POST wait. An empty condition is none.
type waitRequest struct {
	Outcome  string `json:"outcome"`
	Event    string `json:"event"`
	Provider string `json:"provider"`
	Run      string `json:"run"`
	Delivery string `json:"delivery"`
	Count    *int   `json:"count"`
	After    uint64 `json:"after"`
	Timeout  string `json:"timeout"`
}

// search looks for the entries that a wait is for. What is in the journal of one delivery is one story: of a story
// that came out as wanted nothing else is a near miss, and of any other only its last entry is.
type search struct {
	want    waitRequest
	count   int
	found   entries
	right   map[string]bool // deliveries that are among found
	near    []near          // the latest last
	evicted uint64
}

// told is what a search reads of an entry: its bodies do not matter.
type told struct {
	Event    string `json:"event"`
	Provider string `json:"provider"`
	Run      string `json:"run"`
	Delivery string `json:"delivery"`
	Outcome  string `json:"outcome"`
	Released bool   `json:"released"`
}

type near struct {
	delivery string
	entry    store.Entry
}

func (q waitRequest) search() (*search, time.Duration, error) {
	limit, err := timeout(q.Timeout)
	if err != nil {
		return nil, 0, err
	}
	s := &search{want: q, count: 1, right: map[string]bool{}}
	switch q.Outcome {
	case "":
		s.want.Outcome = journal.Delivered
	case attempted, heldBack, journal.Delivered, journal.Exhausted, journal.Unroutable, journal.Dropped:
	default:
		return nil, 0, Invalidf("outcome is %q: there are %s, %s, %s, %s, %s and %s", q.Outcome, attempted, heldBack, journal.Delivered, journal.Exhausted, journal.Unroutable, journal.Dropped)
	}
	if q.Count != nil {
		s.count = *q.Count
	}
	if s.count < 1 || s.count > maxCount {
		return nil, 0, Invalidf("count is %d: give a whole number from 1 to %d", s.count, maxCount)
	}
	return s, limit, nil
}

// look takes the next entry of the journal, and reports whether it is the last one wanted.
func (s *search) look(e store.Entry) (done bool, err error) {
	switch e.Kind {
	case journal.KindGap:
		gap, err := journal.As[journal.Gap](e)
		s.evicted += gap.Missed
		return false, err
	case journal.KindEvent, journal.KindAttempt, journal.KindDelivery, journal.KindHold:
	default:
		return false, nil
	}
	var told told
	if err := json.Unmarshal(e.Data, &told); err != nil {
		return false, fmt.Errorf("journal entry %d: %w", e.Seq, err)
	}
	if told.Delivery == "" { // a hold of what is to come
		return false, nil
	}
	misses := 0
	if !happened(s.want.Outcome, e.Kind, told) {
		misses++
	}
	for _, c := range [...][2]string{{s.want.Event, told.Event}, {s.want.Provider, told.Provider}, {s.want.Run, told.Run}, {s.want.Delivery, told.Delivery}} {
		if c[0] != "" && c[0] != c[1] {
			misses++
		}
	}
	switch {
	case misses == 0:
		s.found, s.right[told.Delivery] = append(s.found, e), true
		s.forget(told.Delivery)
	case misses == 1 && !s.right[told.Delivery]:
		s.forget(told.Delivery)
		s.near = append(s.near, near{told.Delivery, e})
		if len(s.near) > maxClosest {
			s.near = slices.Delete(s.near, 0, 1)
		}
	}
	return len(s.found) == s.count, nil
}

func (s *search) forget(delivery string) {
	s.near = slices.DeleteFunc(s.near, func(n near) bool { return n.delivery == delivery })
}

// missed is the problem of a search that ran out of time.
func (s *search) missed(limit time.Duration) error {
	seen, closest := len(s.found), entries{}
	for _, n := range s.near {
		closest = append(closest, n.entry)
	}
	detail := fmt.Sprintf("%d of %d seen within %v: ", seen, s.count, limit)
	switch {
	case len(closest) > 0:
		detail += "see what came closest"
	default:
		detail += fmt.Sprintf("nothing came close; is an endpoint registered (GET %s/endpoints), and does the account's clock run (GET %s/clock)?", Base, Base)
	}
	if s.evicted > 0 {
		detail += fmt.Sprintf("; %d entries had been dropped before they could be looked at: wait from a later cursor, or keep more", s.evicted)
	}
	return problem{Status: http.StatusRequestTimeout, Detail: detail, missed: missed{&seen, closest, s.evicted}}
}
