// Command table writes benchmark results into the table of the README.
//
//	go test -run '^$' -bench . -p 1 ./mockserver/benchmarks ./mockserver/viewer ./conformance/receiver | tee /dev/stderr | go run ./mockserver/benchmarks/table README.md
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// rows are the figures of the table: benchmark, unit, description and target.
var rows = []struct{ benchmark, unit, figure, want string }{
	{"Call", "of-bare-16", "a provider's request from 16 connections of another process, requests a second as a share of bare net/http", "at least 0.48"},
	{"Call", "of-bare-64", "the same from 64 connections", "at least 0.58"},
	{"Call", "p99-times-bare-16", "its 99th percentile of latency at 16 connections, against bare net/http", "at most 3"},
	{"Call", "cpu-times-bare-16", "its CPU per request at 16 connections, against bare net/http", "at most 2.7"},
	{"CallWithMillionRuns", "times-empty", "the same with 1,000,000 runs held, against none", "at most 1.2"},
	{"Start", "ms", "milliseconds from start to the first right answer", "at most 100"},
	{"Start", "bare-ms", "the same of a bare server", ""},
	{"Memory", "idle-MB", "MB resident, idle", "at most 40"},
	{"Memory", "B/run", "bytes resident for each pending run", "at most 3000"},
	{"Memory", "MB-after-1000000-calls", "MB resident after 1,000,000 calls, journal on", "at most 150"},
	{"Deliveries64", "of-bare", "deliveries to 64 endpoints, as a share of a tuned client's", "at least 0.5"},
	{"Advance10000", "times-bare", "10,000 deliveries to one endpoint on one advance, against a client's posts", "at most 2"},
	{"Accounts64", "times-one", "CPU of 64 accounts in parallel that play, advance and wait, against one account's for the same work", "at most 1.05"},
	{"Wait", "p99-ms", "milliseconds from the commit of an outcome to the answer of a wait for it, 99th percentile", "at most 2"},
	{"Armed", "times-one", "a call with 1,000 scenarios armed, against 1", "at most 1.5"},
	{"Lint", "times-parse", "lint of 1,000 files, against a bare YAML parse of them", "at most 10"},
	{"MonthsOfRetries", "s", "seconds for 30 days of 200 runs with every retry table, instantly", "at most 5"},
	{"Watched", "of-alone", "delivery rate with 100 viewers connected, as a share of that with none", "at least 0.85"},
	{"Row", "p95-ms", "milliseconds from a commit to its row in the page at 200 deliveries a second, 95th percentile", "at most 250"},
	{"Smooth", "long-tasks/min", "main-thread tasks of the page over 50 ms a minute, with 1,000 entries a second and 10,000 rows", "at most 5"},
	{"Checks", "all-s", "seconds for all checks of a receiver, against the reference on the same machine", "at most 30"},
	{"Checks", "core-s", "the same for the core of them", "at most 5"},
}

const begin, end = "<!-- bench -->", "<!-- /bench -->"

func main() {
	if len(os.Args) != 2 {
		fatal(fmt.Errorf("want one argument: the file to write the table into"))
	}
	figures, err := read(os.Stdin)
	if err != nil {
		fatal(err)
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		fatal(fmt.Errorf("%s has no %s and %s", os.Args[1], begin, end))
	}
	text = []byte(before + begin + "\n" + table(figures) + end + after)
	if err := os.WriteFile(os.Args[1], text, 0o644); err != nil {
		fatal(err)
	}
}

// read returns the figures by benchmark and unit, with the median of repeated runs.
func read(r io.Reader) (map[string]string, error) {
	all := map[string][]float64{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(fields[0], "Benchmark"), "-")
		for i := 2; i+1 < len(fields); i += 2 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", lines.Text(), err)
			}
			all[name+" "+fields[i+1]] = append(all[name+" "+fields[i+1]], v)
		}
	}
	figures := map[string]string{}
	for key, values := range all {
		slices.Sort(values)
		figures[key] = text(values[len(values)/2])
	}
	return figures, lines.Err()
}

// text formats a figure with three significant digits, or as an integer from 100.
func text(v float64) string {
	if v >= 100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func table(figures map[string]string) string {
	var b strings.Builder
	b.WriteString("| figure | measured | wanted |\n|---|---|---|\n")
	for _, row := range rows {
		measured := figures[row.benchmark+" "+row.unit]
		if measured == "" {
			measured = "not measured"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", row.figure, measured, row.want)
	}
	return b.String()
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "table:", err)
	os.Exit(1)
}
