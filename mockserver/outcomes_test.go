package mockserver_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

// judges read what a response or a webhook says about a person, as an application would. An empty verdict says nothing.
var judges = map[string]func(body map[string]any) outcome.Verdict{
	"identitypass": byCode, "prembly": byCode, "peleza": byCode, "idwise": byDecision, "faceio": byFace,
}

// byCode reads the verdicts of the Identitypass family.
func byCode(body map[string]any) outcome.Verdict {
	for _, at := range []string{"data", "response"} {
		inner, ok := body[at].(map[string]any)
		if !ok {
			continue
		}
		if inner["is_pep"] == true || inner["is_sanctioned"] == true {
			return outcome.NotGranted
		}
		if inner["verification_link"] != nil { // a hosted check is opened, and nothing is decided
			return ""
		}
		if inner["flow_type"] != nil { // a hosted check was fetched, which says nothing about its end
			inner["verification_status"] = inner["status"]
		}
		switch inner["verification_status"] {
		case "VERIFIED":
			return outcome.Granted
		case "PENDING":
			return outcome.Pending
		case "NOT-VERIFIED":
			return outcome.NotGranted
		}
		if _, ok := inner["response_code"]; ok && body["response_code"] == nil {
			return byCode(inner)
		}
	}
	face, _ := body["face_data"].(map[string]any)
	if face["Status"] == false && body["status"] == true || face["status"] == false && body["status"] == true {
		return outcome.NotGranted
	}
	switch body["response_code"] {
	case nil:
		return ""
	case "02":
		return outcome.Pending
	case "00":
		if body["status"] == false {
			return outcome.NotGranted
		}
		return outcome.Granted
	}
	return outcome.NotGranted
}

// byDecision reads the verdicts of IDWise.
func byDecision(body map[string]any) outcome.Verdict {
	if inner, ok := body["body"].(map[string]any); ok {
		body = inner
	}
	for _, key := range []string{"finalDecision", "final_decision", "systemDecision"} {
		switch body[key] {
		case "Complete", "Approved":
			return outcome.Granted
		case "Refer", "Rejected":
			return outcome.NotGranted
		case "Incomplete", "Resubmission Requested":
			return outcome.Pending
		}
	}
	return ""
}

// byFace reads the verdicts of FACEIO.
func byFace(body map[string]any) outcome.Verdict {
	switch {
	case body["eventName"] == "DELETION", body["errCode"] != nil, body["valid"] == false:
		return outcome.NotGranted
	case body["eventName"] != nil, body["facialId"] != nil, body["valid"] == true:
		return outcome.Granted
	}
	return ""
}

// TestOutcomesAgree gives every run every outcome of its provider: whatever the response, the polls and the webhooks say
// afterwards agrees with the outcome about granted, not granted and pending.
func TestOutcomesAgree(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range providers {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			c := &agreement{p: p, judge: judges[p.Name]}
			if c.judge == nil {
				t.Fatalf("no judge for %s", p.Name)
			}
			if c.operations, err = p.Operations(); err != nil {
				t.Fatal(err)
			}
			for _, o := range p.Outcomes().All() {
				c.outcome(t, o)
			}
			if c.said < 3*len(p.Outcomes().All()) {
				t.Errorf("only %d responses and webhooks say anything", c.said)
			}
			t.Logf("%d verdicts agree", c.said)
		})
	}
}

// agreement compares verdicts of one provider.
type agreement struct {
	p          *openapi.Provider
	judge      func(map[string]any) outcome.Verdict
	operations []*openapi.Operation
	said       int
}

func (c *agreement) outcome(t *testing.T, o *outcome.Outcome) {
	var starting, events []string
	seen := map[string]bool{} // operations with the same examples behave alike
	for _, op := range c.operations {
		key := strings.Join(op.Examples(), " ")
		if op.Starts() && o.Applies(op.ID) && !seen[key] {
			seen[key] = true
			starting = append(starting, op.ID)
		}
	}
	for _, e := range c.p.Events() {
		if e.Reporting(o.Name) {
			events = append(events, e.Name)
		}
	}
	var then strings.Builder
	for _, event := range events {
		fmt.Fprintf(&then, "      - {after: 1s, send: %q, expect: {status: 2xx}}\n", event)
	}
	first, steps := o.Name, then.String()
	if len(o.Reply) == 0 { // no response brings it: the run comes to it from the first outcome
		first, steps = c.p.Outcomes().Names()[0], "      - outcome: "+o.Name+"\n"+steps
	}
	text := fmt.Sprintf("scenario: said\nprovider: %s\nrules:\n  - on: [%s]\n    outcome: %s\n", c.p.Name, strings.Join(starting, ", "), first)
	if steps != "" {
		text += "    then:\n" + steps
	}
	s := begin(t)
	for _, id := range starting {
		a := s.Account("said_" + strings.ReplaceAll(o.Name, "-", "_") + "_" + id).Freeze()
		a.Webhook(c.p.Name, s.NewReceiver().URL)
		a.Scenarios(text)
		response := c.call(t, a, control.CallRequest{Operation: id, Scenario: "said"})
		c.says(t, o, id+" responds", response.Status, response.Body)
		c.polls(t, a, o, response.Run, strings.HasPrefix(id, "screen"))
		a.Advance(time.Minute)
		for _, attempt := range mockservertest.Entries[journal.Attempt](a) {
			if attempt.Event == "Finished Spot Check" {
				continue // it has a decision of its own
			}
			c.says(t, o, id+" sends "+attempt.Event, 200, attempt.Request.Body.Bytes)
		}
		if got := len(mockservertest.Entries[journal.Attempt](a)); response.Run != "" && response.Status < 500 && got != len(events) {
			t.Errorf("%s as %s: %d webhooks, want %d", id, o.Name, got, len(events))
		}
	}
}

func (c *agreement) call(t *testing.T, a *mockservertest.Account, want control.CallRequest) control.PlayResult {
	want.Account, want.Provider = a.Name, c.p.Name
	result, err := a.Server.Control().Operations.Call(t.Context(), want)
	if err != nil {
		t.Errorf("%s: %v", want.Operation, err)
	}
	return result
}

// polls asks about a run in every way that takes nothing but its reference. A screening's status says only that it is done.
func (c *agreement) polls(t *testing.T, a *mockservertest.Account, o *outcome.Outcome, run string, screening bool) {
	for _, op := range c.operations {
		by := op.FindsBy()
		reads := strings.HasPrefix(op.ID, "get") || strings.HasPrefix(op.ID, "check")
		if run == "" || len(by) != 1 || !reads || screening || op.ID == "getSpotCheckResult" {
			continue
		}
		want := control.CallRequest{Operation: op.ID, Parameters: map[string]string{by[0][1]: run}}
		if by[0][0] == "body" {
			want.Body, _ = json.Marshal(map[string]string{by[0][1]: run})
			if op.Method == "GET" {
				want.Body = nil
			}
		}
		response := c.call(t, a, want)
		c.says(t, o, op.ID+" responds", response.Status, response.Body)
	}
}

func (c *agreement) says(t *testing.T, o *outcome.Outcome, who string, status int, body []byte) {
	var decoded map[string]any
	if status != 200 || json.Unmarshal(body, &decoded) != nil {
		return
	}
	if strings.Contains(who, "Async") && decoded["detail"] == nil && decoded["source"] == nil && decoded["data"] == nil {
		return // an acknowledgement
	}
	if got := c.judge(decoded); got != "" {
		if c.said++; got != o.Verdict {
			t.Errorf("outcome %s (%s): %s %s: %s", o.Name, o.Verdict, who, got, body)
		}
	}
}
