package mockserver_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/scenarios"
)

// odd has values that are hard to record: texts like expressions, digits, texts that YAML would convert.
const odd = `
scenario: odd
provider: prembly
rules:
  - on: verifyBVN
    reply:
      - status: 202
        body: {a: "${'$'}{run.reference}", big: 12345678901234567890, float: 1.50, "yes": "no", list: [], about: "ref ${run.reference}!", quote: "\"\\\n\u2028#: "}
    set: {status: PENDING, note: "${'$'}{x}"}
    then:
      - after: 10s
        set: {status: VERIFIED, count: 2}
        send: verification.completed
        data: {odd: "${'$'}{y}"}
        invalid: true
        expect: {status: [2xx, 409], within: 6s}
      - after: 1h30m
        set: {status: LATER}
  - on: getVerificationStatus
    reply: {body: {status: "${run.status}"}}
variables: {status: text, note: text, count: number}
`

// A recorded scenario passes lint and plays the same again.
func TestRecord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, own, scenario string }{
		{"pending", "", "pending-then-confirmed"},
		{"odd", odd, "odd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			// see plays a check with two questions about it, and tells all that is to be the same the next time.
			see := func(s *mockservertest.Server, scenario string) (run, seen string) {
				a, receiver := s.Account("recorder"), s.NewReceiver()
				a.Webhook("prembly", receiver.URL)
				var b strings.Builder
				answer := a.CallAs(scenario, "prembly", "verifyBVN", map[string]any{"number": "22222222222"})
				b.Write(answer.Body)
				run = mockservertest.Wait[journal.Run](a, nil).Reference
				for range 2 {
					asked := a.Control("POST", "/call", map[string]any{"provider": "prembly", "operation": "getVerificationStatus", "parameters": map[string]string{"reference": run}, "scenario": scenario})
					b.Write(asked.Body)
					a.Advance(time.Minute)
				}
				a.Advance(2 * time.Hour)
				for _, change := range mockservertest.Entries[journal.Run](a) {
					b.WriteString("\n" + string(change.State))
				}
				for _, e := range mockservertest.Entries[journal.Event](a) {
					b.WriteString("\n" + e.Event + e.Due.String())
				}
				for _, e := range mockservertest.Entries[journal.Expect](a) {
					b.WriteString("\n" + e.Want)
				}
				b.WriteString("\n" + string(receiver.Next().Body))
				return run, strings.ReplaceAll(b.String(), run, "RUN")
			}
			var own []string
			if c.own != "" {
				own = []string{c.own}
			}
			s := begin(t, own...)
			run, before := see(s, c.scenario)
			recorded := s.Account("recorder").Control("GET", "/runs/"+url.PathEscape(run)+"/scenario?provider=prembly&name=seen", nil)
			if recorded.Status != 200 {
				t.Fatalf("%d %s", recorded.Status, recorded.Body)
			}
			file, err := library.Lint(providers(t), "seen.yaml", recorded.Body)
			if err != nil {
				t.Fatalf("lint: %v\n%s", err, recorded.Body)
			}
			again := new(mockservertest.Network).Start(t, mockserver.Config{Start: began, Frozen: true, Scenarios: []*scenarios.Scenario{file}})
			if _, after := see(again, "seen"); after != before {
				t.Errorf("seen first:\n%s\nseen again:\n%s\nby:\n%s", before, after, recorded.Body)
			}
		})
	}
	s := begin(t)
	if answer := s.DefaultAccount().Control("GET", "/runs/none/scenario?provider=prembly", nil); answer.Status != 404 {
		t.Errorf("%d %s", answer.Status, answer.Body)
	}
}
