package idwise_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/idwise"
	"github.com/idmock/idmock/openapi/settings"
)

func open(t *testing.T) *openapi.Provider {
	t.Helper()
	p, err := openapi.Open("idwise", idwise.Folder)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const journey = "6000c0ffee000000000a0001"

// scope is a finished journey of a person with complete data.
func scope(seed uint64) *template.Scope {
	person := fake.New(seed)
	return &template.Scope{
		Subject: "cust-0001", Fake: person, Now: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC),
		Delivery: map[string]any{"id": "d1"},
		Run: map[string]any{
			"reference": journey, "subject": " cust-0001 ", "operation": "startJourney", "last_step": "20",
			"applicant":      map[string]any{"full_name": person.FullName, "birth_date": person.DOB.Format("2006-01-02")},
			"required_steps": []any{"10"},
		},
	}
}

func body(t *testing.T, p *openapi.Provider, event string, s *template.Scope) string {
	t.Helper()
	b, err := p.Webhooks().Compose(event, nil, s, s.Now)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The five types of the overview, and the newer ones, with the members of their pages in their order.
func TestWebhooksAreThoseOfThePages(t *testing.T) {
	p := open(t)
	id := fake.New(7).UUID("event d1")
	head := func(event string) string { return `{"event":"` + event + `","body":{"eventId":"` + id + `",` }
	ids := `"journeyId":"` + journey + `","referenceNo":"cust-0001",`
	for _, c := range []struct {
		event string
		set   map[string]any
		want  string
	}{
		{"Finished Journey", map[string]any{"system_decision": "Complete"}, ids + `"systemDecision":"Complete"}}`},
		{"Manually Reviewed", map[string]any{"system_decision": "Refer", "manual_decision": "Approved"},
			ids + `"systemDecision":"Refer","manualDecision":"Approved","finalDecision":"Approved"}}`},
		{"AML Monitor Update", map[string]any{"system_decision": "Refer", "previous_decision": "Complete", "aml_version": 2},
			ids + `"systemDecision":"Refer","previousSystemDecision":"Complete","updatedAMLVersionNumber":2}}`},
		{"Finished User Steps", map[string]any{"system_decision": "Incomplete"}, ids + `"systemDecision":"Incomplete"}}`},
		{"Finished Spot Check", map[string]any{"spot_check_decision": "Complete"},
			`"referenceNo":"cust-0001","systemDecision":"Complete","spotCheckJourneyId":"51` + journey[2:] + `"}}`},
		{"Finished Step", nil, ids + `"stepId":"20","stepType":"Selfie"}}`},
		{"Updated Journey", map[string]any{"system_decision": "Refer", "manual_decision": "Approved", "action": "Manual Review"},
			ids + `"systemDecision":"Refer","manualDecision":"Approved","finalDecision":"Approved","action":"Manual Review"}}`},
		{"Verification Update Required", map[string]any{"system_decision": "Refer", "manual_decision": "Resubmission Requested"},
			ids + `"systemDecision":"Refer","manualDecision":"Resubmission Requested","finalDecision":"Resubmission Requested","trigger":"Manual Review",` +
				`"requiredSteps":[{"reasonCode":"RESUBMIT_BAD_QUALITY","stepId":"10"}]}}`},
		{"KYC Renewal Deadline Exceeded", nil, ids + `"requiredSteps":[{"renewalDeadline":"2026-03-02T10:00:00Z","stepId":"10"}]}}`},
	} {
		s := scope(7)
		for key, value := range c.set {
			s.Run[key] = value
		}
		got := body(t, p, c.event, s)
		if diff := cmp.Diff(head(c.event)+c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.event, diff)
		}
		if err := p.Webhooks().Validate(c.event, []byte(got)); err != nil {
			t.Error(err)
		}
	}
	if n := len(p.Events()); n != 9 {
		t.Errorf("%d events, 9 are held against their pages", n)
	}
}

// Events contain no personal data. The result does, which proves that the search works.
func TestNoPersonalDataInAnyBody(t *testing.T) {
	p := open(t)
	for seed := range uint64(200) {
		for _, event := range p.Events() {
			if found := personal(fake.New(seed), body(t, p, event.Name, scope(seed))); found != "" {
				t.Errorf("%s, seed %d: the body has the person's %s", event.Name, seed, found)
			}
		}
		op, err := p.Operation("getJourneyResult")
		if err != nil {
			t.Fatal(err)
		}
		s := scope(seed)
		s.Run["started"], s.Account = s.Now, map[string]any{"customer_id": "c"}
		reply, err := p.Reply(op, "complete", nil, s)
		if err != nil {
			t.Fatal(err)
		}
		if personal(s.Fake, string(reply.Body)) == "" {
			t.Fatalf("seed %d: nothing personal is found in the result either, so this test proves nothing: %s", seed, reply.Body)
		}
	}
}

// personal returns the first personal datum in a text, or the empty string.
func personal(p *fake.Person, text string) string {
	text = strings.ToLower(text)
	for what, value := range map[string]string{
		"first name": p.FirstName, "last name": p.LastName, "date of birth": p.DOB.Format("2006-01-02"), "phone": p.Phone, "email": p.Email,
		"address": p.Address, "gender": fmt.Sprintf("%q", p.Gender), "photo": p.Photo, "number": p.Digits("personal number", 10),
	} {
		if strings.Contains(text, strings.ToLower(value)) {
			return what
		}
	}
	return ""
}

// Three more tries, five, ten and fifteen minutes apart; nothing but 200 ends them.
func TestRetries(t *testing.T) {
	p := open(t)
	for failed, want := range []time.Duration{5 * time.Minute, 10 * time.Minute, 15 * time.Minute} {
		if wait, again := p.Webhooks().Retry().Next(settings.Failure{Attempt: failed + 1}, nil); !again || wait != want {
			t.Errorf("after %d failures: %v, %v, want %v", failed+1, wait, again, want)
		}
	}
	if wait, again := p.Webhooks().Retry().Next(settings.Failure{Attempt: 4}, nil); again {
		t.Errorf("a fifth try after %v, want none", wait)
	}
	if diff := cmp.Diff([]string{"200"}, p.Webhooks().Accept()); diff != "" {
		t.Error(diff)
	}
}

// The journey builder's guide prints paths without /journey; the deprecated ones respond as well.
func TestOtherPaths(t *testing.T) {
	p := open(t)
	for path, want := range map[string]string{
		"/v2/start-journey": "startJourney", "/journey/v2/start-journey": "startJourney", "/v2/process-journey-step": "processJourneyStep",
		"/aml/search": "searchAML", "/process/document": "processDocument", "/process/v2/document": "processDocument",
	} {
		r := httptest.NewRequest("POST", path, strings.NewReader("{}"))
		r.Header.Set("Content-Type", "application/json")
		r.SetBasicAuth("key", "secret")
		call, _ := p.Match(r) // the body satisfies few of them
		if call.Operation == nil || call.Operation.ID != want {
			t.Errorf("%s: operation %v, want %s", path, call.Operation, want)
		}
	}
}
