package mockserver_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// A wallet that was filled runs down by billed checks, to code 03 or HTTP 402, until it is topped up. Keys for tests pay nothing.
func TestWallet(t *testing.T) {
	t.Parallel()
	s := begin(t)
	fill := func(a *mockservertest.Account, provider string, body map[string]any) mockservertest.Answer {
		return a.Control("PUT", "/wallets/"+provider, body)
	}
	a := s.Account("live_sk_paying").Freeze()
	balance := func(a *mockservertest.Account) string {
		return string(a.Call("prembly", "getWalletBalanceGen1", nil).Body)
	}
	check := func(a *mockservertest.Account, want string) {
		t.Helper()
		got := a.Call("prembly", "verifyNIN", map[string]any{"number_nin": "12345678909"})
		if got.Status != 200 || !strings.Contains(string(got.Body), `"response_code":"`+want+`"`) {
			t.Errorf("%s %s, want code %s", fmt.Sprint(got.Status), got.Body, want)
		}
	}
	screen := map[string]any{"first_name": "Ada", "last_name": "Okoro", "dob": "2000-01-01"}

	if !strings.Contains(balance(a), `"balance":9900`) {
		t.Errorf("a wallet that was not filled: %s", balance(a))
	}
	check(a, "00")
	if got := fill(a, "prembly", map[string]any{"balance": 250}); got.Status != 200 || !strings.Contains(string(got.Body), `"balance":250`) {
		t.Fatalf("fill: %d %s", got.Status, got.Body)
	}
	check(a, "00")
	check(a, "00")
	if !strings.Contains(balance(a), `"balance":50}`) {
		t.Errorf("after two checks: %s", balance(a))
	}
	check(a, "03")
	if got := a.Call("prembly", "screenAML", screen); got.Status != 402 {
		t.Errorf("a screening without money: %d %s, want 402", got.Status, got.Body)
	}
	fill(a, "prembly", map[string]any{"add": 1000})
	if got := a.Call("prembly", "screenAML", screen); got.Status != 200 {
		t.Errorf("a screening after the top-up: %d %s", got.Status, got.Body)
	}
	if !strings.Contains(balance(a), `"balance":550}`) {
		t.Errorf("after the screening: %s", balance(a))
	}
	a.Call("prembly", "verifyNIN", map[string]any{"number_nin": "11111111111"}) // not found
	a.Call("prembly", "verifyBVN", map[string]any{"number": "22222222222"})     // pending, and found after 30 s
	if !strings.Contains(balance(a), `"balance":550}`) {
		t.Errorf("code 01 or 02 was billed: %s", balance(a))
	}
	a.Advance(time.Minute)
	if !strings.Contains(balance(a), `"balance":450}`) {
		t.Errorf("a pending check that was confirmed is not billed: %s", balance(a))
	}
	paid := 0
	for _, e := range mockservertest.Entries[journal.Wallet](a) {
		if e.Run != "" {
			paid++
		}
	}
	if paid != 4 {
		t.Errorf("the journal has %d payments, want 4", paid)
	}

	unbilled := s.Account("test_key").Freeze()
	fill(unbilled, "prembly", map[string]any{"balance": 0})
	check(unbilled, "00")

	a.Reset()
	check(a, "00")
	if !strings.Contains(balance(a), `"balance":9900`) {
		t.Errorf("after a reset: %s", balance(a))
	}
}

// All accounts begin with the default account's balance, and concurrent checks never spend more than there is.
func TestWalletOfAllAccounts(t *testing.T) {
	t.Parallel()
	s := begin(t)
	if got := s.Account("").Control("PUT", "/wallets/identitypass", map[string]any{"balance": 500}); got.Status != 200 {
		t.Fatalf("fill: %d %s", got.Status, got.Body)
	}
	for _, name := range []string{"one", "two"} {
		a := s.Account(name).Freeze()
		var mu sync.Mutex
		codes := map[bool]int{}
		var checks sync.WaitGroup
		for range 12 {
			checks.Go(func() {
				got := a.Call("identitypass", "verifyBVN", map[string]any{"number": "54651333604"})
				mu.Lock()
				defer mu.Unlock()
				codes[strings.Contains(string(got.Body), `"response_code":"03"`)]++
			})
		}
		checks.Wait()
		if codes[false] != 5 || codes[true] != 7 {
			t.Errorf("%s: %d checks were paid and %d refused, want 5 and 7", name, codes[false], codes[true])
		}
	}
	a := s.Account("one")
	if got := a.Control("DELETE", "/wallets/identitypass", nil); got.Status != 404 {
		t.Errorf("remove a wallet that is all accounts': %d %s, want 404", got.Status, got.Body)
	}
	for body, want := range map[string]string{`{}`: "use either balance", `{"balance":1,"add":1}`: "use either balance", `{"add":-900}`: "invalid balance"} {
		if got := a.Control("PUT", "/wallets/identitypass", body); got.Status != 422 || !strings.Contains(string(got.Body), want) {
			t.Errorf("%s: %d %s, want 422 and %q", body, got.Status, got.Body, want)
		}
	}
	if got := a.Control("PUT", "/wallets/faceio", map[string]any{"balance": 1}); got.Status != 422 || !strings.Contains(string(got.Body), "no prices") {
		t.Errorf("a provider without prices: %d %s", got.Status, got.Body)
	}
	if got := a.Control("GET", "/wallets", nil); !strings.Contains(string(got.Body), `"provider":"identitypass","currency":"NGN","balance":0,`) {
		t.Errorf("list: %s", got.Body)
	}
}
