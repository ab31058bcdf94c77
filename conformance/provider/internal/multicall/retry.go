package multicall

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/idmock/idmock/conformance/provider/internal/exchange"
	"github.com/idmock/idmock/conformance/provider/internal/inbox"
	"github.com/idmock/idmock/conformance/provider/internal/session"
)

// afterAllRetries is longer than any retry schedule.
const afterAllRetries = 60 * 24 * time.Hour

// failing responds 500 to all attempts and evaluates them, after the first attempt.
func failing(evaluate func(ctx context.Context, w *session.Webhook, c Case) (Finding, error)) check {
	return func(ctx context.Context, s *session.Session, c Case) (Finding, error) {
		w, err := s.Subscribe(ctx, c.ID, inbox.Status(http.StatusInternalServerError))
		if err != nil {
			return Finding{}, err
		}
		if err := w.Deliver(ctx); err != nil {
			return Finding{}, err
		}
		found, err := evaluate(ctx, w, c)
		found.Exchanges = inbox.Exchanges(w.Deliveries())
		return found, err
	}
}

// retrySchedule requires that each retry arrives when it is due, and not shortly before.
func retrySchedule(ctx context.Context, w *session.Webhook, c Case) (Finding, error) {
	const margin = 50 * time.Millisecond
	var now time.Duration
	for i := range w.Policy().Retry.Waits {
		earliest, latest := w.Policy().Retry.Bounds(i + 1)
		if earliest-margin < now {
			break // jitter of the earlier attempts overlaps: the number of attempts is unknown
		}
		for step, at := range []time.Duration{earliest - margin, latest + margin} {
			expected := i + 1 + step
			if err := w.Advance(ctx, at-now); err != nil {
				return Finding{}, err
			}
			now = at
			if n := len(w.Deliveries()); n != expected {
				return Finding{Expected: fmt.Sprintf("%d attempts %v after the first", expected, at), Got: fmt.Sprint(n)}, nil
			}
		}
	}
	if now == 0 {
		return c.notApplicable()
	}
	return Finding{}, nil
}

// lastAttempt requires that there are no more attempts than documented.
func lastAttempt(ctx context.Context, w *session.Webhook, _ Case) (Finding, error) {
	if err := w.Advance(ctx, afterAllRetries); err != nil {
		return Finding{}, err
	}
	if n, want := len(w.Deliveries()), 1+len(w.Policy().Retry.Waits); n != want {
		return Finding{Expected: fmt.Sprintf("%d attempts in total", want), Got: fmt.Sprint(n)}, nil
	}
	return Finding{}, nil
}

// retryID requires that a retry has the ID of the first attempt, or the same bytes if there are no IDs.
func retryID(ctx context.Context, w *session.Webhook, c Case) (Finding, error) {
	if err := w.Advance(ctx, afterAllRetries); err != nil {
		return Finding{}, err
	}
	if len(w.Policy().Retry.Waits) == 0 {
		return c.notApplicable()
	}
	place, deliveries := idPlace(w.Provider()), w.Deliveries()
	if len(deliveries) < 2 {
		return Finding{Inconclusive: "no retry was received"}, nil
	}
	first := deliveries[0]
	for _, d := range deliveries[1:] {
		if place != "" && d.At(place) != first.At(place) {
			return Finding{Expected: "the same ID at " + place + " in each attempt: " + first.At(place), Got: d.At(place)}, nil
		}
		if place == "" && !bytes.Equal(d.Body, first.Body) {
			return Finding{Expected: "the same bytes in each attempt, because they have no ID", Got: "others: " + exchange.Clip(string(d.Body), 160)}, nil
		}
	}
	return Finding{}, nil
}

