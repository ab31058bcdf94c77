//go:build unix

// Command soak loads, attacks, stops and kills the shipped binary from outside, for a given time, and checks that nothing
// is lost, doubled or out of order, and that memory stays bounded.
//
//	go run ./mockserver/benchmarks/soak -length 10m
//
// It must run in the module's directory, and needs Linux. Everything is on the loopback address. Speed is measured by
// mockserver/benchmarks/outside.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// soak is a run of trials.
type soak struct {
	call   call
	binary string
	dir    string        // for databases and scenarios
	length time.Duration // of each trial that has one
	stores []string      // lasting ones, as --store takes them; {dir} is replaced
	most   int           // deliveries of the trial of that name
	rate   int           // calls a second of all accounts of a trial together; 0: as many as can be
	procs  []*process    // that run
}

// trials are all, in their order. Each returns its figures, and an error if it failed.
var trials = []struct {
	name string
	run  func(*soak) (string, error)
}{
	{"mixed", (*soak).mixed},
	{"hostile", (*soak).hostile},
	{"deliveries", (*soak).deliveries},
	{"queued", (*soak).queued},
	{"restart", (*soak).restart},
	{"kill", (*soak).kill},
	{"replicas", (*soak).replicas},
	{"rolling", (*soak).rolling},
	{"cuts", (*soak).cuts},
}

func main() {
	s := &soak{}
	only := flag.String("only", "", "comma-separated trials: mixed, hostile, deliveries, queued, restart, kill, replicas, rolling, cuts; all without it")
	flag.StringVar(&s.binary, "binary", "", "binary to test; it is built without it")
	flag.DurationVar(&s.length, "length", 10*time.Minute, "length of the whole run, about; trials without an end of their own share it")
	flag.IntVar(&s.most, "deliveries", 500_000, "deliveries of the trials deliveries, unless its time is over before, and cuts, at most 50,000 each")
	flag.IntVar(&s.rate, "rate", 0, "calls a second of all accounts of a trial together, at most; without it as many as can be")
	postgres := flag.String("postgres", os.Getenv("TEST_POSTGRES"), "URL of a PostgreSQL database for the trials of restarts; its contents are lost")
	flag.Parse()
	s.stores = []string{"sqlite:{dir}/soak.db"}
	if *postgres != "" {
		s.stores = append(s.stores, *postgres)
	}
	if err := s.run(*only); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func (s *soak) run(only string) (err error) {
	if s.dir, err = os.MkdirTemp("", "idmock-soak-"); err != nil {
		return err
	}
	defer os.RemoveAll(s.dir) //nolint:errcheck // a temporary directory
	if err := s.readCall(); err != nil {
		return err
	}
	if s.binary == "" {
		s.binary = filepath.Join(s.dir, "idmock")
		if out, err := exec.Command("go", "build", "-o", s.binary, "./cmd/idmock").CombinedOutput(); err != nil {
			return fmt.Errorf("build: %w\n%s", err, out)
		}
	}
	chosen := trials[:0:0]
	for _, t := range trials {
		if only == "" || strings.Contains(","+only+",", ","+t.name+",") {
			chosen = append(chosen, t)
		}
	}
	if len(chosen) == 0 {
		return fmt.Errorf("unknown trial %q", only)
	}
	s.length /= time.Duration(len(chosen))
	failed := 0
	for _, t := range chosen {
		began := time.Now()
		figures, err := t.run(s)
		s.killAll()
		verdict := "ok  "
		if err != nil {
			verdict, figures = "FAIL", strings.TrimSpace(figures+" "+err.Error())
			failed++
		}
		fmt.Printf("%s %-10s %5.0f s  %s\n", verdict, t.name, time.Since(began).Seconds(), figures)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d trials failed", failed, len(chosen))
	}
	return nil
}

const testdata = "mockserver/benchmarks/soak/testdata/"

// call is the call that is made, and the header of its webhook that has the reference of its run.
type call struct{ Provider, Path, Unknown, Body, Scenario, Webhook string }

func (s *soak) readCall() error {
	text, err := os.ReadFile(testdata + "call.json")
	if err != nil {
		return err
	}
	return json.Unmarshal(text, &s.call)
}
