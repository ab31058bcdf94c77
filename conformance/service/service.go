// Package service makes the checks of the suite for a server that runs: it is what the control API's conformance/… asks, and
// what the page shows. The server lends its accounts, whose credentials sign the events, its way to applications, its
// journal, which tells of every result as it comes, and its providers' APIs, before which the checks stand while they go on.
//
// It checks nothing itself: packages receiver and provider do.
package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance"
	formats "github.com/idmock/idmock/conformance/report"
	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
)

const (
	kept   = 20 // runs that are remembered, with everything that was on the wire
	atOnce = 2  // runs that go on side by side
)

// Runs are the runs of a server.
type Runs struct {
	server *mockserver.Server
	engine *mockserver.Engine
	ctx    context.Context // of every run
	stop   context.CancelFunc
	going  sync.WaitGroup // Add is called under mu, and not once it is closed

	mu     sync.Mutex
	closed bool
	begun  uint64
	all    []*run // the oldest first
}

var _ mockserver.Checks = (*Runs)(nil)

// New makes runs for a server; mockserver.Config.Checks takes it.
func New(s *mockserver.Server) mockserver.Checks {
	ctx, stop := context.WithCancel(context.Background())
	return &Runs{server: s, engine: s.Engine(), ctx: ctx, stop: stop}
}

// Close implements [mockserver.Checks].
func (r *Runs) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.stop()
	r.going.Wait()
}

// Begin implements [control.Checks].
func (r *Runs) Begin(ctx context.Context, c control.CheckRequest) (control.CheckRun, error) {
	waivers, err := conformance.ReadWaivers([]byte(c.Waivers))
	if err != nil {
		return control.CheckRun{}, control.Invalidf("waivers: %w", err)
	}
	if c.Seed == 0 {
		c.Seed = fake.RandomSeed()
	}
	made := &run{runs: r, waivers: waivers, ended: make(chan struct{}),
		told: control.CheckRun{Account: c.Account, Kind: c.Kind, Provider: c.Provider, URL: c.URL, State: running, Began: time.Now().UTC(), Seed: c.Seed, Counts: map[string]int{}}}
	switch c.Kind {
	case "receiver":
		err = made.asReceiver(ctx, c)
	case "provider":
		err = made.asProvider(ctx, c)
	default:
		err = unknownKind(c.Kind)
	}
	if err != nil {
		return control.CheckRun{}, err
	}
	return r.begin(ctx, made)
}

// begin lets a run go, if there is room for it.
func (r *Runs) begin(ctx context.Context, one *run) (control.CheckRun, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return control.CheckRun{}, store.ErrClosed
	}
	going := 0
	for _, other := range r.all {
		if other.now().State == running {
			going++
		}
	}
	if going == atOnce {
		return control.CheckRun{}, control.Invalidf("%d runs of checks are under way: stop one of them, or wait for it", atOnce)
	}
	r.begun++
	one.told.ID = "k-" + strconv.FormatUint(fake.Seed(r.engine.Seed(), "check-run", strconv.FormatUint(r.begun, 36)), 36)
	if err := one.tell(ctx); err != nil {
		return control.CheckRun{}, err
	}
	r.all = append(r.all, one)
	for i := 0; len(r.all) > kept; {
		if r.all[i].now().State == running {
			i++
			continue
		}
		r.all = slices.Delete(r.all, i, i+1) // the oldest that is over
	}
	within, stop := context.WithCancel(r.ctx)
	one.stop = stop
	begun := one.now()
	r.going.Go(func() { defer stop(); one.play(within) })
	return begun, nil
}

// Runs implements [control.Checks].
func (r *Runs) Runs(_ context.Context, account string) ([]control.CheckRun, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	made := []control.CheckRun{}
	for _, one := range slices.Backward(r.all) {
		if now := one.now(); account == "" || now.Account == account {
			made = append(made, now)
		}
	}
	return made, nil
}

func (r *Runs) find(id string) (*run, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.all {
		if one.told.ID == id {
			return one, nil
		}
	}
	return nil, fmt.Errorf("run of checks %q: %w: the server keeps the last %d, as long as it runs", id, store.ErrNotFound, kept)
}

// Run implements [control.Checks].
func (r *Runs) Run(ctx context.Context, id string, patience time.Duration) (control.CheckReport, error) {
	one, err := r.find(id)
	if err != nil {
		return control.CheckReport{}, err
	}
	if patience > 0 {
		late := time.NewTimer(patience)
		defer late.Stop()
		select {
		case <-one.ended:
		case <-late.C:
		case <-ctx.Done():
			return control.CheckReport{}, ctx.Err()
		}
	}
	report, now := one.report(), one.now()
	made := control.CheckReport{CheckRun: now, Results: []json.RawMessage{}}
	for _, result := range report.Results {
		result.Exchanges = nil
		text, err := encode(result)
		if err != nil {
			return made, err
		}
		made.Results = append(made.Results, text)
	}
	return made, nil
}

// Result implements [control.Checks].
func (r *Runs) Result(_ context.Context, id, check string) (json.RawMessage, error) {
	one, err := r.find(id)
	if err != nil {
		return nil, err
	}
	for _, result := range one.report().Results {
		if result.ID == check {
			return encode(result)
		}
	}
	return nil, fmt.Errorf("check %q: %w: it has no verdict yet, or was not asked for", check, store.ErrNotFound)
}

// Stop implements [control.Checks].
func (r *Runs) Stop(ctx context.Context, id string) (control.CheckRun, error) {
	one, err := r.find(id)
	if err != nil {
		return control.CheckRun{}, err
	}
	one.stop()
	select {
	case <-one.ended:
		return one.now(), nil
	case <-ctx.Done():
		return control.CheckRun{}, ctx.Err()
	}
}

// Report implements [control.Checks].
func (r *Runs) Report(_ context.Context, id, format string) ([]byte, error) {
	one, err := r.find(id)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	report := one.report()
	write := map[string]func() error{
		"json":  func() error { return formats.WriteJSON(&b, report) },
		"junit": func() error { return formats.WriteJUnit(&b, report) },
		"html":  func() error { return formats.WriteHTML(&b, report) },
		"text": func() error {
			console := formats.Console{W: &b, Total: len(report.Results), Verbose: true}
			console.Finish(report)
			return nil
		},
	}[format]
	if write == nil {
		return nil, errors.New("no report is called " + format)
	}
	err = write()
	return []byte(b.String()), err
}
