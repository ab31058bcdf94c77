package receiver

import (
	"fmt"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance/receiver/outcome"
	"github.com/idmock/idmock/conformance/receiver/wire"
)

// throttle records the events that a receiver deferred in all checks of a run. The zero value is ready to use, also
// concurrently.
type throttle struct {
	mu       sync.Mutex
	deferred int
	invalid  string // the first response without a valid Retry-After
}

// record counts a response if it defers an event.
func (t *throttle) record(got wire.Response) {
	if !got.Throttled() {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.deferred++
	if _, ok := got.RetryAfter(time.Now()); ok || t.invalid != "" {
		return
	}
	t.invalid = fmt.Sprintf("status %d without one", got.Status)
	if text := got.Header.Get("Retry-After"); text != "" {
		t.invalid = fmt.Sprintf("status %d with %q", got.Status, wire.Clip(text, 40))
	}
}

// outcome evaluates the Retry-After of all responses so far.
func (t *throttle) outcome() outcome.Outcome {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.deferred == 0:
		return outcome.Outcome{Moot: "the receiver deferred no event with 429 or 503"}
	case t.invalid != "":
		return outcome.Wrong("Retry-After, in seconds or as a date, with each 429 and 503", "%s", t.invalid)
	}
	return outcome.Fine
}
