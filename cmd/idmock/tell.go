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
func (j *judge) tell(entry store.Entry) {
	data, err := journal.Decode(entry)
	if err != nil {
		j.fail("%v", err)
		return
	}
	say := func(format string, args ...any) {
		if j.start.IsZero() {
			j.start = entry.At
		}
		fmt.Fprintf(j.out, "%10s  %s\n", entry.At.Sub(j.start).Round(time.Millisecond), fmt.Sprintf(format, args...))
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
		j.planned++
	case journal.Attempt:
		j.attempt(d, entry.At, say)
	case journal.Delivery:
		if d.Outcome == journal.Delivered {
			j.delivered++
			return
		}
		say("%s: %s after %s", d.Event, d.Outcome, count(d.Attempts, "attempt"))
		if !j.spoilt[d.Delivery] { // what goes wrong on purpose is judged by what is expected of it, and by nothing else
			j.lose(d.Delivery, "%s was never accepted: %s", d.Event, j.last)
		}
	case journal.Expect:
		j.expected++
		if d.Pass {
			j.met++
			j.forgive(d.Delivery)
			say("expected %s: met, %s", d.Want, d.Got)
			return
		}
		say("expected %s: MISSED, got %s", d.Want, d.Got)
		j.fail("expected %s, got %s", d.Want, d.Got)
	case journal.RuleError:
		say("rule failed: %s", d.Message)
		j.broken = d.Message
	}
}

func (j *judge) attempt(d journal.Attempt, at time.Time, say func(string, ...any)) {
	j.attempts++
	if len(d.Fault) > 0 || j.spoilt[d.Delivery] {
		if j.spoilt == nil {
			j.spoilt = map[string]bool{}
		}
		j.spoilt[d.Delivery] = len(d.Fault) > 0
	}
	switch webhook.Class(d.Class) {
	case webhook.Refused, webhook.Unreachable, webhook.DNS, webhook.ConnectTimeout, webhook.Blocked, webhook.Canceled:
	default:
		j.reached = true
	}
	if d.Accepted {
		say("%s attempt %d accepted with %d after %v", d.Event, d.N, d.Response.Status, time.Duration(d.Phases.Total).Round(time.Microsecond))
		return
	}
	j.last = d.Error
	if d.Hint != "" {
		j.last += " (" + d.Hint + ")"
	}
	j.strange = len(d.Fault) == 0 && d.Response != nil && (d.Response.Status == http.StatusUnauthorized || d.Response.Status == http.StatusForbidden)
	again := ""
	if !d.Next.IsZero() {
		again = fmt.Sprintf(", again in %v", d.Next.Sub(at).Round(waits))
	}
	say("%s attempt %d failed: %s%s", d.Event, d.N, j.last, again)
}

// failure is something to say against the receiver.
type failure struct{ delivery, text string } // delivery is empty where it is not about one

func (j *judge) fail(format string, args ...any) { j.lose("", format, args...) }

// lose is fail for a delivery, of which an expectation may still say that so it had to be.
func (j *judge) lose(delivery, format string, args ...any) {
	j.failures = append(j.failures, failure{delivery, fmt.Sprintf(format, args...)})
}

// forgive takes back what was said of a delivery.
func (j *judge) forgive(delivery string) {
	j.failures = slices.DeleteFunc(j.failures, func(f failure) bool { return delivery != "" && f.delivery == delivery })
}
