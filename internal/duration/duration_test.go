package duration_test

import (
	"testing"
	"time"

	"github.com/idmock/idmock/internal/duration"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]time.Duration{"0s": 0, "250ms": 250 * time.Millisecond, "30s": 30 * time.Second, "2d": 48 * time.Hour, "1d12h": 36 * time.Hour} {
		if got, err := duration.Parse(in); err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "soon", "-5s", "5", "d", "-1d", "1d-1h", "99999999d", "2d2", "9000000000h"} {
		if got, err := duration.Parse(in); err == nil {
			t.Errorf("%q was read as %v", in, got)
		}
	}
}
