package account_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// Too many accounts close those that are idle and empty. Accounts with settings stay, and twice the limit is never exceeded.
func TestIdleAccountsAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := store.NewMemory(store.Retention{})
		const limit = 120
		s, err := account.New(t.Context(), account.Config{Store: memory, Max: limit, NewClock: func() *clock.Clock { return clock.NewFrozen(began) }})
		if err != nil {
			t.Fatal(err)
		}
		for i := range limit { // more than one search looks at
			if _, err := s.SetClock(t.Context(), fmt.Sprint("set", i), control.ClockChange{Frozen: new(false)}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second) // of the bubble, whose clock tells which accounts are idle
		full := 0
		for i := range 3 * limit {
			_, err := s.Open(t.Context(), fmt.Sprint("busy", i))
			if errors.Is(err, account.ErrFull) {
				full++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if full == 0 {
			t.Error("accounts in use were closed, or more than twice the limit are open")
		}
		if s.Known("busy0") == nil {
			t.Error("an account in use was closed")
		}

		for i := range 3 {
			time.Sleep(time.Minute)
			if _, err := s.Open(t.Context(), fmt.Sprint("later", i)); err != nil && !errors.Is(err, account.ErrFull) {
				t.Fatal(err)
			}
		}
		open(t, s, "last")
		if s.Known("busy0") != nil {
			t.Error("an idle account is still open")
		}
		if s.Known("set0") == nil {
			t.Error("an account with a clock of its own was closed")
		}
		entries, err := memory.Read(t.Context(), "", 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		closed := map[string]bool{}
		for _, e := range entries {
			d, err := journal.Decode(e)
			if err != nil {
				t.Fatal(err)
			}
			if reset, ok := d.(journal.Reset); ok && reset.Evicted {
				closed[e.Account] = true
			}
		}
		if !closed["busy0"] || closed["set0"] {
			t.Errorf("the journal says that these were closed: %v", closed)
		}
	})
}

// The name of an account is short and of one line, wherever it comes from.
func TestSecurityAccountNames(t *testing.T) {
	s, err := account.New(t.Context(), account.Config{Store: store.NewMemory(store.Retention{}), NewClock: func() *clock.Clock { return clock.NewFrozen(began) }})
	if err != nil {
		t.Fatal(err)
	}
	for name, ok := range map[string]bool{
		"ü": true, "a b": true, strings.Repeat("x", 512): true,
		strings.Repeat("x", 513): false, "a\r\nX-A: b": false, "a\x00": false, "\xff": false,
	} {
		if _, err := s.Open(t.Context(), name); (err == nil) != ok {
			t.Errorf("%.20q: %v", name, err)
		}
	}
}
