// Package duration parses durations with days, as files, flags and requests write them: 250ms, 30s, 12h, 2d. Printing
// durations and calendar arithmetic do not belong here: a day is 24 hours.
package duration

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Parse is time.ParseDuration with days (1d12h) and without negative values. The error names the accepted form.
func Parse(s string) (time.Duration, error) {
	invalid := fmt.Errorf("invalid duration %q: use 250ms, 30s, 5m, 12h or 2d", s)
	days, rest, found := strings.Cut(s, "d")
	if !found {
		days, rest = "0", s
	}
	n, err := strconv.Atoi(days)
	if err != nil || n < 0 || n > 36500 { // a hundred years: the time package counts to 290
		return 0, invalid
	}
	total := time.Duration(n) * 24 * time.Hour
	if rest == "" && found {
		return total, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 || d > 36500*24*time.Hour {
		return 0, invalid
	}
	return total + d, nil
}