// jitter requires that deliveries that fail together are not all retried together.
func jitter(ctx context.Context, w *session.Webhook, c Case) (Finding, error) {
	const events, steps = 8, 8
	rule := w.Policy().Retry
	if rule.Jitter == 0 || len(rule.Waits) == 0 {
		return c.notApplicable()
	}
	for range events - 1 {
		if err := w.Send(ctx); err != nil {
			return Finding{}, err
		}
	}
	if err := w.Deliver(ctx); err != nil {
		return Finding{}, err
	}
	before := len(w.Deliveries())
	if before != events {
		return Finding{Inconclusive: fmt.Sprintf("only %d of %d events were received to fail", before, events)}, nil
	}
	earliest, latest := rule.Bounds(1)
	if err := w.Advance(ctx, earliest-10*time.Millisecond); err != nil {
		return Finding{}, err
	}
	for range steps {
		if err := w.Advance(ctx, (latest-earliest+20*time.Millisecond)/steps); err != nil {
			return Finding{}, err
		}
		switch n := len(w.Deliveries()) - before; n {
		case 0:
		case events:
			return Finding{Expected: fmt.Sprintf("%d failed deliveries to be retried at different times between %v and %v", events, earliest, latest), Got: "all at the same time"}, nil
		default:
			return Finding{}, nil
		}
	}
	return Finding{Expected: fmt.Sprintf("a retry between %v and %v", earliest, latest), Got: "none"}, nil
}

// noRetryAfterSuccess requires a single attempt if the receiver responds 200.
func noRetryAfterSuccess(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	w, err := s.Subscribe(ctx, c.ID, inbox.Status(http.StatusOK))
	if err != nil {
		return Finding{}, err
	}
	if err := w.Advance(ctx, afterAllRetries); err != nil {
		return Finding{}, err
	}
	if n := len(w.Deliveries()); n != 1 {
		return received(w, "one attempt, which got status 200", fmt.Sprint(n))
	}
	return Finding{}, nil
}

// gone requires that a receiver that responds 410 receives nothing more.
func gone(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	if s.Provider.Webhooks().Retry().Gone == "" {
		return c.notApplicable()
	}
	w, err := s.Subscribe(ctx, c.ID, inbox.Status(http.StatusGone))
	if err != nil {
		return Finding{}, err
	}
	if err := w.Deliver(ctx); err != nil {
		return Finding{}, err
	}
	if len(w.Deliveries()) == 0 {
		return Finding{Inconclusive: "no webhook was received to respond 410 to"}, nil
	}
	_, _ = s.SendEvent(ctx, w.Account) // may fail, because no endpoint is left
	if err := w.Advance(ctx, afterAllRetries); err != nil {
		return Finding{}, err
	}
	if n := len(w.Deliveries()); n > 1 {
		return received(w, "no webhooks after the response 410", fmt.Sprintf("%d more", n-1))
	}
	return Finding{}, nil
}

// retryAfter requires that the retry after a response 429 waits as long as Retry-After says.
func retryAfter(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	if rule := s.Provider.Webhooks().Retry(); rule.RetryAfter == "" || len(rule.Waits) == 0 {
		return c.notApplicable()
	}
	_, latest := s.Provider.Webhooks().Retry().Bounds(1)
	wait := (latest + time.Minute).Round(time.Second)
	w, err := s.Subscribe(ctx, c.ID, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
		w.WriteHeader(http.StatusTooManyRequests)
	})
	if err != nil {
		return Finding{}, err
	}
	for _, step := range []struct {
		by       time.Duration
		requests int
		when     string
	}{
		{instant, 1, "at once"},
		{wait - time.Second, 1, fmt.Sprintf("before the %v of Retry-After have passed", wait)},
		{time.Minute, 2, "a minute later"},
	} {
		if err := w.Advance(ctx, step.by); err != nil {
			return Finding{}, err
		}
		if n := len(w.Deliveries()); n != step.requests {
			return received(w, fmt.Sprintf("%d requests %s", step.requests, step.when), fmt.Sprint(n))
		}
	}
	return Finding{}, nil
}
