package sqlstore

import (
	"math"
	"time"
)

// noTime is the zero time.
const noTime = math.MinInt64

// edge is the largest time in seconds that fits in nanoseconds.
const edge = math.MaxInt64/int64(time.Second) - 1

// nanos returns t in Unix nanoseconds, clamped to their range.
func nanos(t time.Time) int64 {
	switch s := t.Unix(); {
	case s < -edge:
		return -edge * int64(time.Second)
	case s > edge:
		return edge * int64(time.Second)
	}
	return t.UnixNano()
}

// stamp is nanos for the times of an entry, which may be zero.
func stamp(t time.Time) int64 {
	if t.IsZero() {
		return noTime
	}
	return nanos(t)
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
