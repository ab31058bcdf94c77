package clock_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idmock/idmock/mockserver/clock"
)

var start = time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)

func at(t *testing.T, c *clock.Clock, want time.Duration) {
	t.Helper()
	if got := c.Now().Sub(start); got != want {
		t.Errorf("clock reads start+%v, want start+%v", got, want)
	}
}

func TestRunsWithWallTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock.New(start)
		at(t, c, 0)
		time.Sleep(90 * time.Minute)
		at(t, c, 90*time.Minute)
		if got := c.Now().Location(); got != time.UTC {
			t.Errorf("location %v, want the start's", got)
		}
	})
}

func TestRateIsContinuous(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock.New(start)
		time.Sleep(time.Second)
		for _, r := range []float64{60, 0.5, 1} {
			before := c.Now()
			if err := c.SetRate(r); err != nil {
				t.Fatal(err)
			}
			if !c.Now().Equal(before) {
				t.Errorf("rate %v made the clock jump by %v", r, c.Now().Sub(before))
			}
			time.Sleep(10 * time.Second)
		}
		at(t, c, time.Second+600*time.Second+5*time.Second+10*time.Second)
	})
}

func TestInvalidRates(t *testing.T) {
	c := clock.New(start)
	for _, r := range []float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1), 2 * clock.MaxRate} {
		if err := c.SetRate(r); err == nil {
			t.Errorf("rate %v was accepted", r)
		}
	}
	if got := c.State().Rate; got != 1 {
		t.Errorf("rate is %v after invalid rates, want 1", got)
	}
}

func TestFastClockOutrunsDuration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock.New(start)
		if err := c.SetRate(clock.MaxRate); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Hour) // 1,141 years; a Duration is limited to 292
		want := start.Unix() + 36000*clock.MaxRate
		if got := c.Now().Unix(); got != want {
			t.Errorf("clock reads Unix second %d, want %d", got, want)
		}
	})
}

func TestFreezeAndAdvance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock.New(start)
		if err := c.SetRate(2); err != nil {
			t.Fatal(err)
		}
		c.Freeze()
		time.Sleep(time.Hour)
		at(t, c, 0)
		if err := c.Advance(30 * time.Second); err != nil {
			t.Fatal(err)
		}
		at(t, c, 30*time.Second)
		c.AdvanceTo(start.Add(time.Minute))
		c.AdvanceTo(start) // in the past: no effect
		at(t, c, time.Minute)
		if want := (clock.State{Now: start.Add(time.Minute), Rate: 2, Frozen: true}); c.State() != want {
			t.Errorf("state %v, want %v", c.State(), want)
		}
		c.Unfreeze()
		time.Sleep(time.Second)
		at(t, c, time.Minute+2*time.Second)
		if err := c.Advance(-1); !errors.Is(err, clock.ErrBackwards) {
			t.Errorf("advance by -1: %v, want ErrBackwards", err)
		}
		if err := c.Advance(time.Hour); err != nil { // running clocks can be advanced, too
			t.Fatal(err)
		}
		at(t, c, time.Hour+time.Minute+2*time.Second)
	})
}

func TestWallUntil(t *testing.T) {
	for _, test := range []struct {
		name   string
		rate   float64
		frozen bool
		after  time.Duration
		want   time.Duration
		ok     bool
	}{
		{"now", 1, false, 0, 0, true},
		{"past", 1, false, -time.Hour, 0, true},
		{"past and frozen", 1, true, -time.Hour, 0, true},
		{"real time", 1, false, time.Minute, time.Minute, true},
		{"fast", 60, false, time.Hour, time.Minute, true},
		{"slow", 0.5, false, time.Second, 2 * time.Second, true},
		{"rounded up", 3, false, 10, 4, true},
		{"frozen", 60, true, time.Hour, 0, false},
		{"beyond durations", 1e-9, false, 290 * 365 * 24 * time.Hour, math.MaxInt64, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := clock.New(start)
				if err := c.SetRate(test.rate); err != nil {
					t.Fatal(err)
				}
				if test.frozen {
					c.Freeze()
				}
				if d, ok := c.WallUntil(start.Add(test.after)); d != test.want || ok != test.ok {
					t.Errorf("got %v, %v; want %v, %v", d, ok, test.want, test.ok)
				}
			})
		})
	}
}

func TestWaitFollowsEveryChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock.New(start)
		wall := time.Now()
		var woke time.Duration
		done := make(chan error, 1)
		go func() {
			err := c.Wait(t.Context(), start.Add(time.Hour))
			woke = time.Since(wall)
			done <- err
		}()
		time.Sleep(time.Minute) // account minute 1
		c.Freeze()
		time.Sleep(24 * time.Hour) // account time does not pass
		if err := c.Advance(9 * time.Minute); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("woke at %v (error %v)", c.Now(), err)
		default:
		}
		if err := c.SetRate(50); err != nil {
			t.Fatal(err)
		}
		c.Unfreeze() // 50 minutes are left: one wall minute
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if want := 24*time.Hour + 2*time.Minute; woke != want {
			t.Errorf("woke after %v of wall time, want %v", woke, want)
		}
		at(t, c, time.Hour)
	})
}

func TestWaitOddRates(t *testing.T) {
	for _, rate := range []float64{0.3, 1, 3, 7.77, 1e6} {
		synctest.Test(t, func(t *testing.T) {
			c := clock.New(start)
			if err := c.SetRate(rate); err != nil {
				t.Fatal(err)
			}
			due := start.Add(12345678901 * time.Nanosecond)
			if err := c.Wait(t.Context(), due); err != nil {
				t.Fatal(err)
			}
			if c.Now().Before(due) {
				t.Errorf("rate %v: woke %v early", rate, due.Sub(c.Now()))
			}
		})
	}
}

func TestWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock.New(start)
		if err := c.Wait(t.Context(), start.Add(-time.Hour)); err != nil {
			t.Errorf("past: %v", err)
		}
		c.Freeze()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Wait(ctx, start.Add(time.Second)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("frozen: %v, want the context's error", err)
		}
	})
}

func TestChanged(t *testing.T) {
	c := clock.New(start)
	change := func(name string, want bool, f func()) {
		t.Helper()
		ch := c.Changed()
		f()
		got := false
		select {
		case <-ch:
			got = true
		default:
		}
		if got != want {
			t.Errorf("%s: changed %v, want %v", name, got, want)
		}
	}
	change("freeze", true, c.Freeze)
	change("freeze again", false, c.Freeze)
	change("advance", true, func() { _ = c.Advance(1) })
	change("advance by nothing", false, func() { _ = c.Advance(0) })
	change("advance back", false, func() { _ = c.Advance(-1) })
	change("advance to", true, func() { c.AdvanceTo(start.Add(time.Hour)) })
	change("advance to the past", false, func() { c.AdvanceTo(start) })
	change("rate", true, func() { _ = c.SetRate(2) })
	change("unfreeze", true, c.Unfreeze)
}

func TestNeverGoesBack(t *testing.T) {
	c := clock.New(start)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			last := c.Now()
			for range 2000 {
				now := c.Now()
				if now.Before(last) {
					t.Errorf("clock went back by %v", last.Sub(now))
					return
				}
				last = now
			}
		})
	}
	group.Go(func() {
		for i := range 500 {
			c.Freeze()
			_ = c.Advance(time.Duration(i))
			_ = c.SetRate(float64(1 + i%7))
			c.Unfreeze()
		}
	})
	group.Wait()
}

func TestStateJSON(t *testing.T) {
	c := clock.New(start)
	c.Freeze()
	c.AdvanceTo(start.Add(time.Hour))
	got, err := json.Marshal(c.State())
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"now":"2024-02-29T13:00:00Z","rate":1,"frozen":true}`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNewFrozen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock.NewFrozen(start)
		time.Sleep(time.Hour)
		if got := c.State(); got != (clock.State{Now: start, Rate: 1, Frozen: true}) {
			t.Errorf("state an hour later is %+v, want %v, frozen", got, start)
		}
		c.Unfreeze()
		time.Sleep(time.Minute)
		if got := c.Now(); !got.Equal(start.Add(time.Minute)) {
			t.Errorf("a minute after Unfreeze it reads %v", got)
		}
	})
}
