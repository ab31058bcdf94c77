package play

import (
	"fmt"
	"strconv"
	"strings"
)

// maxRate is the fastest clock, in account seconds per second.
const maxRate = 1e6

// Speed is the speed of the account's clock.
type Speed struct {
	Instant bool    // advance instead of waiting
	Rate    float64 // account seconds per second
}

// ParseSpeed parses real, instant, or a factor such as x60.
func ParseSpeed(s string) (Speed, error) {
	switch s {
	case "instant":
		return Speed{Instant: true, Rate: 1}, nil
	case "real":
		return Speed{Rate: 1}, nil
	}
	factor, isFactor := strings.CutPrefix(s, "x")
	rate, err := strconv.ParseFloat(factor, 64)
	if !isFactor || err != nil || !(rate > 0 && rate <= maxRate) { // excludes NaN
		return Speed{}, fmt.Errorf("invalid speed %q: use real, instant, or a factor such as x60", s)
	}
	return Speed{Rate: rate}, nil
}
