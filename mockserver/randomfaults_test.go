package mockserver_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/scenarios"
)

// afterwards sends while the clock is advanced: immediate deliveries go out side by side with later requests.
const afterwards = `
scenario: afterwards
provider: identitypass
rules:
  - on: verifyBVN
    reply: {example: success}
    then: {after: 500ms, send: verification.completed}
`

// badDay sends requests to a server with random faults and returns its account and the statuses.
func badDay(t *testing.T, seed uint64, rate float64, nuisances ...string) (*mockservertest.Account, []int) {
	t.Helper()
	s := new(mockservertest.Network).Start(t, mockserver.Config{Providers: providers(t), Start: began, Frozen: true, Seed: seed, Scenarios: lint(t, afterwards),
		Rough: &mockserver.Rough{Nuisances: nuisances, Rate: rate}})
	a, _ := with(t, s, "rough")
	var got []int
	for i := range 40 {
		subject := found
		if i%4 == 0 {
			subject = pending
		}
		answer := a.CallAs("afterwards", provider, bvn, number(subject))
		got = append(got, answer.Status)
		if reference := answer.At("verification.reference"); reference != "" {
			polled := a.Call(provider, status, map[string]string{"reference": reference})
			if polled.Status == 404 || polled.Status == 400 {
				t.Errorf("the run %q of an answer is not found: %s", reference, polled.Body)
			}
			if url.PathEscape(reference) != reference {
				t.Errorf("the reference %q is not fit for a path", reference)
			}
		}
		a.Advance(time.Second)
	}
	a.Advance(time.Hour)
	return a, got
}

// The same seed injects the same faults, to the byte.
func TestRandomFaultsAreSeeded(t *testing.T) {
	t.Parallel()
	lines := func(seed uint64) string {
		a, _ := badDay(t, seed, 0.4)
		var all []byte
		for _, entry := range a.Journal() {
			all = append(journal.AppendEntry(all, entry), '\n')
		}
		return normal(string(all))
	}
	first := lines(7)
	if diff := cmp.Diff(first, lines(7)); diff != "" {
		t.Errorf("the second day differs:\n%s", diff)
	}
	if first == lines(8) {
		t.Error("another seed has the same day")
	}
	for _, says := range []string{`"rough":{"seed":7,"rate":0.4,"nuisances":["duplicates","reordering","unknown-fields","odd-ids","random-5xx"]}`,
		`"fault":["duplicate"`, `"fault":["reorder"]`, `"fault":["unknown-field"]`, `"fault":["server-error"]`} {
		if !strings.Contains(first, says) {
			t.Errorf("the journal does not say %s", says)
		}
	}
}

var usual = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// Each random fault can be selected on its own.
func TestEachRandomFault(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"duplicates": {"duplicate"}, "reordering": {"reorder"}, "unknown-fields": {"unknown-field"}, "random-5xx": {"server-error"}, fault.OddIDs: nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, statuses := badDay(t, 3, 0.5, name)
			names := map[string]bool{}
			for _, c := range mockservertest.Entries[journal.Call](a) {
				for _, f := range c.Fault {
					names[f] = true
				}
			}
			for _, e := range mockservertest.Entries[journal.Event](a) {
				for _, f := range e.Fault {
					names[f] = true
				}
			}
			for _, f := range want {
				if !names[f] {
					t.Errorf("%s never played", f)
				}
				delete(names, f)
			}
			if len(names) > 0 {
				t.Errorf("%v played, too", names)
			}
			if (slices.Max(statuses) >= 500) != (name == "random-5xx") {
				t.Errorf("the calls were answered with %v", statuses)
			}
			odd := 0
			for _, r := range mockservertest.Entries[journal.Run](a) {
				if !usual.MatchString(r.Reference) {
					odd++
				}
			}
			if (odd > 0) != (name == fault.OddIDs) {
				t.Errorf("%d references are odd", odd)
			}
		})
	}
}

func TestRandomFaultErrors(t *testing.T) {
	t.Parallel()
	for says, rough := range map[string]mockserver.Rough{"unknown nuisance": {Nuisances: []string{"rain"}}, "from 0 to 1": {Rate: 1.5}} {
		_, err := mockserver.New(mockserver.Config{Addr: "127.0.0.1:0", Providers: providers(t), Rough: &rough})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v", rough, err)
		}
	}
}

// With every fault at once, all deliveries come to an end, and to the same one twice.
func TestEveryFaultReplays(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	day := func() string {
		s := begin(t, afterwards)
		a, r := with(t, s, "soaked")
		r.Answer(mockservertest.Response{Status: 503}, mockservertest.Response{}, mockservertest.Response{Status: 500}, mockservertest.Response{})
		for _, v := range fault.Verbs() {
			if !slices.Contains(v.Where, scenarios.InDelivery) || v.Name == "ipv6" { // which depends on the machine
				continue
			}
			args := map[string]any{}
			switch v.Name {
			case "oversize":
				args["size"] = "300KiB"
			case "chunked":
				args["size"] = 1024 // fewer writes, so that no attempt times out on a slow machine
			case "slow-drip":
				args["over"] = "20ms"
			}
			set(t, a, map[string]any{"fault": v.Name, "on": scenarios.InDelivery, "args": args, "probability": 0.12})
		}
		for range 60 {
			if got := a.CallAs("afterwards", provider, bvn, number(found)); got.Status != 200 {
				t.Errorf("%d %s", got.Status, got.Body)
			}
			a.Advance(3 * time.Second)
		}
		a.Advance(30 * 24 * time.Hour)
		if pending, err := s.Control().Accounts.Accounts(t.Context()); err != nil || pending[0].Pending != 0 {
			t.Errorf("%+v, %v: not all has come to an end", pending, err)
		}
		if events, ends := len(mockservertest.Entries[journal.Event](a)), len(mockservertest.Entries[journal.Delivery](a)); events != ends || events < 60 {
			t.Errorf("%d deliveries were planned, %d ended", events, ends)
		}
		var all []string
		for _, entry := range a.Journal() {
			all = append(all, string(journal.AppendEntry(nil, entry)))
		}
		return normal(strings.Join(all, "\n"))
	}
	first, second := day(), day()
	if diff := cmp.Diff(strings.Split(first, "\n"), strings.Split(second, "\n")); diff != "" {
		t.Errorf("the second day differs:\n%s", diff[:min(len(diff), 4000)])
	}
	for _, v := range fault.Verbs() {
		unplayable := []string{"ipv6", "unknown-value", "unknown-event", "missing-optional", "missing-required"}
		if slices.Contains(v.Where, scenarios.InDelivery) && !slices.Contains(unplayable, v.Name) && !strings.Contains(first, fmt.Sprintf("%q", v.Name)) {
			t.Errorf("%s never played", v.Name)
		}
	}
}
