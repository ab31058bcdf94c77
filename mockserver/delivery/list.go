package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

var _ control.Deliveries = (*Service)(nil)

// Deliveries lists the deliveries that the journal still has, the one planned last first.
func (s *Service) Deliveries(ctx context.Context, name string, limit int) ([]control.Delivery, error) {
	entries, err := s.Store.Read(ctx, name, s.Accounts.Since(name, 0), math.MaxInt)
	if err != nil {
		return nil, err
	}
	all, err := fold(entries)
	if err != nil {
		return nil, err
	}
	slices.Reverse(all)
	return all[:min(limit, len(all))], nil
}

// Delivery returns one delivery by its ID.
func (s *Service) Delivery(ctx context.Context, id string) (control.Delivery, error) {
	for _, a := range s.Accounts.OfID(IDPrefix, id) {
		entries, err := s.Store.About(ctx, a.Name(), id)
		if err != nil {
			return control.Delivery{}, err
		}
		floor := s.Accounts.Since(a.Name(), 0)
		all, err := fold(slices.DeleteFunc(entries, func(e store.Entry) bool { return e.Seq <= floor }))
		if err != nil {
			return control.Delivery{}, err
		}
		if len(all) > 0 {
			return all[0], nil
		}
	}
	return control.Delivery{}, fmt.Errorf("delivery %q: %w: unknown, or older than the journal", id, store.ErrNotFound)
}

// fold reads deliveries from journal entries, in the order in which they were planned.
func fold(entries []store.Entry) ([]control.Delivery, error) {
	f := folded{all: []control.Delivery{}, index: map[string]int{}}
	for _, entry := range entries {
		switch entry.Kind {
		case journal.KindEvent, journal.KindAttempt, journal.KindDelivery, journal.KindHold, journal.KindReset:
			data, err := journal.Decode(entry)
			if err != nil {
				return nil, err
			}
			f.add(entry, data)
		}
	}
	return f.all, nil
}

// folded are deliveries as some entries leave them.
type folded struct {
	all   []control.Delivery
	index map[string]int // in all, by ID
}

// at returns a delivery. Its first entry may be gone.
func (f *folded) at(entry store.Entry, id string) *control.Delivery {
	i, ok := f.index[id]
	if !ok {
		i = len(f.all)
		f.index[id] = i
		f.all = append(f.all, control.Delivery{ID: id, Account: entry.Account, Attempts: []json.RawMessage{}})
	}
	return &f.all[i]
}

func (f *folded) add(entry store.Entry, data journal.Data) {
	switch data := data.(type) {
	case journal.Reset: // IDs of before may come again
		f.all = slices.DeleteFunc(f.all, func(d control.Delivery) bool { return d.Account == data.Account })
		clear(f.index)
		for i, d := range f.all {
			f.index[d.ID] = i
		}
	case journal.Event:
		d := f.at(entry, data.Delivery)
		d.Provider, d.Event, d.Run, d.Scenario = data.Provider, data.Event, data.Run, data.Scenario
		d.Endpoint, d.URL, d.Due, d.Status = data.Endpoint, data.URL, data.Due, control.Planned
	case journal.Attempt:
		d := f.at(entry, data.Delivery)
		d.Provider, d.Event, d.Run, d.Endpoint, d.URL = data.Provider, data.Event, data.Run, data.Endpoint, data.URL
		d.Due, d.Status = data.Next, control.Retrying
		d.Attempts = append(d.Attempts, entry.Data)
	case journal.Hold:
		if data.Delivery == "" {
			return
		}
		d := f.at(entry, data.Delivery)
		d.Provider, d.Event, d.Run, d.Endpoint, d.URL = data.Provider, data.Event, data.Run, data.Endpoint, data.URL
		switch {
		case !data.Released:
			d.Status = control.Held
		case len(d.Attempts) > 0:
			d.Status = control.Retrying
		default:
			d.Status = control.Planned
		}
	case journal.Delivery:
		d := f.at(entry, data.Delivery)
		d.Provider, d.Event, d.Run, d.Endpoint, d.URL = data.Provider, data.Event, data.Run, data.Endpoint, data.URL
		d.Due, d.Status = time.Time{}, control.Status(data.Outcome)
	}
}

// Resend plans a delivery's event for its endpoint again, at once, with overrides. It returns the ID of the new
// delivery.
func (s *Service) Resend(ctx context.Context, id string, want control.Resend) (string, error) {
	return s.resend(ctx, account.Default, id, want, false)
}

// ResendSame resends a delivery of an account under the ID that it had: to the receiver it is the same event. The error is
// store.ErrNotFound if the account has no such delivery of the provider.
func (s *Service) ResendSame(ctx context.Context, a *account.Account, provider, id string) error {
	_, d, err := s.find(ctx, a.Name(), id)
	if err == nil && d.Provider != provider {
		err = fmt.Errorf("delivery %q: %w", id, store.ErrNotFound)
	}
	if err != nil {
		return err
	}
	_, err = s.resend(ctx, a.Name(), id, control.Resend{}, true)
	return err
}

// resend resends a delivery. same keeps the ID under which it is sent.
func (s *Service) resend(ctx context.Context, name, id string, want control.Resend, same bool) (string, error) {
	a, before, err := s.find(ctx, name, id)
	if err != nil {
		return "", err
	}
	// Nothing is expected of a delivery sent by hand, and no rule waits for its end. Faults of the first time do not apply
	// again.
	d := Delivery{ID: a.NextID(IDPrefix), Provider: before.Provider, Event: before.Event, Endpoint: before.Endpoint, URL: before.URL,
		Rule: before.Rule, Run: before.Run, Data: before.Data, Due: a.Now(), Manual: true}
	if same {
		d.CopyOf = before.SentID()
	}
	if d.Override, err = newOverride(want, before.Override); err != nil {
		return "", err
	}
	t := a.Begin(d.Due)
	if _, err := s.Plan(ctx, t, a, d); err != nil {
		return "", err
	}
	if err := t.Commit(ctx); errors.Is(err, store.ErrConflict) {
		return "", fmt.Errorf("delivery %q: %w: its account was reset", id, store.ErrNotFound)
	} else if err != nil {
		return "", err
	}
	return d.ID, nil
}

// Planned returns a delivery of an account as it was planned. The error is store.ErrNotFound if it is no longer kept.
func (s *Service) Planned(ctx context.Context, account, id string) (*Delivery, error) {
	return read(ctx, s.Store, account, id)
}
