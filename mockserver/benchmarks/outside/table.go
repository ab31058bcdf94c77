//go:build unix

package main

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// result is a line of the table.
type result struct {
	figure, wanted string
	values         []float64
}

func (b *bench) report(figure, wanted string, values ...float64) {
	r := result{figure, wanted, slices.Sorted(slices.Values(values))}
	b.results = append(b.results, r)
	fmt.Fprintf(os.Stderr, "  %s: %s\n", figure, r.measured())
}

// measured is the median, and the range if there are several values.
func (r result) measured() string {
	median := number(r.values[len(r.values)/2])
	if len(r.values) == 1 {
		return median
	}
	return fmt.Sprintf("%s (%s–%s)", median, number(r.values[0]), number(r.values[len(r.values)-1]))
}

// number formats a value with three significant digits, or as an integer from 100.
func number(v float64) string {
	if v >= 100 {
		return thousands(int(v + 0.5))
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(max(1, b)) }

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

const begin, end = "<!-- bench -->", "<!-- /bench -->"

func (b *bench) table() string {
	var t strings.Builder
	fmt.Fprintf(&t, "%s\nMedian and range of %d rounds, on %s.\n\n", begin, b.rounds, machine())
	t.WriteString("| figure | measured | wanted |\n|---|---|---|\n")
	for _, r := range b.results {
		fmt.Fprintf(&t, "| %s | %s | %s |\n", r.figure, r.measured(), r.wanted)
	}
	return t.String() + end + "\n"
}

// machine describes the machine.
func machine() string {
	model := "an unknown processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, ok := strings.Cut(string(info), "model name"); ok {
			line, _, _ := strings.Cut(rest, "\n")
			model = strings.TrimSpace(strings.TrimLeft(line, "\t: "))
		}
	}
	load := "unknown"
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		load, _, _ = strings.Cut(string(text), " ")
	}
	return fmt.Sprintf("%s, %d processors, %s/%s, %s, load average %s at the end", model, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH,
		runtime.Version(), cmp.Or(load, "unknown"))
}

// replace replaces the table of a file.
func replace(file, table string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(text), begin)
	_, after, ended := strings.Cut(rest, end+"\n")
	if !found || !ended {
		return fmt.Errorf("%s has no %s and %s", file, begin, end)
	}
	return os.WriteFile(file, []byte(before+table+after), 0o644)
}
