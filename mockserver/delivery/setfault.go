package delivery

import (
	"context"
	"fmt"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/faults"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/scenarios"
)

var _ control.Faults = (*SetFaults)(nil)

// SetFaults is the faults set by hand, those of single deliveries among them.
type SetFaults struct {
	*faults.Injector
	service *Service
}

// SetFaults returns the faults set by hand.
func (s *Service) SetFaults() *SetFaults { return &SetFaults{s.Faults, s} }

// SetFault sets a fault, and returns it with its ID. A fault of a delivery is added to that delivery alone, and has none.
func (f *SetFaults) SetFault(ctx context.Context, want control.Fault) (control.Fault, error) {
	if err := f.Check(&want); err != nil {
		return want, err
	}
	if want.Delivery == "" {
		return f.Add(ctx, want)
	}
	return want, tx.Retry(func() error { return f.service.addFault(ctx, want) }, func() bool { return ctx.Err() == nil })
}

// addFault adds a fault to a delivery that has not ended. Faults of planning can be added until its first
// attempt.
func (s *Service) addFault(ctx context.Context, want control.Fault) error {
	a, d, err := s.find(ctx, want.Account, want.Delivery)
	if err != nil {
		return err
	}
	t := a.Begin(a.Now())
	if d.stored.Done || !d.Due.After(t.Now) && d.Hold == "" {
		return control.Invalidf("delivery: %s is under way or has ended: a fault applies to what is still to come", want.Delivery)
	}
	added := scenarios.Fault{Name: want.Fault, Args: want.Args}
	t.Log(faults.Entry(want))
	if !fault.Plans(added) {
		if ok, err := s.Faults.Spend(ctx, t, a, faults.Bytes([]scenarios.Fault{added}, 0)); err != nil {
			return err
		} else if !ok {
			return control.Invalidf("fault: %w", s.Faults.ErrUsed())
		}
		d.Faults = append(d.Faults, added)
		if err := d.put(t); err != nil {
			return err
		}
		return t.Commit(ctx)
	}
	if d.Attempts > 0 || d.Reordered || d.Hold != "" {
		return control.Invalidf("fault: %s must be set before the first attempt: %s had one, is reordered or is held", want.Fault, want.Delivery)
	}
	return s.replan(ctx, t, a, d, added)
}

// replan plans a delivery again with one fault more. Those that it had before are not planned again.
func (s *Service) replan(ctx context.Context, t *tx.Tx, a *account.Account, d *Delivery, added scenarios.Fault) error {
	t.EndJob(d.job(a.Name()).ID)
	before := d.Faults
	d.Faults = []scenarios.Fault{added}
	planned, err := s.Plan(ctx, t, a, *d)
	if err != nil {
		return err
	}
	if planned && len(before) > 0 {
		next, err := read(ctx, t, a.Name(), d.ID)
		if err != nil {
			return err
		}
		next.Faults = append(before, added)
		doc, err := next.doc(a.Name())
		if err != nil {
			return err
		}
		t.Put(store.Doc{Key: doc.Key, Data: doc.Data, Done: doc.Done})
	}
	if err := t.Commit(ctx); err != nil {
		return fmt.Errorf("delivery %q: %w", d.ID, err)
	}
	return nil
}
