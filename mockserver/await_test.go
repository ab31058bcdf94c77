package mockserver_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

const awaiting = `
scenario: awaiting
provider: identitypass
rules:
  - on: verifyBVN
    reply: {example: pending}
    set: {status: PENDING}
    then:
      - after: 1m
        set: {status: READY}
      - expect: {call: "getVerification*", within: 24h}
        else:
          - set: {status: FORGOTTEN}
          - after: 1h
            send: verification.completed
      - set: {status: FETCHED}
        send: verification.completed
      - expect: {call: getVerificationStatus, within: 1h}
        else: {set: {status: ONCE}}
      - set: {status: TWICE}
  - on: getVerificationStatus
    reply: {body: {status: "${run.status}"}}
variables: {status: text}
`

// history lists the changes of an account's runs and its expectations, one per line.
func history(a *mockservertest.Account) []string {
	var lines []string
	for _, entry := range a.Journal() {
		at := entry.At.Sub(began)
		switch entry.Kind {
		case journal.KindRun:
			run, _ := journal.As[journal.Run](entry)
			lines = append(lines, fmt.Sprint(at, " run ", string(run.State)))
		case journal.KindExpect:
			e, _ := journal.As[journal.Expect](entry)
			lines = append(lines, fmt.Sprint(at, " expect ", e.Want, ", got ", e.Got, " ", e.Pass))
		case journal.KindEvent, journal.KindCall, journal.KindRuleError:
			lines = append(lines, fmt.Sprint(at, " ", entry.Kind))
		case journal.KindDelivery:
			d, _ := journal.As[journal.Delivery](entry)
			lines = append(lines, fmt.Sprint(at, " ", d.Outcome))
		}
	}
	return lines
}

// A timeline that expects a request continues when it arrives, and takes its else steps when it does not.
func TestExpectedCalls(t *testing.T) {
	t.Parallel()
	s := begin(t, awaiting)
	for name, test := range map[string]struct {
		calls []time.Duration // after the check began
		want  []string
	}{
		"never called": {nil, []string{
			`0s call`, `0s run {"status":"PENDING"}`, `1m0s run {"status":"READY"}`,
			`24h1m0s expect a call of getVerification* within 24h0m0s, got no such request false`,
			`24h1m0s run {"status":"FORGOTTEN"}`,
			`25h1m0s event`, `25h1m0s delivered`,
		}},
		"called too early and once": {[]time.Duration{time.Second, time.Hour}, []string{
			`0s call`, `0s run {"status":"PENDING"}`, `1s call`, `1m0s run {"status":"READY"}`,
			`1h0m0s call`, `1h0m0s run {"status":"FETCHED"}`,
			`1h0m0s expect a call of getVerification* within 24h0m0s, got getVerificationStatus after 59m0s true`,
			`1h0m0s event`, `1h0m0s delivered`,
			`2h0m0s expect a call of getVerificationStatus within 1h0m0s, got no such request false`,
			`2h0m0s run {"status":"ONCE"}`,
		}},
		"called twice": {[]time.Duration{2 * time.Minute, 3 * time.Minute, 4 * time.Minute}, []string{
			`0s call`, `0s run {"status":"PENDING"}`, `1m0s run {"status":"READY"}`,
			`2m0s call`, `2m0s run {"status":"FETCHED"}`,
			`2m0s expect a call of getVerification* within 24h0m0s, got getVerificationStatus after 1m0s true`,
			`2m0s event`, `2m0s delivered`,
			`3m0s call`, `3m0s run {"status":"TWICE"}`,
			`3m0s expect a call of getVerificationStatus within 1h0m0s, got getVerificationStatus after 1m0s true`,
			`4m0s call`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			a, r := with(t, s, name)
			ref := reference(t, a.CallAs("awaiting", provider, bvn, number(found)))
			for _, at := range test.calls {
				a.Advance(began.Add(at).Sub(a.Now()))
				got := a.Call(provider, status, map[string]string{"reference": ref})
				if at == 2*time.Minute && got.At("status") != "READY" {
					t.Errorf("the call that was expected is answered %s, want how it stood before", got.Body)
				}
				a.Idle() // a pending expectation is nothing to wait for
			}
			a.Advance(60 * 24 * time.Hour)
			if diff := cmp.Diff(test.want, history(a)); diff != "" {
				t.Errorf("it went otherwise:\n%s", diff)
			}
			if len(r.Got()) != 1 {
				t.Errorf("%d deliveries, want 1", len(r.Got()))
			}
			accounts, err := s.Control().Accounts.Accounts(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range accounts {
				if one.Name == a.Name && one.Pending != 0 {
					t.Errorf("%d jobs are left", one.Pending)
				}
			}
		})
	}
}

// A delivery that fails its expectation plays its else steps, and the timeline continues.
func TestElseSteps(t *testing.T) {
	t.Parallel()
	s := begin(t, `
scenario: fussy
provider: identitypass
rules:
  - on: verifyBVN
    set: {status: PENDING, seen: []}
    then:
      - send: verification.completed
        expect: {status: 200}
        else:
          - set: {seen: "${concat(run.seen, ['else ' + string(delivery.status ?? delivery.error)])}"}
          - after: 1h
            set: {seen: "${concat(run.seen, ['later'])}"}
      - after: 2h
        set: {seen: "${concat(run.seen, ['end'])}"}
  - on: {delivered: "*"}
    set: {seen: "${concat(run.seen, ['delivered'])}"}
  - on: {exhausted: "*"}
    set: {seen: "${concat(run.seen, ['exhausted'])}"}
variables: {seen: list}
`)
	for name, test := range map[string]struct {
		answers []mockservertest.Response
		want    string
	}{
		"right":      {nil, `["delivered","end"]`},
		"exhausted":  {slicesOf(mockservertest.Response{Status: 503}, 30), `["else 503","exhausted","later","end"]`},
		"unroutable": {nil, `["else no endpoint is registered","later","end"]`},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.Account(name)
			if name != "unroutable" {
				r := s.NewReceiver()
				r.Answer(test.answers...)
				a.Webhook(provider, r.URL)
			}
			a.CallAs("fussy", provider, bvn, number(found))
			a.Advance(30 * 24 * time.Hour)
			runs := mockservertest.Entries[journal.Run](a)
			if last := string(runs[len(runs)-1].State); !strings.Contains(last, test.want) {
				t.Errorf("it came to %s, want %s\n%s", last, test.want, strings.Join(history(a), "\n"))
			}
		})
	}
}

