package mockserver_test

import (
	"fmt"
	"testing"
)

// Pending scenarios are used in the order in which they were added, for a subject or for any, however many are added
// and used meanwhile.
func TestPendingScenariosInOrder(t *testing.T) {
	t.Parallel()
	a := begin(t).Account("queue")
	arm := func(scenario, subject string, calls int) {
		t.Helper()
		got := a.Control("POST", "/arm", fmt.Sprintf(`{"provider":"identitypass","scenario":%q,"subject":%q,"calls":%d}`, scenario, subject, calls))
		if got.Status != 204 {
			t.Fatalf("arm: %d %s", got.Status, got.Body)
		}
	}
	plays := func(subject string, want ...string) {
		t.Helper()
		for i, code := range want {
			if got := a.Call(provider, bvn, number(subject)); fmt.Sprint(got.Status, " ", got.At("response_code")) != code {
				t.Errorf("call %d for %s: %d %s, want %s", i+1, subject, got.Status, got.At("response_code"), code)
			}
		}
	}
	const ordinary, notFound, pending, down = "200 00", "200 01", "200 02", "503 "
	for i := range 200 {
		arm("provider-down", fmt.Sprintf("999999999%02d", i), 1)
	}
	arm("not-found", "", 2)
	arm("pending-then-confirmed", "12345678901", 1)
	arm("not-found", "", 1)
	arm("provider-down", "12345678902", 0)
	plays("12345678903", notFound)
	plays("12345678901", notFound, pending, notFound, ordinary)
	arm("pending-then-confirmed", "", 1) // after used ones were dropped
	plays("12345678902", down, down)     // armed before, until a reset
	plays("12345678901", pending, ordinary)
	a.Reset()
	plays("12345678902", ordinary)
	arm("not-found", "12345678902", 1) // counts from the beginning again
	plays("12345678902", notFound, ordinary)
}
