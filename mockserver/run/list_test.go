package run_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
)

// counting counts what is read.
type counting struct {
	run.Reader
	reads int
}

func (c *counting) Get(ctx context.Context, key string) (store.Doc, error) {
	c.reads++
	return c.Reader.Get(ctx, key)
}

func TestListed(t *testing.T) {
	s, a := open(t)
	add := func(from, to int, removed bool) {
		commit(t, a, func(work *tx.Tx) error {
			for i := from; i < to; i++ {
				r := &run.Run{Reference: fmt.Sprint("r", i), Provider: "p", Removed: removed}
				if err := r.Enlist(t.Context(), work, "things"); err != nil {
					return err
				}
				if i%10 == 5 { // as if evicted
					continue
				}
				if err := r.Put(work); err != nil {
					return err
				}
			}
			return nil
		})
	}
	listed := func(list string, limit int) (references []string, reads int) {
		c := &counting{Reader: s}
		runs, err := run.Listed(t.Context(), c, "a", "p", list, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range runs {
			references = append(references, r.Reference)
		}
		return references, c.reads
	}
	add(0, 30, false)
	add(30, 33, true)
	want := []string{"r29", "r28", "r27", "r26", "r24"}
	got, few := listed("things", len(want))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the latest that are kept: (-want +got)\n%s", diff)
	}
	if got, _ := listed("others", 5); got != nil {
		t.Errorf("another list has %v", got)
	}
	// A read costs as much with more runs, and little where none is left.
	add(33, 1200, false)
	if got, many := listed("things", len(want)); got[0] != "r1199" || many > few {
		t.Errorf("%d reads with 1,200 runs, %d with 33; %v", many, few, got)
	}
	add(1200, 3300, true)
	if got, reads := listed("things", 5); got != nil || reads > 1100 {
		t.Errorf("%d reads where the last 2,100 were removed: %v", reads, got)
	}
}