// Finish leaves an application that polls after a webhook the time to do so.
func TestFinishWaitsForTheApp(t *testing.T) {
	t.Parallel()
	s := begin(t, strings.Replace(awaiting, "set: {status: READY}", "send: verification.completed", 1))
	a := s.Account("app")
	var app sync.WaitGroup
	r := s.NewReceiver()
	r.AnswerWith(func(d mockservertest.Delivery) mockservertest.Response {
		app.Go(func() { // it answers at once, and looks after that
			a.Call(provider, status, map[string]string{"reference": d.Header.Get("Token")})
		})
		return mockservertest.Response{Status: 200}
	})
	a.Webhook(provider, r.URL)
	if _, err := s.Control().Runs.Play(t.Context(), control.PlayRequest{Account: a.Name, Provider: provider, Scenario: "awaiting"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Control().Clocks.Finish(t.Context(), a.Name); err != nil {
		t.Fatal(err)
	}
	app.Wait()
	met := mockservertest.Entries[journal.Expect](a)
	if len(met) != 2 || !met[0].Pass || !met[1].Pass || met[0].Call != "getVerification*" || met[0].Delivery != "" {
		t.Errorf("expectations %+v, want both met\n%s", met, strings.Join(history(a), "\n"))
	}
}

// If an expected request and its deadline coincide, exactly one of them counts.
func TestExpectedCallAtTheLastMoment(t *testing.T) {
	t.Parallel()
	s := begin(t, awaiting)
	for i := range 24 {
		a := s.Account(fmt.Sprint("late ", i))
		ref := reference(t, a.CallAs("awaiting", provider, bvn, number(found)))
		a.Advance(time.Hour)
		var both sync.WaitGroup
		both.Go(func() { a.Call(provider, status, map[string]string{"reference": ref}) })
		both.Go(func() { a.Advance(24 * time.Hour) })
		both.Wait()
		a.Advance(30 * 24 * time.Hour)
		sent := mockservertest.Entries[journal.Expect](a)
		runs := mockservertest.Entries[journal.Run](a)
		last := string(runs[len(runs)-1].State)
		if met := sent[0].Pass; met && (len(sent) != 2 || last != `{"status":"ONCE"}`) || !met && (len(sent) != 1 || last != `{"status":"FORGOTTEN"}`) {
			t.Errorf("expectations %+v, and the run came to %s", sent, last)
		}
	}
}
