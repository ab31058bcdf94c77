package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/duration"
	"github.com/idmock/idmock/scenarios"
)

// types maps the types of arguments to their validation.
var types = map[string]func(a Arg, value string) error{
	"duration": func(_ Arg, value string) error { _, err := duration.Parse(value); return err },
	"number":   func(_ Arg, value string) error { _, err := number(value); return err },
	"chance":   func(_ Arg, value string) error { _, err := chance(value); return err },
	"size":     func(_ Arg, value string) error { _, err := size(value); return err },
	"text":     func(Arg, string) error { return nil },
	"choice": func(a Arg, value string) error {
		if !slices.Contains(a.Of, value) {
			return fmt.Errorf("unknown value %q: use %s", value, strings.Join(a.Of, " or "))
		}
		return nil
	},
}

func (a Arg) check(value string) error { return types[a.Type](a, value) }

const maxNumber = 10_000

func number(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > maxNumber {
		return 0, fmt.Errorf("invalid number %q: use an integer from 0 to %d", s, maxNumber)
	}
	return n, nil
}

func chance(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f >= 0 && f <= 1) {
		return 0, fmt.Errorf("invalid probability %q: use a number from 0 to 1", s)
	}
	return f, nil
}

const maxSize = 64 << 20

// size parses a number of bytes, such as 512, 64KiB or 11MiB.
func size(s string) (int, error) {
	digits, unit := s, 1
	for suffix, factor := range map[string]int{"KiB": 1 << 10, "MiB": 1 << 20} {
		if rest, ok := strings.CutSuffix(s, suffix); ok {
			digits, unit = rest, factor
		}
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > maxSize/unit {
		return 0, fmt.Errorf("invalid size %q: use 512, 64KiB or 11MiB, at most %dMiB", s, maxSize>>20)
	}
	return n * unit, nil
}

// args returns the arguments of a fault that passed [Check], with defaults for missing ones.
type args struct {
	verb   Verb
	where  string
	values map[string]string
}

func argsOf(f scenarios.Fault, where string) args {
	v, _ := find(f.Name, where)
	return args{v, where, f.Args}
}

func (a args) text(name string) string {
	if value, ok := a.values[name]; ok {
		return value
	}
	arg, _ := a.verb.arg(name, a.where)
	return arg.Default
}

func (a args) duration(name string) time.Duration {
	d, _ := duration.Parse(a.text(name))
	return d
}

func (a args) number(name string) int {
	n, _ := number(a.text(name))
	return n
}

func (a args) share(name string) float64 {
	f, _ := chance(a.text(name))
	return f
}

func (a args) size(name string) int {
	n, _ := size(a.text(name))
	return n
}

// Limits are the arguments of all faults that limit when they apply.
type Limits struct {
	Probability float64 // 1: always
	Times       int     // deliveries or requests per subject; 0: all
	Attempts    int     // attempts per delivery; 0: all
}

// LimitsOf returns the limits of a fault.
func LimitsOf(f scenarios.Fault, where string) Limits {
	a := argsOf(f, where)
	p, err := chance(a.text("probability"))
	if err != nil {
		p = 1
	}
	return Limits{p, a.number("times"), a.number("attempts")}
}
