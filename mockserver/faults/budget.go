package faults

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/scenarios"
)

// DefaultBytes is what faults may have an account send from one reset to the next, unless the configuration has another.
const DefaultBytes = 4 << 30

const (
	// copyBytes is what a copy of an ordinary body counts as.
	copyBytes = 1 << 10
	// fewCopies of an ordinary body do not count: requests of the application bound them, and a count of its own in every
	// commit would make concurrent requests of the account wait for each other.
	fewCopies = 64
)

// Bytes returns what faults have a plan send in addition to one ordinary body, in bytes, as far as it counts.
func Bytes(apply []scenarios.Fault, copies int) int64 {
	size := int64(fault.Size(apply))
	if size == 0 && copies <= fewCopies {
		return 0
	}
	return size*int64(copies+1) + copyBytes*int64(copies)
}

// Spend counts bytes that faults have an account send, in the unit of work that plans them. It reports false, and counts nothing,
// if that is more than the account has left.
func (f *Injector) Spend(ctx context.Context, t *tx.Tx, a *account.Account, bytes int64) (bool, error) {
	if bytes == 0 {
		return true, nil
	}
	doc, err := t.Find(ctx, tx.FaultBytesKey(a.Name()))
	if err != nil {
		return false, err
	}
	spent, _ := strconv.ParseInt(string(doc.Data), 10, 64) // 0 where there is no document
	if bytes > f.bytes-spent {
		return false, nil
	}
	t.Put(store.Doc{Key: doc.Key, Rev: doc.Rev, Data: strconv.AppendInt(nil, spent+bytes, 10)})
	return true, nil
}

// limitBytes is the name of the limit in the journal, and of the flag that sets it.
const limitBytes = "fault-bytes"

// Sends is an attempt and the faults that apply to it, for their limits.
type Sends struct {
	Run, Event string
	Attempt    int
	Faults     []scenarios.Fault
}

// BoundPlan limits what faults have an event send, and what they have its account send: copies and enlarged bodies beyond that are
// left out, with a journal entry. It returns the faults that remain.
func (f *Injector) BoundPlan(ctx context.Context, t *tx.Tx, a *account.Account, of Sends, p *fault.Plan) ([]scenarios.Fault, error) {
	if left := p.Bound(of.Faults); left > 0 {
		t.Log(journal.RuleError{Run: of.Run, Limit: "event-bytes",
			Message: fmt.Sprintf("faults would send more than 1 GiB for event %s: %d copies are left out", of.Event, left)})
	}
	if ok, err := f.Spend(ctx, t, a, Bytes(of.Faults, len(p.Copies))); ok || err != nil {
		return of.Faults, err
	}
	t.Log(f.used(of, fmt.Sprintf("enlarged body and %d copies", len(p.Copies))))
	p.Copies = nil
	return WithoutSize(of.Faults), nil
}

// BoundRetry counts what faults have the next attempt of a delivery send: the first one's share is counted with its plan. It reports
// false if the attempt must do without enlarged bodies.
func (f *Injector) BoundRetry(ctx context.Context, t *tx.Tx, a *account.Account, of Sends) (bool, error) {
	ok, err := f.Spend(ctx, t, a, Bytes(of.Faults, 0))
	if err == nil && !ok {
		t.Log(f.used(of, fmt.Sprintf("enlarged body of attempt %d", of.Attempt)))
	}
	return ok, err
}

// used is the journal entry of what is left out because an account's faults have sent as much as they may.
func (f *Injector) used(of Sends, leftOut string) journal.RuleError {
	return journal.RuleError{Run: of.Run, Limit: limitBytes, Message: fmt.Sprintf("%s: %s left out: %v", of.Event, leftOut, f.ErrUsed())}
}

// ErrUsed is the reason, and what to do.
func (f *Injector) ErrUsed() error {
	return fmt.Errorf("faults may have an account send %d MiB from one reset to the next: reset the account, or start with a larger --%s", f.bytes>>20, limitBytes)
}

// WithoutSize returns the faults that do not enlarge a body.
func WithoutSize(apply []scenarios.Fault) []scenarios.Fault {
	return slices.DeleteFunc(slices.Clone(apply), func(one scenarios.Fault) bool { return fault.Size([]scenarios.Fault{one}) > 0 })
}
