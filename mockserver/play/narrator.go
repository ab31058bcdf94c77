package play

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/plural"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
)

// resolution rounds durations until a next step, since journal times are whole milliseconds.
const resolution = 10 * time.Millisecond

// narrator prints a scenario's journal entries and collects the evidence for its verdict.
type narrator struct {
	scenario        *Scenario
	out             io.Writer
	allowUnroutable bool
	hidden          []string  // headers of webhooks
	start           time.Time // account time of the first line

	reached      bool            // an attempt got as far as the receiver
	unauthorized bool            // the last attempt got 401 or 403
	last         string          // error of the last attempt
	broken       string          // error of the scenario itself
	responses    []string        // of requests to the provider, in words
	awaited      bool            // a request that the scenario expected did not come
	sabotaged    map[string]bool // deliveries whose last attempt had a fault
	failures     []failure
}

// failure is a requirement that the receiver failed.
type failure struct {
	delivery string // empty if it is about none
	text     string
	request  bool // an expected request did not come
}

// entry narrates one entry.
func (n *narrator) entry(e store.Entry) {
	data, err := journal.Decode(e)
	if err != nil {
		n.fail("", "%v", err)
		return
	}
	print := func(format string, args ...any) {
		if n.start.IsZero() {
			n.start = e.At
		}
		fmt.Fprintf(n.out, "%10s  %s\n", e.At.Sub(n.start).Round(time.Millisecond), fmt.Sprintf(format, args...))
	}
	switch d := data.(type) {
	case journal.Call:
		n.call(d, e.At, print)
	case journal.Run:
		next := ""
		if !d.Next.IsZero() {
			next = fmt.Sprintf(", next step in %v", d.Next.Sub(e.At).Round(resolution))
		}
		print("run %s is %s%s", d.Reference, d.State, next)
	case journal.Event:
		n.scenario.Planned++
	case journal.Attempt:
		n.attempt(d, e.At, print)
	case journal.Delivery:
		n.delivery(d, print)
	case journal.Expect:
		n.expectation(d, print)
	case journal.Gap:
		print("%s lost: the server's journal had dropped them", plural.Count(int(d.Missed), "entry"))
		n.broken = fmt.Sprintf("the server's journal had dropped %d of its entries: start the server with more --journal-entries", d.Missed)
	case journal.RuleError:
		print("rule failed: %s", d.Message)
		n.broken = d.Message
	}
}

func (n *narrator) call(d journal.Call, at time.Time, print func(string, ...any)) {
	n.scenario.Exchanges = append(n.scenario.Exchanges, callExchange(d, at))
	text := "did not respond"
	if d.Status != 0 {
		text = fmt.Sprintf("responded %d", d.Status)
	}
	print("%s %s", operationOf(d), text)
	n.responses = append(n.responses, operationOf(d)+" "+text)
	if d.Error != nil {
		print("refused: %s", d.Error.Message)
	}
}

// operationOf returns the operation of a request, or its method and path if none matched.
func operationOf(d journal.Call) string {
	if d.Operation == "" {
		path, _, _ := strings.Cut(d.Path, "?")
		return d.Method + " " + path
	}
	return d.Operation
}

func (n *narrator) attempt(d journal.Attempt, at time.Time, print func(string, ...any)) {
	n.scenario.Attempts++
	exchange := attemptExchange(d, at)
	exchange.Request.hide(n.hidden)
	n.scenario.Exchanges = append(n.scenario.Exchanges, exchange)
	if len(d.Fault) > 0 || n.sabotaged[d.Delivery] {
		if n.sabotaged == nil {
			n.sabotaged = map[string]bool{}
		}
		n.sabotaged[d.Delivery] = len(d.Fault) > 0
	}
	switch webhook.Class(d.Class) {
	case webhook.Refused, webhook.Unreachable, webhook.DNS, webhook.ConnectTimeout, webhook.Blocked, webhook.Canceled:
	default:
		n.reached = true
	}
	if d.Accepted {
		print("%s attempt %d accepted with %d after %v", d.Event, d.N, d.Response.Status, time.Duration(d.Phases.Total).Round(time.Microsecond))
		return
	}
	n.last = reason(d)
	n.unauthorized = len(d.Fault) == 0 && d.Response != nil && (d.Response.Status == http.StatusUnauthorized || d.Response.Status == http.StatusForbidden)
	retry := ""
	if !d.Next.IsZero() {
		retry = fmt.Sprintf(", retry in %v", d.Next.Sub(at).Round(resolution))
	}
	print("%s attempt %d failed: %s%s", d.Event, d.N, n.last, retry)
}

