package account_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver/account"
)

// request uses the next pending scenario of an account as a request for a subject does.
func request(t *testing.T, s *account.Accounts, a *account.Account, subject string) string {
	t.Helper()
	work := a.Begin(a.Now())
	choice, ok, err := s.NextPending(t.Context(), work, a, account.Target{Provider: "p", Subject: subject}, func(string) (bool, error) { return true, nil })
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return "-"
	}
	choice.Use(work)
	if err := work.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	return choice.Scenario
}

func TestPendingScenariosAreUsedInOrder(t *testing.T) {
	s := accounts(t, 1)
	a, d := open(t, s, "a"), open(t, s, account.Default)
	for _, p := range []struct {
		a *account.Account
		account.PendingScenario
	}{
		{d, account.PendingScenario{Provider: "p", Scenario: "inherited", Requests: 1}},
		{a, account.PendingScenario{Provider: "p", Scenario: "one", Requests: 2}},
		{a, account.PendingScenario{Provider: "p", Scenario: "subject", Subject: "s", Requests: 1}},
		{a, account.PendingScenario{Provider: "q", Scenario: "other provider", Requests: 1}},
		{a, account.PendingScenario{Provider: "p", Scenario: "two", Requests: 1}},
		{a, account.PendingScenario{Provider: "p", Scenario: "one", Requests: 1}},
	} {
		if err := s.AddPending(t.Context(), p.a, p.PendingScenario); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, subject := range []string{"", "s", "s", "", "", "", ""} {
		got = append(got, request(t, s, a, subject))
	}
	if want := "one one subject two one inherited -"; strings.Join(got, " ") != want {
		t.Errorf("used %s, want %s", strings.Join(got, " "), want)
	}
	// What is used up leaves the settings with the next change. 0 requests last until a reset.
	if err := s.AddPending(t.Context(), a, account.PendingScenario{Provider: "p", Scenario: "forever"}); err != nil {
		t.Fatal(err)
	}
	set, err := s.Settings(t.Context(), a)
	if err != nil || len(set.Pending) != 2 {
		t.Errorf("still pending: %+v, %v", set.Pending, err)
	}
	for range 3 {
		if got := request(t, s, a, "s"); got != "forever" {
			t.Errorf("used %s", got)
		}
	}
	if err := s.Reset(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if got := request(t, s, open(t, s, "a"), "s"); got != "-" {
		t.Errorf("after a reset: used %s", got)
	}
}

func TestNextPendingSkipsScenariosThatDoNotTake(t *testing.T) {
	s := accounts(t, 1)
	a := open(t, s, "a")
	for _, scenario := range []string{"refused", "taken"} {
		if err := s.AddPending(t.Context(), a, account.PendingScenario{Provider: "p", Scenario: scenario}); err != nil {
			t.Fatal(err)
		}
	}
	work := a.Begin(a.Now())
	choice, ok, err := s.NextPending(t.Context(), work, a, account.Target{Provider: "p"}, func(name string) (bool, error) { return name == "taken", nil })
	if err != nil || !ok || choice.Scenario != "taken" {
		t.Errorf("chose %q, %t, %v", choice.Scenario, ok, err)
	}
	broken := errors.New("broken")
	if _, _, err := s.NextPending(t.Context(), work, a, account.Target{Provider: "p"}, func(string) (bool, error) { return false, broken }); err != broken {
		t.Errorf("the error of takes: %v", err)
	}
}
