package mockserver_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/store/sqlstore"
)

// openStore opens a SQL store, which its server closes.
func openStore(t *testing.T, url string) store.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// varying is what differs from one play to the next: wall times, durations and ports.
var varying = regexp.MustCompile(`"[a-z_]*wall[a-z_]*":"[^"]*"|"[a-z_]*(took|duration|latency)[a-z_]*":"?[0-9.]+[a-zµ]*"?|after [0-9.]+(ms|s|µs)|127\.0\.0\.1:[0-9]+|"Date","[^"]*"|"phases":\{[^}]*\}`)

// journalOf is an account's journal without wall times and ports.
func journalOf(a *mockservertest.Account) string {
	var b strings.Builder
	for _, e := range a.Journal() {
		fmt.Fprintf(&b, "%s %s %s\n", e.At.Format(time.RFC3339Nano), e.Kind, varying.ReplaceAllString(string(e.Data), "·"))
	}
	return b.String()
}

// sameJournal compares journals line by line.
func sameJournal(t *testing.T, name, want, got string) {
	t.Helper()
	wanted, lines := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(wanted), len(lines)) {
		var w, g string
		if i < len(wanted) {
			w = wanted[i]
		}
		if i < len(lines) {
			g = lines[i]
		}
		if w != g {
			at := 0
			for at < min(len(g), len(w)) && g[at] == w[at] {
				at++
			}
			t.Errorf("%s: line %d of the journal is\n%s\nwant\n%s", name, i+1, g[max(0, at-100):], w[max(0, at-100):])
			return
		}
	}
}

