package mockserver_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// bubble runs a test with a server in a bubble, where time passes only while every goroutine waits.
func bubble(t *testing.T, test func(t *testing.T, s *mockservertest.Server)) {
	synctest.Test(t, func(t *testing.T) {
		test(t, new(mockservertest.Network).Start(t, mockserver.Config{}))
	})
}

func confirm(t *testing.T, a *mockservertest.Account) {
	t.Helper()
	_, err := a.Server.Control().Runs.Play(t.Context(), control.PlayRequest{Account: a.Name, Provider: provider, Scenario: "pending-then-confirmed"})
	if err != nil {
		t.Fatal(err)
	}
}

func ended(t *testing.T, a *mockservertest.Account) {
	t.Helper()
	if err := a.Server.Control().Accounts.Ended(t.Context(), a.Name); err != nil {
		t.Fatal(err)
	}
}

// The scheduler acts at the instant at which an account's clock reaches a due time, at any rate of clocks.
func TestScheduleKeepsTime(t *testing.T) {
	bubble(t, func(t *testing.T, s *mockservertest.Server) {
		began := time.Now()
		takes := []time.Duration{8333334, 500 * time.Millisecond, 30 * time.Second, time.Minute} // rounded up
		var accounts []*mockservertest.Account
		for i, rate := range []float64{3600, 60, 1, 0.5} {
			a := s.Account(takes[i].String())
			a.Rate(rate)
			confirm(t, a)
			accounts = append(accounts, a)
		}
		for i, a := range accounts {
			ended(t, a)
			if took := time.Since(began); took != takes[i] {
				t.Errorf("thirty seconds took %v, want %v", took, takes[i])
			}
			if ends := outcomes(a); ends[journal.Unroutable] != 1 {
				t.Errorf("ends: %v, want one", ends)
			}
		}
	})
}

// Freezing, unfreezing and changing the rate of a clock change when things happen, and nothing else.
func TestScheduleFollowsTheClock(t *testing.T) {
	bubble(t, func(t *testing.T, s *mockservertest.Server) {
		a := s.Account("followed")
		began := time.Now()
		confirm(t, a)
		time.Sleep(10 * time.Second) // of the bubble: 20 s are left
		a.Freeze()
		time.Sleep(time.Hour)
		if runs := mockservertest.Entries[journal.Run](a); len(runs) != 1 {
			t.Errorf("a frozen clock: %d changes of the run, want only its beginning", len(runs))
		}
		a.Rate(0.5)
		time.Sleep(20 * time.Second) // 10 s are left
		a.Rate(10)
		ended(t, a)
		if took := time.Since(began); took != time.Hour+31*time.Second {
			t.Errorf("took %v, want an hour and 31 seconds", took)
		}
		// After an advance the scheduler still acts in time.
		a.Rate(1)
		confirm(t, a)
		synctest.Wait() // the scheduler has looked
		a.Advance(29 * time.Second)
		left := time.Now()
		ended(t, a)
		if took := time.Since(left); took != time.Second {
			t.Errorf("after advancing by 29 s of 30, the rest took %v", took)
		}
	})
}
