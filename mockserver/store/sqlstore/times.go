package sqlstore

import (
	"math"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// noTime is the zero time.
const noTime = math.MinInt64

// stamp is store.Nanos for the times of an entry, which may be zero.
func stamp(t time.Time) int64 {
	if t.IsZero() {
		return noTime
	}
	return store.Nanos(t)
}

func unstamp(n int64) time.Time {
	if n == noTime {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// later returns now+d, or the maximum on overflow.
func later(now int64, d time.Duration) int64 {
	if int64(d) > math.MaxInt64-now {
		return math.MaxInt64
	}
	return now + int64(d)
}
