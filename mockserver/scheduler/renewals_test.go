package scheduler

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// A lease is renewed for as long as the work goes on, however long that is; then another worker may have the job.
func TestSecurityLeaseIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := store.NewMemory(store.Retention{})
		s := New(Config{Store: memory})
		if _, err := memory.Commit(t.Context(), store.Change{Jobs: []store.Job{{ID: "j", Account: "a", Lane: "l", Due: time.Now()}}}); err != nil {
			t.Fatal(err)
		}
		claim := func() int {
			jobs, err := memory.Claim(t.Context(), "a", time.Now(), 1, lease)
			if err != nil {
				t.Fatal(err)
			}
			return len(jobs)
		}
		if claim() != 1 {
			t.Fatal("a due job cannot be claimed")
		}
		s.renewals.start(s, "j")
		for range 100 {
			time.Sleep(lease)
			synctest.Wait()
			if claim() != 0 {
				t.Fatal("a job is claimed again while the work at it goes on")
			}
		}
		s.renewals.stop("j")
		time.Sleep(lease + time.Second)
		if claim() != 1 {
			t.Error("the job of a worker that ended is not claimed")
		}
	})
}
