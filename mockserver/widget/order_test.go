package widget_test

import (
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/openapi/catalog"
	"github.com/idmock/idmock/scenarios"
)

// A scenario decides whether the page or the webhook is first. Here it is the webhook.
func TestWebhookBeforeCallback(t *testing.T) {
	t.Parallel()
	b := browser(t)
	for _, c := range []struct{ provider, name, page, query, call, operation, event string }{
		{faces, "fioa0007", `<script src="SERVER/faceio/fio.js"></script>`, "idmock_subject=hasty", `new faceIO("fioa0007").enroll()`, "enrollFace", `"eventName":"ENROLL"`},
		{"prembly", "wdgt_9", `<script src="SERVER/prembly/v1/inline/widget-v3.js"></script>`, "",
			`new Promise((callback) => IdentityKYC.verify({first_name: "A", last_name: "B", email: "a@b.example", widget_id: "w", widget_key: "wdgt_9",
				metadata: {user_ref: "10101010101"}, callback}))`, "finishWidget", `"face_data"`},
	} {
		s := begin(t)
		account, hooks := s.Account(c.name), mockservertest.NewReceiver(t)
		account.Webhook(c.provider, hooks.URL)
		came, release := make(chan string, 1), make(chan struct{})
		hooks.AnswerWith(func(d mockservertest.Delivery) mockservertest.Response {
			came <- string(d.Body)
			<-release
			return mockservertest.Response{Status: 200}
		})
		p := newTab(t, b)
		p.open(app(t, strings.ReplaceAll(c.page, "SERVER", s.URL())) + "/?" + c.query)
		p.eval(`void (window.result = undefined, ` + c.call + `.then((v) => result = v, (e) => result = e))`)
		mockservertest.Wait(account, func(call journal.Call) bool { return call.Operation == c.operation })
		advanced := make(chan struct{})
		go func() { // returns once everything due is finished, including the webhook
			defer close(advanced)
			if _, err := s.Control().Clocks.Advance(t.Context(), c.name, time.Second); err != nil {
				t.Error(err)
			}
		}()
		select {
		case body := <-came:
			if !strings.Contains(body, c.event) {
				t.Errorf("%s: got %s, want %s", c.provider, body, c.event)
			}
		case <-time.After(mockservertest.Patience):
			t.Fatalf("%s: no webhook: the page has %s", c.provider, p.eval(`String(result)`))
		}
		p.want(`result === undefined`, "true")
		close(release)
		<-advanced
		p.wait(`result !== undefined`)
		p.want(`result.facialId !== undefined || result.code === "00"`, "true")
	}
}

const slow = `
scenario: slow-widget
provider: faceio
description: The widget's answer takes two minutes.
rules:
  - on: enrollFace
    reply: {example: success, delay: 2m}
    set: {status: ENROLLED}
  - on: openWidgetSession
    reply: {example: success}
`

// A response that takes longer than the page's timeout, in account time, is a timeout.
func TestFaceIOReplyTimeout(t *testing.T) {
	t.Parallel()
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	own, err := library.Lint(providers, "slow.yaml", []byte(slow))
	if err != nil {
		t.Fatal(err)
	}
	s := mockservertest.Start(t, mockserver.Config{Start: began, Frozen: true, Scenarios: []*scenarios.Scenario{own}})
	c := newCamera(t, s, newTab(t, browser(t)), "fioa0008")
	c.visit("idmock_scenario=slow-widget")
	c.eval(`void (window.over = false, window.ended = faceio.enroll({replyTimeout: 20}), ended.catch(() => {}).then(() => over = true))`)
	enrolls(c, 1)
	c.account.Advance(19 * time.Second)
	c.want(`over`, "false")
	c.account.Advance(time.Second)
	if got := c.ends(`ended`); got != rejected("TIMEOUT") {
		t.Errorf("after 20 s: %s", got)
	}
	c.visit("idmock_scenario=slow-widget")
	c.eval(`void (window.ended = faceio.enroll({replyTimeout: 200}))`)
	enrolls(c, 2)
	c.account.Advance(2 * time.Minute)
	if got := c.ends(`ended`); !strings.HasPrefix(got, `{"resolved"`) {
		t.Errorf("with more patience: %s", got)
	}
}

// enrolls waits until the page has requested its nth enrolment.
func enrolls(c *camera, n int) {
	c.t.Helper()
	mockservertest.Wait(c.account, func(call journal.Call) bool {
		if call.Operation == "enrollFace" {
			n--
		}
		return n == 0
	})
}
