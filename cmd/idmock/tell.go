package main

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
)

// tell prints what an entry says, and counts it.
func (s *story) tell(entry store.Entry) {
	data, err := journal.Decode(entry)
	if err != nil {
		s.fail("%v", err)
		return
	}
	say := func(format string, args ...any) {
		if s.start.IsZero() {
			s.start = entry.At
		}
		fmt.Fprintf(s.out, "%10s  %s\n", entry.At.Sub(s.start).Round(time.Millisecond), fmt.Sprintf(format, args...))
	}
	switch d := data.(type) {
	case journal.Call:
		say("%s answered %d", d.Operation, d.Status)
		if d.Error != nil {
			say("refused: %s", d.Error.Message)
		}
	case journal.Run:
		next := ""
		if !d.Next.IsZero() {
			next = fmt.Sprintf(", next step in %v", d.Next.Sub(entry.At).Round(waits))
		}
		say("run %s is %s%s", d.Reference, d.State, next)
	case journal.Event:
		s.played.Planned++
	case journal.Attempt:
		s.attempt(d, entry.At, say)
	case journal.Delivery:
		if d.Outcome == journal.Delivered {
			s.played.Delivered++
			return
		}
		say("%s: %s after %s", d.Event, d.Outcome, count(d.Attempts, "attempt"))
		if !s.spoilt[d.Delivery] { // what goes wrong on purpose is judged by what is expected of it, and by nothing else
			s.lose(d.Delivery, "%s was never accepted: %s", d.Event, s.last)
		}
	case journal.Expect:
		s.played.Expectations = append(s.played.Expectations, expectation{Want: d.Want, Got: d.Got, Pass: d.Pass, Rule: d.Rule})
		if d.Pass {
			s.forgive(d.Delivery)
			say("expected %s: met, %s", d.Want, d.Got)
			return
		}
		say("expected %s: MISSED, got %s", d.Want, d.Got)
		s.fail("expected %s, got %s", d.Want, d.Got)
	case journal.Gap:
		say("%s lost: the server's journal did not keep them", count(int(d.Missed), "entry"))
		s.broken = fmt.Sprintf("the server's journal no longer had %d entries of it: start the server with more --journal-entries", d.Missed)
	case journal.RuleError:
		say("rule failed: %s", d.Message)
		s.broken = d.Message
	}
}

func (s *story) attempt(d journal.Attempt, at time.Time, say func(string, ...any)) {
	s.played.Attempts++
	if len(d.Fault) > 0 || s.spoilt[d.Delivery] {
		if s.spoilt == nil {
			s.spoilt = map[string]bool{}
		}
		s.spoilt[d.Delivery] = len(d.Fault) > 0
	}
	switch webhook.Class(d.Class) {
	case webhook.Refused, webhook.Unreachable, webhook.DNS, webhook.ConnectTimeout, webhook.Blocked, webhook.Canceled:
	default:
		s.reached = true
	}
	if d.Accepted {
		say("%s attempt %d accepted with %d after %v", d.Event, d.N, d.Response.Status, time.Duration(d.Phases.Total).Round(time.Microsecond))
		return
	}
	s.last = d.Error
	if d.Hint != "" {
		s.last += " (" + d.Hint + ")"
	}
	s.strange = len(d.Fault) == 0 && d.Response != nil && (d.Response.Status == http.StatusUnauthorized || d.Response.Status == http.StatusForbidden)
	again := ""
	if !d.Next.IsZero() {
		again = fmt.Sprintf(", again in %v", d.Next.Sub(at).Round(waits))
	}
	say("%s attempt %d failed: %s%s", d.Event, d.N, s.last, again)
}

// failure is something to say against the receiver.
type failure struct{ delivery, text string } // delivery is empty where it is not about one

func (s *story) fail(format string, args ...any) { s.lose("", format, args...) }

// lose is fail for a delivery, of which an expectation may still say that so it had to be.
func (s *story) lose(delivery, format string, args ...any) {
	s.failures = append(s.failures, failure{delivery, fmt.Sprintf(format, args...)})
}

// forgive takes back what was said of a delivery.
func (s *story) forgive(delivery string) {
	s.failures = slices.DeleteFunc(s.failures, func(f failure) bool { return delivery != "" && f.delivery == delivery })
}
