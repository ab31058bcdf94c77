package sample

import (
	"regexp"
	"testing"

	"github.com/idmock/idmock/internal/fake"
)

func TestPatternAndLength(t *testing.T) {
	for _, c := range []struct {
		pattern   string
		low, high int
	}{
		{`[0-9]+`, 12, 12},
		{`^[0-9]*$`, 30, 30},
		{`arn:.*`, 20, 2048},
		{`arn:.+`, 1, 128},
		{`^arn:(aws|aws-cn):backup-gateway(:[a-zA-Z-0-9]+){3}\/[a-zA-Z-0-9]+$`, 50, 500},
		{`^[A-Z]{2,}-[a-z]{3,}$`, 40, 40},
		{`^\S+@\S+$`, 25, 30},
		{`^[a-z]{3}$`, 0, -1},
	} {
		s := &schema{types: []string{"string"}, pattern: c.pattern, compiled: regexp.MustCompile(c.pattern), minLength: c.low, maxLength: c.high}
		for seed := range uint64(20) {
			value := s.text(nil, fake.New(seed), "a", "a")
			if n := len(value); !s.compiled.MatchString(value) || n < c.low || c.high >= 0 && n > c.high {
				t.Errorf("%s of %d to %d, seed %d: %q of %d", c.pattern, c.low, c.high, seed, value, n)
			}
		}
	}
}
