package mockserver_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// Sixty-four concurrent accounts with the same subjects and their own clocks do not affect each other.
func TestParallelAccounts(t *testing.T) {
	t.Parallel()
	s := new(mockservertest.Network).Start(t, mockserver.Config{})
	type user struct {
		*mockservertest.Account
		receiver *mockservertest.Receiver
	}
	users := make([]user, 64)
	for i := range users {
		users[i].Account, users[i].receiver = with(t, s, fmt.Sprintf("test %02d", i))
	}
	var all sync.WaitGroup
	for i, u := range users {
		all.Go(func() {
			u.Freeze()
			from := u.Now()
			var sent []string
			for round := range 3 {
				sent = append(sent, u.Call(provider, bvn, number(pending)).At("verification.reference"))
				u.Advance(time.Duration(30+i) * time.Second)
				if got := u.Control("POST", "/wait", map[string]any{"count": round + 1, "timeout": "0s"}); got.Status != 200 {
					t.Errorf("%s: not delivered when the advance was over: %s", u.Name, got.Body)
				}
			}
			if now := u.Now(); !now.Equal(from.Add(3 * time.Duration(30+i) * time.Second)) {
				t.Errorf("%s: the clock shows %v, %v after its start", u.Name, now, now.Sub(from))
			}
			got := u.receiver.Got()
			if len(got) != len(sent) {
				t.Errorf("%s: %d deliveries, want %d", u.Name, len(got), len(sent))
				return
			}
			for n, d := range got {
				if d.Header.Get("Token") != sent[n] {
					t.Errorf("%s: delivery %d is of %s, want %s", u.Name, n+1, d.Header.Get("Token"), sent[n])
				}
			}
			for n, a := range mockservertest.Entries[journal.Attempt](u.Account) {
				if due := from.Add(time.Duration(n*(30+i)+30) * time.Second).Truncate(time.Millisecond); !a.Planned.Equal(due) {
					t.Errorf("%s: attempt %d was due at %v, want %v", u.Name, n+1, a.Planned, due)
				}
			}
		})
	}
	all.Wait()
}
