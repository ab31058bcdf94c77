package widget_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/mockservertest"
)

const journeys = "idwise"

// flow is an app with the web SDK on its page.
type flow struct {
	*tab
	url     string
	account *mockservertest.Account
	hooks   *mockservertest.Receiver
}

func newFlow(t *testing.T, s *mockservertest.Server, p *tab) *flow {
	t.Helper()
	f := &flow{tab: p, account: s.Account("ck_1"), hooks: mockservertest.NewReceiver(t)}
	f.account.Webhook(journeys, f.hooks.URL)
	f.url = app(t, `<link rel=stylesheet href="`+s.URL()+`/idwise/websdk/latest/idwise.min.css"><div id=mount></div>
		<script src="`+s.URL()+`/idwise/websdk/v5.2.0/idwise.min.js"></script><script>
		window.heard = [];
		const eventHandlers = Object.fromEntries(["onJourneyStarted", "onJourneyResumed", "onJourneyFinished", "onJourneyCancelled", "onJourneyBlocked", "onError"]
			.map((name) => [name, (result) => heard.push([name, result])]));
		const ended = () => heard.some(([name]) => /Finished|Cancelled|Blocked|onError/.test(name));
		async function start(more = {}) {
			window.session = await IDWise.initialize({clientKey: "ck_1", locale: "en", theme: "light"});
			await session.startJourney({flowId: "f-1", mount: "#mount", referenceNo: "user-1", eventHandlers, ...more});
		}</script>`)
	return f
}

// began returns the ID of the last journey that was reported to the page.
func (f *flow) began() string {
	f.t.Helper()
	var id string
	if err := json.Unmarshal([]byte(f.eval(`heard.findLast(([name]) => name === "onJourneyStarted")[1].journeyId`)), &id); err != nil {
		f.t.Fatal(err)
	}
	return id
}

// Page events, webhooks and the result agree, and webhooks are in order.
func TestIDWiseIsOneStory(t *testing.T) {
	t.Parallel()
	f := newFlow(t, begin(t), newTab(t, browser(t)))
	for subject, decision := range map[string]string{"user-1": "Complete", "face-mismatch-1": "Refer"} {
		f.open(f.url + "/?idmock_outcome=finished")
		f.eval(`start({referenceNo: "` + subject + `"}).then(() => 1)`)
		f.wait(`ended()`)
		id := f.began()
		f.want(`heard`, fmt.Sprintf(`[["onJourneyStarted",{"journeyId":"%s"}],["onJourneyFinished",{"journeyId":"%s"}]]`, id, id))
		var result struct {
			IsCompleted                            bool
			SystemDecision, ReferenceNo, JourneyID string
			Documents, Selfie, Rules               map[string]any
		}
		if err := json.Unmarshal([]byte(f.eval(`session.getJourneyResult()`)), &result); err != nil {
			t.Fatal(err)
		}
		if !result.IsCompleted || result.SystemDecision != decision || result.ReferenceNo != subject || result.JourneyID != id || result.Documents == nil || result.Selfie == nil || result.Rules == nil {
			t.Errorf("the page's result is %+v, want %s of %s", result, decision, subject)
		}
		f.account.Advance(7 * time.Second)
		for _, want := range []string{`"event":"Finished User Steps"`, `"event":"Finished Journey"`} {
			if got := string(f.hooks.Next().Body); !strings.Contains(got, want) || !strings.Contains(got, id) || !strings.Contains(got, `"referenceNo":"`+subject+`"`) {
				t.Errorf("got %s, want %s of %s", got, want, id)
			}
		}
		if got := ask(t, f.account.Server, "GET", "/idwise/journey/v2/"+id, "", "Authorization: Basic Y2tfMTpzZWNyZXQ="); got.Status != 200 || !strings.Contains(string(got.Body), decision) {
			t.Errorf("the API says %s of the journey, want %s", got.Body, decision)
		}
		f.want(`document.querySelector("[data-idmock-journey]")`, "null")
	}
}

