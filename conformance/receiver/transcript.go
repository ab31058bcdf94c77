package receiver

import (
	"slices"
	"sync"

	"github.com/idmock/idmock/conformance"
)

// maxExchanges is the number of exchanges of a check in the report: the first and the last ones.
const maxExchanges = 12

// transcript collects the exchanges of a check for the report. Its methods are safe for concurrent use.
type transcript struct {
	mu        sync.Mutex
	exchanges []*conformance.Exchange
}

func (t *transcript) add(e *conformance.Exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.exchanges) >= maxExchanges {
		t.exchanges = append(t.exchanges[:maxExchanges/2], t.exchanges[maxExchanges/2+1:]...)
	}
	t.exchanges = append(t.exchanges, e)
}

// mark notes the expected response at an exchange, and adds it if it was dropped.
func (t *transcript) mark(e *conformance.Exchange, expected string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e.Expected = expected; !slices.Contains(t.exchanges, e) {
		t.exchanges = append(t.exchanges, e)
	}
}

// markFirst notes the expected response at the first exchange that does not match.
func (t *transcript) markFirst(expected string, matches func(*conformance.Exchange) bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.exchanges {
		if !matches(e) {
			e.Expected = expected
			return
		}
	}
}

// list returns copies of the exchanges so far.
func (t *transcript) list() []conformance.Exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []conformance.Exchange
	for _, e := range t.exchanges {
		all = append(all, *e)
	}
	return all
}
