//go:build unix

// Command outside measures the server as a user meets it: the shipped binary and a bare net/http server as processes, driven
// in turns by wrk, with a receiver in a process of its own. CPU and memory are read from /proc, allocations from the trace of
// the garbage collector. It writes a table of medians and ranges.
//
//	go run ./mockserver/benchmarks/outside docs/performance.md
//
// It must run in the module's directory, and needs Linux and wrk. The arguments are files that have the table between
// <!-- bench --> and <!-- /bench -->. Figures within the process belong to the benchmarks of packages.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

// bench is a run of measurements.
type bench struct {
	idmock, bare string // binaries
	request      request
	rounds       int
	length       time.Duration // of a round of wrk
	runs, calls  int
	accounts     int
	postgres     string // URL of a database
	results      []result
	stops        []func()
}

// measurements are all, in the order of the table.
var measurements = []struct {
	name    string
	measure func(*bench) error
}{
	{"call", (*bench).call},
	{"start", (*bench).start},
	{"deliveries", (*bench).deliveries},
	{"advance", (*bench).advance},
	{"viewers", (*bench).viewers},
	{"accounts", (*bench).manyAccounts},
	{"memory", (*bench).memory},
	{"runs", (*bench).manyRuns},
	{"stores", (*bench).stores},
}

func main() {
	b := &bench{}
	only := flag.String("only", "", "comma-separated measurements: call, start, deliveries, advance, viewers, accounts, memory, runs, stores")
	peers := flag.String("peers", "", "comma-separated peers to measure, too: prism, wiremock, stripe-mock")
	flag.IntVar(&b.rounds, "rounds", 5, "rounds of each comparison")
	flag.DurationVar(&b.length, "length", 2*time.Second, "length of a round of wrk")
	flag.IntVar(&b.runs, "runs", 1_000_000, "runs held")
	flag.IntVar(&b.calls, "calls", 1_000_000, "calls before the memory is read")
	flag.IntVar(&b.accounts, "accounts", 50_000, "accounts held")
	flag.StringVar(&b.postgres, "postgres", os.Getenv("TEST_POSTGRES"), "URL of an empty PostgreSQL database for the measurement stores, which leaves it out without one")
	flag.Parse()
	if err := b.run(*only, *peers, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "outside:", err)
		os.Exit(1)
	}
}

func (b *bench) run(only, peers string, files []string) error {
	dir, err := os.MkdirTemp("", "idmock-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	if err := errors.Join(b.readCall(), b.build(dir)); err != nil {
		return err
	}
	began := time.Now()
	for _, m := range measurements {
		if only != "" && !strings.Contains(","+only+",", ","+m.name+",") {
			continue
		}
		err := m.measure(b)
		b.stopAll()
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Fprintf(os.Stderr, "%s: measured after %s\n", m.name, time.Since(began).Round(time.Second))
	}
	for _, peer := range strings.FieldsFunc(peers, func(r rune) bool { return r == ',' || r == ' ' }) {
		err := b.measurePeer(peer)
		b.stopAll()
		if err != nil {
			return fmt.Errorf("peer %s: %w", peer, err)
		}
	}
	table := b.table()
	fmt.Print(table)
	for _, file := range files {
		if err := replace(file, table); err != nil {
			return err
		}
	}
	return nil
}
