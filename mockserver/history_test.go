package mockserver_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/scenarios"
)

// folder starts a server with all scenarios of testdata/scenarios, and returns their names.
func folder(t *testing.T) (*mockservertest.Server, []string) {
	t.Helper()
	files, err := filepath.Glob(qaFolder + "/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	known := providers(t)
	var all []*scenarios.Scenario
	var names []string
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := library.Lint(known, filepath.Base(file), src)
		if err != nil {
			t.Fatal(err)
		}
		all, names = append(all, s), append(names, s.Name)
	}
	return new(mockservertest.Network).Start(t, mockserver.Config{Start: began, Frozen: true, Scenarios: all, Providers: known}), names
}

// act does one thing to an account, drawn at random.
func act(a *mockservertest.Account, draw *rand.Rand, names []string, runs []string) (run string) {
	pick := func(from []string) string { return from[draw.IntN(len(from))] }
	subject := fmt.Sprintf("123456789%02d", draw.IntN(5))
	switch n := draw.IntN(12); {
	case n < 4 || len(runs) == 0:
		return a.Control("POST", "/play", map[string]string{"provider": provider, "scenario": pick(names), "subject": subject}).At("run")
	case n < 7:
		a.Call(provider, status, map[string]string{"reference": pick(runs)})
	case n < 10:
		by := []time.Duration{time.Second, time.Minute, time.Hour, 36 * time.Hour, 40 * 24 * time.Hour}[draw.IntN(5)]
		a.Control("POST", "/clock/advance", map[string]string{"by": by.String()})
	case n < 11:
		a.Control("POST", "/simulate", map[string]string{"name": "manual-review"})
	default:
		a.Control("POST", "/arm", map[string]any{"provider": provider, "scenario": pick(names), "calls": 1, "subject": subject})
	}
	return ""
}

// The same actions with the same seed lead to the same journal, byte by byte, and account time never goes back in it.
func TestHistoryIsReproducible(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			play := func() string {
				s, names := folder(t)
				a, r := with(t, s, "again")
				r.Answer(mockservertest.Response{Status: 503}, mockservertest.Response{Status: 200}, mockservertest.Response{Status: 404}, mockservertest.Response{Status: 201})
				draw := rand.New(rand.NewPCG(seed, 7))
				var runs []string
				for range 40 {
					if run := act(a, draw, names, runs); run != "" {
						runs = append(runs, run)
					}
					a.Idle() // immediate deliveries end before the next step, or two receivers race
				}
				a.Advance(800 * 24 * time.Hour)
				entries := a.Journal()
				linear(t, entries)
				var lines []byte
				var last time.Time
				for _, entry := range entries {
					if entry.At.Before(last) {
						t.Errorf("entry %d is of %v, after one of %v", entry.Seq, entry.At, last)
					}
					last = entry.At
					lines = append(journal.AppendEntry(lines, entry), '\n')
				}
				return normal(string(lines))
			}
			if first, second := play(), play(); first != second {
				t.Errorf("the second journal differs:\n%s", cmp.Diff(strings.Split(first, "\n"), strings.Split(second, "\n")))
			}
		})
	}
}

// Under concurrent actions the journal stays a history: each change begins where the previous one ended, and each
// delivery is planned, attempted and ended in this order.
func TestHistoryIsLinear(t *testing.T) {
	t.Parallel()
	s, names := folder(t)
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			a, r := with(t, s, fmt.Sprint("linear ", seed))
			r.Answer(mockservertest.Response{Status: 503}, mockservertest.Response{Status: 200}, mockservertest.Response{Status: 500})
			var mu sync.Mutex
			var runs []string
			var all sync.WaitGroup
			for worker := range uint64(4) {
				all.Go(func() {
					draw := rand.New(rand.NewPCG(seed, worker))
					for range 25 {
						mu.Lock()
						known := append([]string(nil), runs...)
						mu.Unlock()
						if run := act(a, draw, names, known); run != "" {
							mu.Lock()
							runs = append(runs, run)
							mu.Unlock()
						}
					}
				})
			}
			all.Wait()
			a.Advance(800 * 24 * time.Hour)
			a.Idle()
			entries := a.Journal()
			if len(entries) < 100 {
				t.Errorf("hardly anything happened: %d entries", len(entries))
			}
			linear(t, entries)
		})
	}
}

// linear checks that a journal is one history.
func linear(t *testing.T, entries []store.Entry) {
	t.Helper()
	var last uint64
	states := map[string]string{}
	tried := map[string]int{}
	planned, ended := map[string]bool{}, map[string]bool{}
	for _, entry := range entries {
		if entry.Seq <= last {
			t.Errorf("entry %d follows on %d", entry.Seq, last)
		}
		last = entry.Seq
		data, err := journal.Decode(entry)
		if err != nil {
			t.Fatal(err)
		}
		switch d := data.(type) {
		case journal.Run:
			if had, known := states[d.Run]; known && had != string(d.Before) {
				t.Errorf("entry %d: run %s goes on from %s, but came to %s", entry.Seq, d.Run, d.Before, had)
			}
			states[d.Run] = string(d.State)
		case journal.Event:
			if planned[d.Delivery] {
				t.Errorf("entry %d: %s is planned twice", entry.Seq, d.Delivery)
			}
			planned[d.Delivery] = true
		case journal.Attempt:
			if tried[d.Delivery]++; !planned[d.Delivery] || ended[d.Delivery] || d.N != tried[d.Delivery] {
				t.Errorf("entry %d: attempt %d of %s is out of its order", entry.Seq, d.N, d.Delivery)
			}
		case journal.Delivery:
			if ended[d.Delivery] || d.Attempts != tried[d.Delivery] {
				t.Errorf("entry %d: %s ended already, or after %d attempts instead of %d", entry.Seq, d.Delivery, tried[d.Delivery], d.Attempts)
			}
			ended[d.Delivery] = true
		}
	}
	for id := range planned {
		if !ended[id] {
			t.Errorf("the delivery %s never ended", id)
		}
	}
}
