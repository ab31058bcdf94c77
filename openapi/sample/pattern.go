package sample

import (
	"regexp/syntax"
	"strings"

	"github.com/idmock/idmock/internal/fake"
)

// maxRepeat bounds a repetition of a pattern; Go's syntax allows no more.
const maxRepeat = 1000

// patterned returns a text that matches the schema's pattern and has a length within its limits.
func (s *schema) patterned(p *fake.Person, label string) (string, bool) {
	for _, again := range []string{"", "/1", "/2", "/3"} {
		if value := p.Matching(label+again, s.pattern); s.fits(value) && s.matches(value) {
			return value, true
		}
	}
	if s.compiled == nil {
		return "", false
	}
	// The generator chooses the length of open repetitions, which may not suit the limits: the shortest text says how many
	// characters are missing.
	more := 0
	for range 2 {
		bounded, ok := bound(s.pattern, more)
		if !ok {
			return "", false
		}
		value := p.Matching(label, bounded)
		if s.fits(value) && s.matches(value) {
			return value, true
		}
		more = min(max(s.minLength-len(value), 0), maxRepeat)
	}
	return "", false
}

// bound writes a pattern whose open repetitions repeat an exact number of times: the last of them as many more as are given.
// A pattern without one is not ok.
func bound(pattern string, by int) (string, bool) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "", false
	}
	last := boundBelow(re)
	if last == nil {
		return "", false
	}
	last.Min = min(last.Min+by, maxRepeat)
	last.Max = last.Min
	return strings.ReplaceAll(re.String(), "(?-s:.)", "."), true
}

// boundBelow bounds the open repetitions below an expression, and returns the last one that is not inside another.
func boundBelow(re *syntax.Regexp) (last *syntax.Regexp) {
	for _, sub := range re.Sub {
		if found := boundBelow(sub); found != nil {
			last = found
		}
	}
	switch re.Op {
	case syntax.OpStar:
		re.Op, re.Min, re.Max = syntax.OpRepeat, 0, 0
	case syntax.OpPlus:
		re.Op, re.Min, re.Max = syntax.OpRepeat, 1, 1
	case syntax.OpRepeat:
		if re.Max >= 0 {
			return last
		}
		re.Max = re.Min
	default:
		return last
	}
	return re
}