// ids are IDs and UUIDs, which replicas that take turns draw from blocks of numbers.
var ids = regexp.MustCompile(`[a-z]{1,4}12be[0-9a-z]{9}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// numbered has IDs replaced by their order, from the beginning again after a reset.
func numbered(journal string) string {
	if before, after, ok := strings.Cut(journal, "reset\n"); ok {
		return numbered(before) + numbered(after)
	}
	seen := map[string]string{}
	return ids.ReplaceAllStringFunc(journal, func(id string) string {
		if seen[id] == "" {
			seen[id] = fmt.Sprintf("<%d>", len(seen))
		}
		return seen[id]
	})
}

const uploaded = `
scenario: uploaded
provider: identitypass
rules:
  - on: verifyBVN
    reply: {example: pending}
    then:
      - after: 10m
        send: verification.completed
`

// play has an account go through three verifications, each step at the server that next returns, and returns its journal.
func play(t *testing.T, network *mockservertest.Network, next func() *mockservertest.Server) string {
	t.Helper()
	receiver := network.NewReceiver(t)
	next().Account("acme").Webhook(provider, receiver.URL)
	for i := range 3 {
		answer := next().Account("acme").Call(provider, bvn, number(pending))
		run := reference(t, answer)
		next().Account("acme").Advance(time.Duration(i+1) * 20 * time.Second)
		next().Account("acme").Call(provider, status, map[string]string{"reference": run})
		next().Account("acme").Idle()
	}
	next().Account("acme").Scenarios(uploaded)
	next().Account("acme").Arm(provider, "uploaded", 1)
	set, err := next().Control().Faults.SetFault(t.Context(), control.Fault{Account: "acme", On: "delivery", Fault: "duplicate"})
	if err != nil {
		t.Fatal(err)
	}
	next().Account("acme").Call(provider, bvn, number(found))
	next().Account("acme").Advance(time.Hour)
	if err := next().Control().Faults.RemoveFault(t.Context(), "acme", set.ID); err != nil {
		t.Fatal(err)
	}
	before := journalOf(next().Account("acme"))
	next().Account("acme").Reset()
	next().Account("acme").Webhook(provider, receiver.URL)
	next().Account("acme").Call(provider, bvn, number(pending))
	next().Account("acme").Advance(time.Hour)
	return before + "reset\n" + journalOf(next().Account("acme"))
}

// TestStoresGiveTheSameJournal plays the same on the memory store and on SQLite, there also with a new process for every step.
func TestStoresGiveTheSameJournal(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	c := config(t, nil)
	c.Seed = 7
	var network mockservertest.Network
	memory := network.Start(t, c)
	want := play(t, &network, func() *mockservertest.Server { return memory })
	c.Store = openStore(t, "sqlite:"+filepath.Join(t.TempDir(), "one.db"))
	lasting := network.Start(t, c)
	sameJournal(t, "SQLite", want, play(t, &network, func() *mockservertest.Server { return lasting }))

	path := filepath.Join(t.TempDir(), "test.db")
	var running *mockservertest.Server
	sameJournal(t, "restarted processes", want, play(t, &network, func() *mockservertest.Server {
		restarted := c
		if running != nil {
			if err := running.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			restarted.Seed = 8 // the stored one counts
		}
		restarted.Store = openStore(t, "sqlite:"+path)
		running = network.Start(t, restarted)
		return running
	}))
}

// TestReplicasGiveTheSameJournal plays the same on PostgreSQL, with one server and with two that take turns.
func TestReplicasGiveTheSameJournal(t *testing.T) {
	t.Parallel()
	c := config(t, nil)
	c.Seed = 7
	var network mockservertest.Network
	memory := network.Start(t, c)
	want := play(t, &network, func() *mockservertest.Server { return memory })

	database := openStore(t, testenv.Postgres(t))
	c.Store = database
	single := network.Start(t, c)
	sameJournal(t, "PostgreSQL", want, play(t, &network, func() *mockservertest.Server { return single }))
	fewReads(t, single, database.(*sqlstore.Store))

	url := testenv.Postgres(t)
	var replicas []*mockservertest.Server
	for range 2 {
		c.Store = openStore(t, url)
		replicas = append(replicas, network.Start(t, c))
	}
	turn := 0
	sameJournal(t, "two replicas", numbered(want), numbered(play(t, &network, func() *mockservertest.Server {
		turn++
		return replicas[turn%2]
	})))
	waitsElsewhere(t, &network, replicas)
}

// fewReads counts what calls read, those of the scheduler beside them included: a round trip to the database each.
func fewReads(t *testing.T, s *mockservertest.Server, database *sqlstore.Store) {
	t.Helper()
	const calls, most = 40, 3 // one of a call, and the look for its next job
	a := s.Account("reads")
	a.Call(provider, bvn, number(pending))
	before := database.Work().Reads
	for range calls {
		a.Call(provider, bvn, number(pending))
	}
	if reads := database.Work().Reads - before; reads > calls*most {
		t.Errorf("%d reads of %d calls, want at most %d each", reads, calls, most)
	} else {
		t.Logf("%d reads of %d calls", reads, calls)
	}
}

// waitsElsewhere waits at one replica for what an advance at the other delivers, and resets at one what the other then has no more.
func waitsElsewhere(t *testing.T, network *mockservertest.Network, replicas []*mockservertest.Server) {
	t.Helper()
	here, there := replicas[0].Account("waiter"), replicas[1].Account("waiter")
	here.Webhook(provider, network.NewReceiver(t).URL)
	here.Call(provider, bvn, number(pending))
	waited := make(chan mockservertest.Answer)
	go func() {
		waited <- there.Control("POST", "/wait", map[string]string{"event": completed, "outcome": "delivered", "timeout": "10s"})
	}()
	here.Advance(time.Hour)
	if got := <-waited; got.Status != 200 {
		t.Errorf("a wait at one replica for what the other delivers: %d %s", got.Status, got.Body)
	}
	there.Reset()
	if got := here.Journal(); len(got) != 1 {
		t.Errorf("%d entries at one replica after a reset at the other, want the reset", len(got))
	}
	if now := here.Now(); !now.Equal(there.Now()) {
		t.Errorf("the time is %v here and %v there", now, there.Now())
	}
}
