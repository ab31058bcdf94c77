// Package service runs checks for a running server, on behalf of the control API (conformance/…) and the page.
//
// The server provides its accounts (their credentials sign the events), its connections to applications, its journal, which
// records each result, and its providers' APIs, which the checks intercept during a run.
//
// Checks and reports do not belong here: see packages receiver, provider and report.
package service

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
)

const (
	maxKept    = 20 // runs in memory, with all exchanges
	maxRunning = 2
)

// Service holds the runs of a server.
type Service struct {
	server  *mockserver.Server
	engine  *mockserver.Engine
	running sync.WaitGroup // Add is called under mu, before closed is set

	mu     sync.Mutex
	closed bool
	count  uint64 // of all runs, for their IDs
	runs   []*run // the oldest first
}

var _ mockserver.Checks = (*Service)(nil)

// New returns the service of a server, for mockserver.Config.Checks.
func New(s *mockserver.Server) mockserver.Checks {
	return &Service{server: s, engine: s.Engine()}
}

// Close stops all runs and waits for them.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	for _, r := range s.runs {
		r.stop()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// Begin starts a run and returns its state. It implements [control.Checks], as the methods below do.
func (s *Service) Begin(ctx context.Context, c control.CheckRequest) (control.CheckRun, error) {
	waivers, err := conformance.ReadWaivers([]byte(c.Waivers))
	if err != nil {
		return control.CheckRun{}, control.Invalidf("waivers: %w", err)
	}
	if c.Seed == 0 {
		c.Seed = fake.RandomSeed()
	}
	r := &run{service: s, waivers: waivers, ended: make(chan struct{}), state: control.CheckRun{Account: c.Account, Kind: c.Kind,
		Provider: c.Provider, URL: c.URL, State: stateRunning, Started: time.Now().UTC(), Seed: c.Seed, Counts: map[string]int{}}}
	switch c.Kind {
	case "receiver":
		err = r.prepareReceiver(ctx, c)
	case "provider":
		err = r.prepareProvider(c)
	default:
		err = unknownKind(c.Kind)
	}
	if err != nil {
		return control.CheckRun{}, err
	}
	return s.start(ctx, r)
}

// start starts a run, unless too many are running. The run outlives ctx.
func (s *Service) start(ctx context.Context, r *run) (control.CheckRun, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return control.CheckRun{}, store.ErrClosed
	}
	running := 0
	for _, other := range s.runs {
		if other.snapshot().State == stateRunning {
			running++
		}
	}
	if running == maxRunning {
		return control.CheckRun{}, control.Invalidf("%d conformance runs are in progress: stop one, or wait for it", maxRunning)
	}
	s.count++
	r.state.ID = "k-" + strconv.FormatUint(fake.Seed(s.engine.Seed(), "check-run", strconv.FormatUint(s.count, 36)), 36)
	if err := r.record(ctx); err != nil {
		return control.CheckRun{}, err
	}
	s.runs = append(s.runs, r)
	s.dropOldest()
	within, stop := context.WithCancel(context.WithoutCancel(ctx))
	r.stop = stop
	started := r.snapshot()
	s.running.Go(func() { defer stop(); r.execute(within) })
	return started, nil
}

// dropOldest drops the oldest ended runs beyond the maximum.
func (s *Service) dropOldest() {
	for i := 0; len(s.runs) > maxKept; {
		if s.runs[i].snapshot().State == stateRunning {
			i++
			continue
		}
		s.runs = slices.Delete(s.runs, i, i+1)
	}
}
