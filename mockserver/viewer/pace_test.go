package viewer

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pace
		begin := time.Now()
		for range 4 { // half a second's worth each: the first is sent at once, the others in order
			if err := p.wait(t.Context(), maxRate/2); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begin); took != 1500*time.Millisecond {
			t.Errorf("took %v, want 1.5s", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := p.wait(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		<-time.After(time.Minute) // unused budget does not accumulate
		begin = time.Now()
		_ = p.wait(t.Context(), maxRate)
		_ = p.wait(t.Context(), 1)
		if took := time.Since(begin); took != time.Second {
			t.Errorf("after a rest it took %v, want 1s", took)
		}
	})
}
