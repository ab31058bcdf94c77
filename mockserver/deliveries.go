package mockserver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// Deliveries lists the deliveries of which the journal still knows, the one planned last first.
func (e *Engine) Deliveries(ctx context.Context, name string, limit int) ([]control.Delivery, error) {
	all, err := e.fold(ctx, name)
	if err != nil {
		return nil, err
	}
	slices.Reverse(all)
	return all[:min(limit, len(all))], nil
}

// Delivery finds one delivery by its ID.
func (e *Engine) Delivery(ctx context.Context, id string) (control.Delivery, error) {
	all, err := e.fold(ctx, everybody)
	if err != nil {
		return control.Delivery{}, err
	}
	for _, d := range all {
		if d.ID == id {
			return d, nil
		}
	}
	return control.Delivery{}, fmt.Errorf("delivery %q: %w; the journal keeps only so many", id, store.ErrNotFound)
}

// fold reads deliveries out of the journal, in the order in which they were planned.
func (e *Engine) fold(ctx context.Context, name string) ([]control.Delivery, error) {
	entries, err := e.Read(ctx, name, 0, math.MaxInt)
	if err != nil {
		return nil, err
	}
	all := []control.Delivery{}
	index := map[string]int{}
	at := func(entry store.Entry, id string) *control.Delivery {
		i, ok := index[id]
		if !ok { // its event entry is gone, or it never had one
			i = len(all)
			index[id] = i
			all = append(all, control.Delivery{ID: id, Account: entry.Account, Attempts: []json.RawMessage{}})
		}
		return &all[i]
	}
	for _, entry := range entries {
		data, err := decodeDelivery(entry)
		if err != nil {
			return nil, err
		}
		switch data := data.(type) {
		case journal.Reset: // what was before is over, and its names may come again
			all = slices.DeleteFunc(all, func(d control.Delivery) bool { return d.Account == data.Account })
			clear(index)
			for i, d := range all {
				index[d.ID] = i
			}
		case journal.Event:
			d := at(entry, data.Delivery)
			d.Provider, d.Event, d.Run, d.Scenario = data.Provider, data.Event, data.Run, data.Scenario
			d.Endpoint, d.URL, d.Due, d.Status = data.Endpoint, data.URL, data.Due, control.Planned
		case journal.Attempt:
			d := at(entry, data.Delivery)
			d.Provider, d.Event, d.Run, d.Endpoint, d.URL = data.Provider, data.Event, data.Run, data.Endpoint, data.URL
			d.Due, d.Status = data.Next, control.Retrying
			d.Attempts = append(d.Attempts, entry.Data)
		case journal.Hold:
			if data.Delivery == "" {
				continue
			}
			d := at(entry, data.Delivery)
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
			d := at(entry, data.Delivery)
			d.Provider, d.Event, d.Run, d.Endpoint, d.URL = data.Provider, data.Event, data.Run, data.Endpoint, data.URL
			d.Due, d.Status = time.Time{}, control.Status(data.Outcome)
		}
	}
	return all, nil
}

// decodeDelivery decodes the entries that say something of deliveries; of others it returns nil.
func decodeDelivery(e store.Entry) (journal.Data, error) {
	switch e.Kind {
	case journal.KindEvent, journal.KindAttempt, journal.KindDelivery, journal.KindHold, journal.KindReset:
		return journal.Decode(e)
	}
	return nil, nil
}

// Resend plans a delivery's event for its endpoint once more, at once, and with what is to be otherwise.
func (e *Engine) Resend(ctx context.Context, id string, as control.Resend) (string, error) {
	return e.resend(ctx, id, as, false)
}

// resend is Resend. same keeps the id under which the event is sent.
func (e *Engine) resend(ctx context.Context, id string, as control.Resend, same bool) (string, error) {
	known, err := e.Delivery(ctx, id)
	if err != nil {
		return "", err
	}
	a, err := e.account(ctx, known.Account)
	if err != nil {
		return "", err
	}
	doc, err := e.store.Get(ctx, deliveryKey(a.name, id))
	if errors.Is(err, store.ErrNotFound) {
		return "", fmt.Errorf("delivery %q: %w; what is needed to send it again is no longer kept", id, err)
	}
	if err != nil {
		return "", err
	}
	d := delivery{}
	if err := jsonv2.Unmarshal(doc.Data, &d); err != nil {
		return "", err
	}
	s := e.step(a, a.clock.Now())
	// Nothing is expected of what was asked for by hand, and no rule waits for its end.
	of := ""
	if same {
		of = cmp.Or(d.Of, d.ID)
	}
	d.ID, d.Due, d.Attempts, d.Manual, d.Expect, d.Hooked, d.Else = a.name36("d"), s.now, 0, true, nil, false, nil
	d.Of, d.Lane, d.Kept, d.Faults = of, "", false, nil // what went wrong then need not go wrong again
	if d.Instead, err = newInstead(as, d.Instead); err != nil {
		return "", err
	}
	d.Hold, d.Passed = "", "" // a hold of what falls due may hold it, too
	if _, err := s.plan(ctx, d); err != nil {
		return "", err
	}
	err = s.commit(ctx)
	if errors.Is(err, store.ErrConflict) {
		err = fmt.Errorf("delivery %q: %w; its account was reset", id, store.ErrNotFound)
	}
	return d.ID, err
}
