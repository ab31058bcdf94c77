package webhook

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	lowestStatus  = 100
	highestStatus = 599
)

// Accept is a set of HTTP status codes. The zero value contains 200 to 299. Values are comparable.
type Accept struct {
	bits [(highestStatus - lowestStatus + 64) / 64]uint64
}

// ParseAccept parses a list of codes ("200"), classes ("2xx") and ranges ("200-204"). An empty list is the zero Accept.
// The error names every invalid element.
func ParseAccept(list []string) (Accept, error) {
	var a Accept
	var errs []error
	for _, s := range list {
		low, high, ok := statusRange(strings.TrimSpace(s))
		if !ok {
			errs = append(errs, fmt.Errorf(`invalid status %q: use a code like "200", a class like "2xx" or a range like "200-204"`, s))
			continue
		}
		for code := low; code <= high; code++ {
			i := code - lowestStatus
			a.bits[i/64] |= 1 << (i % 64)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return Accept{}, err
	}
	return a, nil
}

// Has reports whether the code is in the set.
func (a Accept) Has(code int) bool {
	if a == (Accept{}) {
		return code >= 200 && code <= 299
	}
	i := code - lowestStatus
	return i >= 0 && code <= highestStatus && a.bits[i/64]&(1<<(i%64)) != 0
}

func statusRange(s string) (low, high int, ok bool) {
	if len(s) == 3 && strings.EqualFold(s[1:], "xx") {
		low = int(s[0]-'0') * 100
		return low, low + 99, low >= lowestStatus && low <= highestStatus
	}
	from, to, isRange := strings.Cut(s, "-")
	if !isRange {
		to = from
	}
	low, okLow := status(from)
	high, okHigh := status(to)
	return low, high, okLow && okHigh && low <= high
}

func status(s string) (int, bool) {
	code, err := strconv.Atoi(s)
	return code, err == nil && len(s) == 3 && code >= lowestStatus && code <= highestStatus
}

// Agreement reports whether any and whether all of some lists, as for [ParseAccept], contain a code. Invalid lists contain none.
func Agreement(lists [][]string, code int) (ever, always bool) {
	always = true
	for _, list := range lists {
		a, err := ParseAccept(list)
		has := err == nil && a.Has(code)
		ever, always = ever || has, always && has
	}
	return ever, always
}
