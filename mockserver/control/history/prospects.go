package history

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// course is how the deliveries went that match every condition except the outcome. From it follows whether an expectation can
// still be met.
type course struct {
	scope      string          // account of the request; empty: all
	following  bool            // entries are new
	account    string          // of the run or delivery; empty until an entry is about it
	known      bool            // there was such a delivery
	open       map[string]bool // deliveries that have not ended, by ID
	last       string          // how the last one ended, in words
	ended      bool            // the delivery that was asked for
	otherwise  bool            // a delivery ended with another outcome
	unroutable string          // the last one that reached no endpoint, in words
	gone       string          // why nothing of it is left, in words
}

// follow takes the next entry.
func (c *course) follow(want WaitRequest, entry store.Entry, got header) {
	if entry.Kind == journal.KindReset {
		c.reset(entry.Account, want.Run != "" || want.Delivery != "", got.Dropped)
		return
	}
	if want.Run != "" && want.Run == got.Run || want.Delivery != "" && want.Delivery == got.Delivery {
		c.account, c.gone = entry.Account, ""
	}
	if got.Delivery == "" || !want.selects(got) {
		return
	}
	c.known, c.gone = true, ""
	if entry.Kind != journal.KindDelivery {
		if c.open == nil {
			c.open = map[string]bool{}
		}
		c.open[got.Delivery] = true
		return
	}
	delete(c.open, got.Delivery)
	c.ended = got.Delivery == want.Delivery
	c.otherwise = c.otherwise || entry.Seq > want.After && got.Outcome != want.Outcome
	c.last = fmt.Sprintf("%s of run %s ended as %s", got.Event, got.Run, got.Outcome)
	if got.Outcome == journal.Unroutable && entry.Seq > want.After {
		c.unroutable = fmt.Sprintf("%s of run %s reached no endpoint", got.Event, got.Run)
		c.last = c.unroutable
	}
}

// reset notes that an account was reset or deleted, with everything of it. one reports whether the expectation is about a run
// or a delivery, which do not come again.
func (c *course) reset(account string, one, deleted bool) {
	if account != c.scope && account != c.account {
		return
	}
	had := c.account != ""
	*c = course{scope: c.scope, following: c.following}
	switch {
	case deleted && c.following:
		c.gone = fmt.Sprintf("account %q was deleted", account)
	case one && (had || c.following):
		c.gone = fmt.Sprintf("account %q was reset", account)
	}
}

// selects reports whether an entry meets every condition except the outcome.
func (want WaitRequest) selects(got header) bool {
	for _, c := range want.conditions(got) {
		if c[0] != "" && c[0] != c[1] {
			return false
		}
	}
	return true
}

// conditions pairs the wanted values with those of an entry.
func (want WaitRequest) conditions(got header) [4][2]string {
	return [...][2]string{{want.Event, got.Event}, {want.Provider, got.Provider}, {want.Run, got.Run}, {want.Delivery, got.Delivery}}
}

// hopeless returns the problem of an expectation that can no longer be met, or nil. The error has status 404 for a delivery
// that does not exist.
func (h Handler) hopeless(ctx context.Context, account string, e *expectation) error {
	reason, err := h.reason(ctx, account, e)
	if reason == "" || err != nil {
		return err
	}
	return e.problem(http.StatusConflict, fmt.Sprintf("%d of %d seen, and there will be no more: %s", len(e.found), e.count, reason))
}

// reason returns why an expectation can no longer be met, or "".
func (h Handler) reason(ctx context.Context, account string, e *expectation) (string, error) {
	c, want := e.course, e.want
	switch {
	case c.gone != "":
		return c.gone, nil
	case want.Delivery != "" && c.ended:
		return c.last, nil
	case want.Delivery != "" && !c.known:
		_, err := h.Deliveries.Delivery(ctx, want.Delivery)
		return "", err
	case want.Delivery != "" || len(c.open) > 0:
		return "", nil
	case want.Run != "" && c.account != "":
		left, err := h.left(ctx, e)
		if left || err != nil {
			return "", err
		}
		return cmp.Or(c.last, fmt.Sprintf("nothing of run %s is left to come", want.Run)), nil
	case want.Run == "" && account != "" && c.unroutable != "" && want.Outcome != journal.Unroutable:
		takes, err := h.Prospects.HasTaker(ctx, account, want.Provider, want.Event)
		if takes || err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", err
		}
		return fmt.Sprintf("%s, and account %q has none that takes it: register one with POST %s/endpoints", c.unroutable, account, control.Base), nil
	}
	return "", nil
}

// left reports whether a run can still bring what is expected. Once a delivery has ended otherwise only what is planned
// counts; before that, a later request or simulation may have a rule send another.
func (h Handler) left(ctx context.Context, e *expectation) (bool, error) {
	if e.course.otherwise {
		return h.Prospects.IsOpen(ctx, e.course.account, e.want.Provider, e.want.Run)
	}
	return h.Prospects.CanSend(ctx, e.course.account, e.want.Provider, e.want.Run, e.want.Event)
}

// checkNames returns an error for a provider or an event that does not exist.
func (h Handler) checkNames(ctx context.Context, e *expectation) error {
	if e.course.known || e.want.Provider == "" && e.want.Event == "" {
		return nil
	}
	names, of, err := h.Catalogue.EventNames(ctx)
	if err != nil {
		return err
	}
	if err := unknown("provider", e.want.Provider, names); err != nil {
		return err
	}
	var events []string
	for _, name := range names {
		if e.want.Provider == "" || e.want.Provider == name {
			events = append(events, of[name]...)
		}
	}
	return unknown("event", e.want.Event, events)
}

func unknown(what, name string, names []string) error {
	for _, known := range names {
		if name == known {
			return nil
		}
	}
	if name == "" {
		return nil
	}
	return control.Invalidf("unknown %s %q%s", what, name, suggest.Meant(name, names))
}
