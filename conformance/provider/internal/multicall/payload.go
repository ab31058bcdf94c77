package multicall

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/idmock/idmock/conformance/provider/internal/inbox"
	"github.com/idmock/idmock/conformance/provider/internal/session"
	"github.com/idmock/idmock/openapi"
)

// idPlace returns the place of a webhook's ID: "header NAME", or a JSON pointer into the body; empty if it has none.
func idPlace(p *openapi.Provider) string {
	if known := p.Conformance(); known != nil && known.ID != "" {
		return known.ID
	}
	if name := p.Webhooks().Signature(nil).IDHeader(); name != "" {
		return "header " + name
	}
	return ""
}

// timestamp requires that each attempt carries its own time. It waits on the wall clock, which timestamps follow.
func timestamp(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	const apart = 2200 * time.Millisecond
	if !s.Provider.Webhooks().Signature(nil).CoversTime() || len(s.Provider.Webhooks().Retry().Waits) == 0 {
		return c.notApplicable()
	}
	earliest := []time.Time{time.Now()} // of each attempt; busy machines are late
	w, err := s.Subscribe(ctx, c.ID, inbox.Status(http.StatusInternalServerError))
	if err != nil {
		return Finding{}, err
	}
	if err := w.Deliver(ctx); err != nil {
		return Finding{}, err
	}
	if err := pause(ctx, apart); err != nil {
		return Finding{}, err
	}
	_, latest := s.Provider.Webhooks().Retry().Bounds(1)
	earliest = append(earliest, time.Now())
	if err := w.Advance(ctx, latest+100*time.Millisecond); err != nil {
		return Finding{}, err
	}
	deliveries := w.Deliveries()
	if len(deliveries) < 2 {
		return Finding{Inconclusive: "no retry was received"}, nil
	}
	for i, d := range deliveries[:2] {
		if got := wrongTimestamp(d, earliest[i]); got != "" {
			return received(w, fmt.Sprintf("the time of attempt %d in its headers, from %d to %d", i+1, earliest[i].Unix(), d.Received.Unix()), got)
		}
	}
	return Finding{}, nil
}

// wrongTimestamp returns a timestamp in the headers that is outside the time of the attempt by more than a second; "none" if
// there are no timestamps, and "" if all are right.
func wrongTimestamp(d inbox.Delivery, earliest time.Time) string {
	timestamps := d.Timestamps()
	if len(timestamps) == 0 {
		return "none"
	}
	for _, t := range timestamps {
		if t.Before(earliest.Add(-time.Second)) || t.After(d.Received.Add(time.Second)) {
			return fmt.Sprint(t.Unix())
		}
	}
	return ""
}

// pause waits on the wall clock.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// occurredAt requires that a later event carries a later time or a higher number, so that receivers can order events.
func occurredAt(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	known := s.Provider.Conformance()
	if known == nil || known.Happened == "" {
		return c.notApplicable()
	}
	w, err := s.Subscribe(ctx, c.ID, inbox.Status(http.StatusOK))
	if err != nil {
		return Finding{}, err
	}
	for i := range 2 {
		if i > 0 {
			if err := w.Send(ctx); err != nil {
				return Finding{}, err
			}
		}
		if err := w.Advance(ctx, 10*time.Second); err != nil {
			return Finding{}, err
		}
	}
	deliveries := w.Deliveries()
	if len(deliveries) != 2 {
		return Finding{Inconclusive: fmt.Sprintf("%d of two events were received", len(deliveries))}, nil
	}
	var positions [2]float64
	for i, d := range deliveries {
		value, _ := openapi.Pointer(d.Body, known.Happened)
		position, ok := orderable(value)
		if positions[i] = position; !ok {
			return received(w, "a time at "+known.Happened, fmt.Sprint(value))
		}
	}
	if positions[1] <= positions[0] {
		return received(w, "a later time at "+known.Happened+" in an event ten seconds later",
			fmt.Sprintf("%s after %s", deliveries[1].At(known.Happened), deliveries[0].At(known.Happened)))
	}
	return Finding{}, nil
}

// orderable converts a time, or a number, into a number that increases with it.
func orderable(value any) (float64, bool) {
	text := fmt.Sprint(value)
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return float64(at.UnixNano()), true
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && value != nil
}

// testMode requires that events of the sandbox are marked as such.
func testMode(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	known := s.Provider.Conformance()
	if known == nil || known.Mode == "" {
		return c.notApplicable()
	}
	var modes [2]string
	var deliveries []inbox.Delivery
	for i, prefix := range []string{"", "test_"} {
		account := prefix + s.Account(c.ID)
		if s.Provider.Sandbox(account) != (i == 1) {
			return Finding{Inconclusive: "needs a key of the sandbox and a live key"}, nil
		}
		w, err := s.SubscribeAs(ctx, account, fmt.Sprint(c.ID, "/", i), inbox.Status(http.StatusOK))
		if err != nil {
			return Finding{}, err
		}
		if err := w.Deliver(ctx); err != nil {
			return Finding{}, err
		}
		got := w.Deliveries()
		if len(got) == 0 {
			return Finding{Inconclusive: "no webhook was received"}, nil
		}
		mode, ok := openapi.Pointer(got[0].Body, known.Mode)
		if !ok {
			return received(w, "the mode (sandbox or live) at "+known.Mode, "none")
		}
		modes[i], deliveries = fmt.Sprint(mode), append(deliveries, got[0])
	}
	if modes[0] == modes[1] {
		return Finding{Expected: "different values at " + known.Mode + " for the sandbox and live", Got: modes[0] + " for both", Exchanges: inbox.Exchanges(deliveries)}, nil
	}
	return Finding{}, nil
}

// resend requires that the dashboard resends an event under its own ID.
func resend(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	operations, err := s.Dashboard(openapi.DashboardResend)
	if err != nil {
		return Finding{}, err
	}
	if len(operations) == 0 {
		return c.notApplicable()
	}
	w, err := s.Subscribe(ctx, c.ID, inbox.Status(http.StatusOK))
	if err != nil {
		return Finding{}, err
	}
	if err := w.Deliver(ctx); err != nil {
		return Finding{}, err
	}
	place, deliveries := idPlace(s.Provider), w.Deliveries()
	if len(deliveries) != 1 || place == "" {
		return Finding{Inconclusive: "no webhook with an ID was received to resend"}, nil
	}
	id := deliveries[0].At(place)
	r, err := s.Documented(operations[0], w.Account)
	if err != nil {
		return Finding{}, err
	}
	call, err := s.Call(ctx, r.AtPath(operations[0], id))
	if err != nil {
		return Finding{}, err
	}
	if call.Got.Status >= 300 {
		return unexpected(call, id+" to be resent", call.Got.Summary())
	}
	if err := w.Deliver(ctx); err != nil {
		return Finding{}, err
	}
	deliveries = w.Deliveries()
	if last := deliveries[len(deliveries)-1]; len(deliveries) != 2 || last.At(place) != id {
		return received(w, "the event once more, with its ID "+id, fmt.Sprintf("%d requests, the last with ID %s", len(deliveries), last.At(place)))
	}
	return Finding{}, nil
}