// reason returns the error of an attempt with its hint.
func reason(d journal.Attempt) string {
	if d.Hint == "" {
		return d.Error
	}
	return d.Error + " (" + d.Hint + ")"
}

func (n *narrator) delivery(d journal.Delivery, print func(string, ...any)) {
	if d.Outcome == journal.Delivered {
		n.scenario.Delivered++
		return
	}
	if d.Outcome == journal.Unroutable {
		n.scenario.Unroutable++
		print("%s of run %s not sent: no endpoint takes it", d.Event, d.Run)
		if !n.allowUnroutable {
			n.fail("", "%s of run %s reached no endpoint: register one that takes it, or pass --allow-unroutable if that is intended", d.Event, d.Run)
		}
		return
	}
	print("%s: %s after %s", d.Event, d.Outcome, plural.Count(d.Attempts, "attempt"))
	if !n.sabotaged[d.Delivery] { // a fault's effect is judged by the expectations alone
		n.fail(d.Delivery, "%s was never accepted: %s", d.Event, n.last)
	}
}

func (n *narrator) expectation(d journal.Expect, print func(string, ...any)) {
	n.scenario.Expectations = append(n.scenario.Expectations, Expectation{Want: d.Want, Got: d.Got, Pass: d.Pass, Rule: d.Rule})
	if d.Pass {
		n.excuse(d.Delivery)
		print("expected %s: met, %s", d.Want, d.Got)
		return
	}
	n.awaited = n.awaited || d.Call != ""
	print("expected %s: MISSED, got %s (%s)", d.Want, d.Got, d.Rule)
	n.failures = append(n.failures, failure{text: fmt.Sprintf("expected %s, got %s", d.Want, d.Got), request: d.Call != ""})
}

// fail adds a failure. An expectation of the delivery may still excuse it.
func (n *narrator) fail(delivery, format string, args ...any) {
	n.failures = append(n.failures, failure{delivery: delivery, text: fmt.Sprintf(format, args...)})
}

// excuse removes the failures of a delivery that failed as expected.
func (n *narrator) excuse(delivery string) {
	n.failures = slices.DeleteFunc(n.failures, func(f failure) bool { return delivery != "" && f.delivery == delivery })
}

// conclude prints the totals and sets the verdict, unless the scenario could not be played.
func (n *narrator) conclude(interrupted bool) {
	s := n.scenario
	if s.Verdict == Errored {
		return
	}
	unroutable := ""
	if s.Unroutable > 0 {
		unroutable = fmt.Sprintf(", %s without an endpoint", plural.Count(s.Unroutable, "event"))
	}
	fmt.Fprintf(n.out, "%d of %s delivered in %s%s, %d of %s met\n", s.Delivered, plural.Count(s.Planned, "webhook"),
		plural.Count(s.Attempts, "attempt"), unroutable, s.met(), plural.Count(len(s.Expectations), "expectation"))
	switch {
	case interrupted:
		s.errored("interrupted before the scenario ended: let it play to its end, or use --speed instant")
	case n.broken != "":
		s.errored("the scenario failed, so the receiver was not judged: " + n.broken)
	case len(n.failures) > 0 && s.Attempts > 0 && !n.reached:
		s.errored("the receiver could not be reached: " + n.failures[0].text)
	case len(n.failures) > 0:
		s.Verdict, s.Reason = Failed, "the receiver failed: "+n.failures[0].text
		if n.unauthorized {
			s.Reason += ": does it verify with another key? Start it with the key of this account, or pass its own with --credential"
		}
		for _, f := range n.failures {
			s.Failures = append(s.Failures, f.text)
		}
	case s.Planned == 0 && len(s.Expectations) == 0:
		s.Verdict, s.Reason = Skipped, "the scenario sends no webhook, so nothing was tested: play one that does"
		if len(n.responses) > 0 {
			s.Reason = fmt.Sprintf("the scenario sends no webhook (%s), so nothing was tested: play one that does", strings.Join(shortened(n.responses), ", "))
		}
	default:
		s.Verdict = Passed
	}
}

// maxResponses is how many responses a reason names.
const maxResponses = 8

// shortened returns the first items of a list that is too long for a sentence.
func shortened(all []string) []string {
	if len(all) <= maxResponses {
		return all
	}
	return append(slices.Clip(all[:maxResponses]), fmt.Sprintf("and %d more", len(all)-maxResponses))
}
