package provider

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// bounds are the soonest and the latest time at which the attempt after so many failed ones is made, from the first on.
func (r *runner) bounds(failed int) (soonest, latest time.Duration) {
	for _, wait := range r.Provider.Retry()[:failed] {
		soonest += r.Provider.Shift(time.Duration(wait), 0)
		latest += r.Provider.Shift(time.Duration(wait), 1)
	}
	return soonest, latest
}

// jitter: of several deliveries that fail together, not all are sent again together.
func jitter(h *hook, c *Check) (finding, error) {
	const several, steps = 8, 8
	if h.r.Provider.Jitter() == 0 || len(h.r.Provider.Retry()) == 0 {
		return finding{lacks: c.Lacks}, nil
	}
	for range several - 1 {
		if err := h.send(); err != nil {
			return finding{}, err
		}
	}
	if err := h.advance(time.Millisecond); err != nil {
		return finding{}, err
	}
	before := len(h.all())
	if before != several {
		return finding{inconclusive: fmt.Sprintf("%d of %d events came that could fail", before, several)}, nil
	}
	soonest, latest := h.r.bounds(1)
	if err := h.advance(soonest - 10*time.Millisecond); err != nil {
		return finding{}, err
	}
	for range steps {
		if err := h.advance((latest - soonest + 20*time.Millisecond) / steps); err != nil {
			return finding{}, err
		}
		switch n := len(h.all()) - before; n {
		case 0:
		case several:
			return finding{wanted: fmt.Sprintf("that %d deliveries that failed together come again between %v and %v after that, each at another time", several, soonest, latest), got: "that all come together"}, nil
		default:
			return finding{}, nil
		}
	}
	return finding{wanted: fmt.Sprintf("a further attempt between %v and %v", soonest, latest), got: "none"}, nil
}

// gone: a receiver that answers 410 is sent nothing any more.
func gone(r *runner, c *Check) (finding, error) {
	if !r.Provider.Gone() {
		return finding{lacks: c.Lacks}, nil
	}
	h, found, err := r.hooked(c, always(http.StatusGone))
	if h == nil || err != nil {
		return found, err
	}
	if err := h.advance(time.Millisecond); err != nil {
		return found, err
	}
	if len(h.all()) == 0 {
		return finding{inconclusive: "nothing came that could be answered 410"}, nil
	}
	// That there is nobody left to send to may be said, or not.
	_, _ = r.sendEvent(h.account)
	if err := h.advance(long); err != nil {
		return found, err
	}
	if n := len(h.all()); n > 1 {
		return finding{wanted: "nothing after the request that was answered 410", got: fmt.Sprintf("%d more", n-1), exchanges: shown(h.all())}, nil
	}
	return finding{}, nil
}

// retryAfter: a receiver that answers 429 is left alone for as long as it asks, and then tried again.
func retryAfter(r *runner, c *Check) (finding, error) {
	if !r.Provider.RetryAfter() || len(r.Provider.Retry()) == 0 {
		return finding{lacks: c.Lacks}, nil
	}
	_, latest := r.bounds(1)
	asked := (latest + time.Minute).Round(time.Second)
	h, found, err := r.hooked(c, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", strconv.Itoa(int(asked.Seconds())))
		w.WriteHeader(http.StatusTooManyRequests)
	})
	if h == nil || err != nil {
		return found, err
	}
	for _, step := range []struct {
		by   time.Duration
		n    int
		says string
	}{
		{time.Millisecond, 1, "at once"},
		{asked - time.Second, 1, fmt.Sprintf("before the %v are over that Retry-After asked for", asked)},
		{time.Minute, 2, "a minute after that"},
	} {
		if err := h.advance(step.by); err != nil {
			return found, err
		}
		if n := len(h.all()); n != step.n {
			return finding{wanted: fmt.Sprintf("%d requests %s", step.n, step.says), got: fmt.Sprint(n), exchanges: shown(h.all())}, nil
		}
	}
	return finding{}, nil
}