func TestIDWiseEveryHandler(t *testing.T) {
	t.Parallel()
	f := newFlow(t, begin(t), newTab(t, browser(t)))
	f.open(f.url + "/?idmock_outcome=cancelled")
	f.eval(`start({flowId: undefined, journeyDefinitionId: "f-1"}).then(() => 1)`)
	f.wait(`ended()`)
	id := f.began()
	f.want(`heard[1]`, fmt.Sprintf(`["onJourneyCancelled",{"journeyId":"%s"}]`, id))
	f.want(`session.getJourneyResult().catch((e) => e.code)`, `"JOURNEY_NOT_COMPLETED"`)

	// A cancelled journey can be resumed.
	f.open(f.url + "/?idmock_outcome=success")
	f.eval(`IDWise.initialize({clientKey: "ck_1"}).then((s) => (window.session = s).resumeJourney({flowId: "f-1", journeyId: "` + id + `", mount: "#mount", eventHandlers})).then(() => 1)`)
	f.wait(`ended()`)
	f.want(`heard`, fmt.Sprintf(`[["onJourneyResumed",{"journeyId":"%s"}],["onJourneyFinished",{"journeyId":"%s"}]]`, id, id))
	f.want(`session.resumeJourney({flowId: "f-1", journeyId: "`+id+`", mount: "#mount"}).catch((e) => e.code)`, `"NO_JOURNEY_TO_RESUME"`)
	f.want(`session.resumeJourney({flowId: "f-1", journeyId: "600", mount: "#mount"}).catch((e) => e.code)`, `"NO_JOURNEY_TO_RESUME"`)

	f.open(f.url + "/?idmock_outcome=blocked")
	f.eval(`start().then(() => 1)`)
	f.wait(`ended()`)
	f.want(`[heard[1][0], heard[1][1].blockedTransaction.canRetry, heard[1][1].blockedTransaction.allBlockReasons[0].blockReasonCode, heard.length]`,
		`["onJourneyBlocked",false,"LOCATION_NOT_ALLOWED",2]`)

	// A journey that cannot begin is rejected.
	for call, want := range map[string]string{
		`IDWise.initialize({})`:                       "INVALID_PARAMETERS",
		`IDWise.initialize({clientKey: "revoked-1"})`: "WRONG_CREDENTIALS",
		`start({flowId: undefined})`:                  "INVALID_PARAMETERS",
		`start({mount: "#nowhere"})`:                  "INVALID_PARAMETERS",
		`start({referenceNo: "provider-down-1"})`:     "INTERNAL_ERROR",
	} {
		f.want(call+`.then(() => "no", (e) => e.code)`, `"`+want+`"`)
	}
}

// The user selects an outcome in the dialog, in the page's own element; cleanup removes it.
func TestIDWiseDialog(t *testing.T) {
	t.Parallel()
	f := newFlow(t, begin(t), newTab(t, browser(t)))
	shown := `document.querySelector("#mount [data-idmock-journey]")?.shadowRoot?.querySelector("dialog")`
	f.open(f.url)
	f.eval(`start().then(() => 1)`)
	f.wait(shown + `?.open`)
	f.want(`[...`+shown+`.querySelectorAll("[data-outcome]")].map((b) => b.dataset.outcome)`, `["cancelled","blocked"]`)
	f.want(shown+`?.querySelector("form > code")?.textContent.endsWith("then sends Finished User Steps, Finished Journey")`, "true")
	f.want(`start().catch((e) => e.code)`, "null") // another session
	f.want(`session.startJourney({flowId: "f-1", mount: "#mount"}).catch((e) => e.code)`, `"DUPLICATE_CALL"`)
	f.eval(`session.cleanup().then(() => 1)`)
	f.wait(`heard.some(([name]) => name === "onJourneyCancelled")`)

	f.open(f.url)
	f.eval(`start().then(() => 1)`)
	f.wait(shown + `?.open`)
	f.eval(shown + `.querySelector("button.first").click()`)
	f.wait(`ended()`)
	f.want(`heard[1][0]`, `"onJourneyFinished"`)
	f.hears("IDWise: simulated by idmock")
}
