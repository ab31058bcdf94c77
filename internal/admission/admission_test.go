package admission

import (
	"errors"
	"io"
	"math"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Large bodies take turns; one waits for its turn for a bounded time, and small ones do not wait.
func TestSecurityTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size = 1 << 20
		budget := New(size)
		read := func(length int) (*Body, error) {
			r := httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("x", length)))
			r, body := budget.Limit(httptest.NewRecorder(), r, 4*size)
			n, err := io.Copy(io.Discard, r.Body)
			if err == nil && n != int64(length) {
				t.Errorf("%d of %d bytes", n, length)
			}
			return body, err
		}
		first, err := read(size)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := read(freeBytes); err != nil || time.Since(began) > 0 {
			t.Errorf("a small body: %v after %v", err, time.Since(began))
		}
		if refused, err := read(size / 2); !errors.Is(err, ErrBusy) || time.Since(began) != maxWait {
			t.Errorf("a large body without its turn: %v after %v", err, time.Since(began))
		} else {
			refused.Release() // it has nothing to return
		}
		time.AfterFunc(time.Second, first.Release)
		began = time.Now()
		second, err := read(2 * size) // counts as the whole budget
		if err != nil || time.Since(began) != time.Second {
			t.Errorf("a large body after its turn: %v after %v", err, time.Since(began))
		}
		first.Release() // again
		second.Release()
		if !budget.room.TryAcquire(size) {
			t.Error("released bodies hold a part of the budget")
		}
	})
}

// An encoded body weighs as much as it may become.
func TestWeight(t *testing.T) {
	for _, c := range []struct {
		n        int64
		encoding string
		want     int64
	}{
		{10, "", 10}, {10, "identity", 10}, {10, "gzip", 11000}, {10, "deflate", 11000}, {10, "br", math.MaxInt64},
		{math.MaxInt64, "gzip", math.MaxInt64 / most * most},
	} {
		if got := weight(c.n, c.encoding); got != c.want {
			t.Errorf("%d bytes of %q weigh %d, want %d", c.n, c.encoding, got, c.want)
		}
	}
}
