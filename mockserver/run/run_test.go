package run_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

var began = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

func open(t *testing.T) (store.Store, *account.Account) {
	t.Helper()
	s := store.NewMemory(store.Retention{})
	accounts, err := account.New(t.Context(), account.Config{Store: s, NewClock: func() *clock.Clock { return clock.NewFrozen(began) }})
	if err != nil {
		t.Fatal(err)
	}
	a, err := accounts.Open(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	return s, a
}

func commit(t *testing.T, a *account.Account, do func(work *tx.Tx) error) {
	t.Helper()
	work := a.Begin(began)
	if err := do(work); err != nil {
		t.Fatal(err)
	}
	if err := work.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestPutAndFind(t *testing.T) {
	s, a := open(t)
	if r, err := run.Find(t.Context(), s, "a", "p", "r1"); r != nil || err != nil {
		t.Errorf("found %v, %v", r, err)
	}
	r := &run.Run{Reference: "r1", Provider: "p", Scenario: "s", State: scenarios.State{Set: map[string]any{"number": 12345678901}}}
	if !r.IsNew() {
		t.Error("a run that was never stored is not new")
	}
	r.AddWait(run.Wait{Job: "j1", Since: began, Within: time.Minute})
	r.AddWait(run.Wait{Job: "j2"})
	if !r.Waits[0].Deadline().Equal(began.Add(time.Minute)) {
		t.Errorf("deadline %v", r.Waits[0].Deadline())
	}
	commit(t, a, r.Put)
	r, err := run.Find(t.Context(), s, "a", "p", "r1")
	if err != nil || r.IsNew() || r.Open != 2 || fmt.Sprint(r.State.Set["number"]) != "12345678901" {
		t.Fatalf("read %+v, %v", r, err)
	}
	if _, ok := r.EndWait("j3"); ok {
		t.Error("ended an unknown wait")
	}
	for i, job := range []string{"j1", "j2"} {
		if w, ok := r.EndWait(job); !ok || w.Job != job || r.Open != 1-i || len(r.Waits) != 1-i {
			t.Errorf("ended %+v, %t: %+v", w, ok, r)
		}
	}
}

func TestAlias(t *testing.T) {
	s, a := open(t)
	p := &openapi.Provider{Name: "p"}
	find := func(call openapi.Call) string {
		t.Helper()
		r, err := run.FindFor(t.Context(), s, "a", p, &call)
		if err != nil {
			t.Fatal(err)
		}
		if r == nil {
			return ""
		}
		return r.Reference
	}
	for _, reference := range []string{"r1", "r2"} {
		r := &run.Run{Reference: reference, Provider: "p"}
		commit(t, a, func(work *tx.Tx) error {
			if err := r.Put(work); err != nil {
				return err
			}
			return r.PutAlias(t.Context(), work, "alias")
		})
	}
	for want, call := range map[string]openapi.Call{"r1": {Reference: "r1", Alias: "alias"}, "r2": {Alias: "alias"}, "": {Alias: "unknown"}} {
		if got := find(call); got != want {
			t.Errorf("%+v: found %q, want %q", call, got, want)
		}
	}
}

func TestAllInOrder(t *testing.T) {
	s, a := open(t)
	const n = 1500 // more than a page
	commit(t, a, func(work *tx.Tx) error {
		for i := range n {
			r := &run.Run{Reference: fmt.Sprint(i * 7919 % n), Provider: "p", Order: uint64(i)}
			if err := r.Put(work); err != nil {
				return err
			}
		}
		return nil
	})
	all, err := run.All(t.Context(), s, "a")
	if err != nil || len(all) != n {
		t.Fatalf("%d runs, %v", len(all), err)
	}
	for i, r := range all {
		if r.Order != uint64(i) {
			t.Fatalf("run %d has the order %d", i, r.Order)
		}
	}
}

// A refused request leaves the state as it was, but its rule has replied.
func TestUndoKeepsCounts(t *testing.T) {
	r := &run.Run{State: scenarios.State{Set: map[string]any{"status": "new"}, Calls: map[int]int{0: 1}}}
	was := scenarios.State{Set: map[string]any{"status": "old"}}
	r.Undo(was)
	if diff := cmp.Diff(scenarios.State{Set: map[string]any{"status": "old"}, Calls: map[int]int{0: 1}}, r.State); diff != "" {
		t.Error(diff)
	}
}

func TestRememberShortensTexts(t *testing.T) {
	image := "data:image/png;" + strings.Repeat("A", 4000) + "end"
	r := &run.Run{}
	if err := r.Remember(map[string]any{"number": "1", "images": []any{image}}); err != nil {
		t.Fatal(err)
	}
	kept := string(r.Request)
	if len(kept) > 400 || !strings.Contains(kept, `"number":"1"`) || !strings.Contains(kept, "data:image/png;") || !strings.Contains(kept, `end"`) {
		t.Errorf("kept %d bytes: %s", len(kept), kept)
	}
	r = &run.Run{}
	if err := r.Remember(nil); err != nil || r.Request != nil {
		t.Errorf("without a body: %s, %v", r.Request, err)
	}
}

func TestValues(t *testing.T) {
	r := &run.Run{Reference: "r1", Operation: "verify", Scenario: "s", Subject: "1", Started: began, State: scenarios.State{Set: map[string]any{"status": "x", "id": "overridden"}}}
	want := map[string]any{"status": "x", "id": "r1", "reference": "r1", "scenario": "s", "operation": "verify", "subject": "1", "started": began}
	if diff := cmp.Diff(want, r.Values()); diff != "" {
		t.Error(diff)
	}
	r.Operation = scenarios.Start
	if _, ok := r.Values()["operation"]; ok {
		t.Error("a run without a request has an operation")
	}
}
