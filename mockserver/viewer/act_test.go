package viewer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
	"github.com/idmock/idmock/openapi/signing"
)

func testEditAndResend(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "")
	s.verify("prembly")
	s.account.Advance(time.Minute)
	first := s.receiver.Next()
	s.Wait(`document.querySelector("li[data-delivery]")`)
	s.Press(`li[data-delivery] button[name=open]`)
	secret := s.server.DefaultAccount().Control("GET", "/accounts/"+key, nil).At("credentials.prembly.public_key")
	signed := func(d mockservertest.Delivery) bool {
		how := signing.Config{Scheme: "hmac-sha256", Secret: "public_key"}
		return how.Verify([]byte(secret), d.Header.Get("X-Prembly-Signature"), signing.Message{Body: d.Body}, time.Now()) == nil
	}
	resend := func(edit func()) mockservertest.Delivery {
		t.Helper()
		s.Press(`#detail button[name=edit]`)
		s.Wait(fmt.Sprintf(`document.querySelector("dialog textarea[name=body]")?.value === %q`, first.Body))
		edit()
		s.Click(`dialog button[name=resend-send]`)
		s.Wait(`!document.querySelector("dialog")`)
		s.account.Advance(0)
		return s.receiver.Next()
	}
	if again := resend(func() {}); string(again.Body) != string(first.Body) || !signed(again) {
		t.Errorf("unchanged, it is %s", again)
	}
	if again := resend(func() { s.Fill(`dialog textarea[name=body]`, `{"edited": 1.50}`) }); string(again.Body) != `{"edited": 1.50}` || !signed(again) {
		t.Errorf("edited, it is %s with %v", again, again.Header)
	}
	forged := resend(func() {
		s.Fill(`dialog textarea[name=body]`, `{}`)
		s.Fill(`dialog textarea[name=headers]`, "Content-Type: text/plain\nx-prembly-signature: "+first.Header.Get("X-Prembly-Signature")+"\nX-More: 1")
		s.Click(`dialog input[name=sign]`)
	})
	if string(forged.Body) != "{}" || signed(forged) || forged.Header.Get("Token") != "" || forged.Header.Get("X-More") != "1" || forged.Header.Get("Content-Type") != "text/plain" {
		t.Errorf("forged, it is %s with %v", forged, forged.Header)
	}
	// A forged signature is reported.
	s.Wait(`document.querySelectorAll("li[data-delivery][data-status=delivered]").length === 4`)
	s.Press(`li[data-delivery] button[name=open]`)
	s.Wait(`document.querySelector("#detail .signature")?.dataset.signature === "invalid"`)
	s.Shot("forged")
}

func testCallFromAForm(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "?account="+key)
	s.Tool("call")
	s.Fill(`dialog select[name=provider]`, "prembly")
	s.Fill(`dialog select[name=operation]`, "verifyBVN")
	s.Wait(`document.querySelector("dialog [data-operation='prembly/verifyBVN'] input[name=number]")?.value.length > 5`) // the documented example
	// The preview reports what the document does not allow, at its field.
	s.Fill(`dialog input[name=number]`, "")
	s.Wait(`document.querySelector("dialog .preview").dataset.state === "problem" && document.querySelector("dialog [data-field=number] .problem")?.textContent.includes("number")`)
	s.Want(`document.querySelector("dialog input[name=number]").ariaInvalid === "true"`)
	s.Shot("call-invalid")
	s.Fill(`dialog input[name=number]`, "12345678901")
	s.Fill(`dialog select[name=scenario]`, "not-found")
	s.Wait(`document.querySelector("dialog .preview").dataset.state === "ready" && !document.querySelector("dialog .problem")`)
	s.Shot("call")
	head, body := s.Text(`dialog pre[data-preview=head]`), s.Text(`dialog pre[data-preview=body]`)
	s.Click(`dialog button[name=call-send]`)
	s.Wait(`document.querySelector("dialog pre:not([hidden])")?.textContent.includes("response_code")`)
	call := mockservertest.Wait[journal.Call](s.account, nil)
	if string(call.Request.Body.Bytes) != body || !strings.HasPrefix(head, "POST /prembly"+call.Path+"\n") || !strings.Contains(head, "\nX-Api-Key: "+key) {
		t.Errorf("the preview was\n%s\n%s, the request is %s %s", head, body, call.Path, call.Request.Body.Bytes)
	}
	if !strings.Contains(string(call.Request.Body.Bytes), `"number":"12345678901"`) || call.Scenario != "not-found" {
		t.Errorf("the call is %s by %s", call.Request.Body.Bytes, call.Scenario)
	}
	s.Do(chromedp.KeyEvent(kb.Escape))
	s.Wait(`!document.querySelector("dialog") && document.querySelector("li[data-call]")`)
}

// Each provider's screen has the labels and effects of its real dashboard.
func testSettings(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "?account="+key)
	for _, c := range []struct{ screen, menu, label, button string }{
		{"prembly/webhook", "SDK Library → Webhook", "Webhook URL", "Update Webhook"},
		{"peleza/webhook", "SDK Library → Webhook", "Webhook URL", "Update Webhook"},
		{"identitypass/merchant-profile", "Settings → Merchant Profile", "Webhook URL", "Save"},
		{"faceio/webhooks", "FACEIO Console → Application Manager → WEBHOOKS", "Webhook Endpoint URL", "Save"},
	} {
		provider, _, _ := strings.Cut(c.screen, "/")
		url := s.receiver.URL + "/" + provider
		s.Tool("settings")
		s.Press(`dialog button[value="` + c.screen + `"]`)
		s.Wait(fmt.Sprintf(`document.querySelector("dialog .crumbs")?.textContent === %q && document.querySelector("dialog [data-field=webhook_url] label").textContent.startsWith(%q) &&
			document.querySelector("dialog button[name=screen-submit]")?.textContent === %q`, c.menu, c.label, c.button))
		s.Fill(`dialog input[name=webhook_url]`, "nowhere")
		s.Click(`dialog button[name=screen-submit]`)
		s.Wait(`document.querySelector("dialog .note").hasAttribute("data-error")`) // the provider's own error
		s.Fill(`dialog input[name=webhook_url]`, url)
		s.Click(`dialog button[name=screen-submit]`)
		s.Wait(`document.querySelector("dialog .note").textContent === "Saved"`)
		s.Click(`dialog button[name=screen-test]`)
		s.Wait(`document.querySelector("dialog .note").textContent.endsWith("sent")`)
		s.Shot("settings-" + provider)
		s.account.Advance(0)
		if got := s.receiver.Next(); got.Path != "/"+provider {
			t.Errorf("%s: the test event went to %s", c.screen, got.Path)
		}
		s.Click(`dialog button[name=dialog-close]`)
		s.Wait(`!document.querySelector("dialog")`)
		// It shows the current settings when it is opened again.
		s.Tool("settings")
		s.Press(`dialog button[value="` + c.screen + `"]`)
		s.Wait(fmt.Sprintf(`document.querySelector("dialog input[name=webhook_url]")?.value === %q`, url))
		s.Click(`dialog button[name=dialog-close]`)
	}
}

func testKeys(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "?account="+key)
	s.account.Call("prembly", "verifyBVN", map[string]any{"number": "22222222222"})
	s.Wait(`document.querySelector("li[data-call]")`)
	press := func(key string) { s.Do(chromedp.KeyEvent(key)) }
	press("?")
	s.Wait(`document.querySelector("dialog[data-dialog=keys]")?.textContent.includes("Edit and resend")`)
	s.Shot("keys")
	press(kb.Escape)
	s.Wait(`!document.querySelector("dialog")`)
	press("j")
	s.Wait(`document.activeElement.name === "open"`)
	press(kb.Enter)
	s.Wait(`!document.querySelector("#detail").hidden`)
	press(kb.Escape)
	s.Wait(`document.querySelector("#detail").hidden`)
	press("n")
	s.Wait(`document.querySelector("li[data-call]").dataset.outcome === "verified"`)
	press("/")
	s.Want(`document.activeElement.name === "text"`)
	press("n?")                                                                                // is text, not a shortcut
	s.Want(`document.activeElement.value.endsWith("n?") && !document.querySelector("dialog")`) // the driver types the / as well
	s.Click(`#filter-reset`)
	s.Tool("reset")
	s.Want(`document.querySelector("#tools button[name=reset]").textContent === "Reset ` + key + `?"`)
	s.Click(`#tools button[name=reset]`)
	s.Wait(`document.querySelectorAll("li[data-call]").length === 0 && document.querySelector("li[data-note=reset]")`)
	// Shortcuts can be disabled without losing their list.
	press("?")
	s.Click(`dialog input[name=keys-on]`)
	press(kb.Escape)
	s.Wait(`!document.querySelector("dialog")`)
	press("s")
	press("?")
	s.Wait(`document.querySelector("dialog[data-dialog=keys]")`)
}

// IDWise's wizard has three pages; its webhooks can be created, listed, changed and deleted.
func testWizard(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "?account="+key)
	s.Tool("settings")
	s.Press(`dialog button[value="idwise/webhooks"]`)
	s.Wait(`document.querySelector("dialog .crumbs")?.textContent === "Developer's Area → Webhooks"`)
	steps := func(n int) {
		t.Helper()
		s.Wait(fmt.Sprintf(`document.querySelector("dialog .steps [aria-current]")?.textContent.startsWith("%d. ")`, n))
	}
	steps(1)
	s.Want(`[...document.querySelectorAll("dialog .steps li")].map((li) => li.textContent).join() === "1. General,2. Authentication,3. Testing"`)
	s.Fill(`dialog .screen input[name=url]`, s.receiver.URL+"/idwise")
	s.Click(`dialog input[value="Finished Journey"]`)
	s.Click(`dialog input[value="Manually Reviewed"]`)
	s.Shot("wizard-general")
	s.Click(`dialog button[name=step-next]`)
	steps(2)
	s.Want(`document.querySelector("dialog [data-field='authentication.token']").hidden`)
	s.Fill(`dialog select[name="authentication.type"]`, "bearer")
	s.Want(`!document.querySelector("dialog [data-field='authentication.token']").hidden`, `document.querySelector("dialog [data-field='authentication.username']").hidden`)
	s.Fill(`dialog input[name="authentication.token"]`, "s3cret")
	s.Shot("wizard-authentication")
	s.Click(`dialog button[name=screen-submit]`)
	steps(3)
	s.Click(`dialog button[name=screen-test]`)
	s.Wait(`document.querySelector("dialog .note").textContent.includes("200")`)
	s.Shot("wizard-testing")
	if got := s.receiver.Next(); got.Path != "/idwise" || got.Header.Get("Authorization") != "Bearer s3cret" {
		t.Errorf("the test call is %s with %v", got, got.Header)
	}
	s.Click(`dialog button[name=step-done]`)
	s.Wait(`document.querySelector("dialog .screen .items")?.textContent.includes("Finished Journey, Manually Reviewed")`)
	s.Click(`dialog button[name=item-update]`)
	steps(1)
	s.Want(`document.querySelector("dialog input[value='Manually Reviewed']").checked`)
	s.Click(`dialog input[value="Manually Reviewed"]`)
	s.Click(`dialog button[name=step-next]`)
	steps(2)
	s.Click(`dialog button[name=screen-submit]`)
	steps(3)
	s.Click(`dialog button[name=step-done]`)
	s.Wait(`document.querySelectorAll("dialog .screen .items li").length === 1 && !document.querySelector("dialog .screen .items").textContent.includes("Reviewed")`)
	s.Click(`dialog button[name=item-remove]`)
	s.Wait(`document.querySelector("dialog .steps")`) // none is left, so the wizard opens
}

// Faults can be added and removed, and each affected row reports them.
func testFaults(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "?account="+key)
	s.account.Webhook("prembly", s.receiver.URL)
	s.Tool("faults")
	s.Wait(`document.querySelectorAll("dialog select[name=fault] option").length > 10 && document.querySelector("dialog li.quiet")`)
	s.Fill(`dialog select[name=fault]`, "wrong-secret")
	s.Fill(`dialog select[name=provider]`, "prembly")
	s.Fill(`dialog input[name=times]`, "1")
	s.Shot("faults")
	s.Click(`dialog button[name=fault-on]`)
	s.Wait(`document.querySelector("dialog li[data-fault=wrong-secret]")`)
	s.Fill(`dialog select[name=fault]`, "drop")
	s.Click(`dialog button[name=fault-on]`)
	s.Wait(`document.querySelectorAll("dialog li[data-fault]").length === 2`)
	s.Click(`dialog li[data-fault=drop] button[name=fault-off]`)
	s.Wait(`document.querySelectorAll("dialog li[data-fault]").length === 1`)
	s.Click(`dialog button[name=dialog-close]`)

	s.account.Call("prembly", "verifyBVN", map[string]any{"number": "22222222222"})
	reference := mockservertest.Wait[journal.Run](s.account, nil).Reference
	s.Wait(`document.querySelector("li[data-call]")`)
	var shown string // head of the last preview
	send := func() mockservertest.Delivery {
		t.Helper()
		s.Tool("send")
		s.Fill(`dialog select[name=provider]`, "prembly")
		s.Fill(`dialog select[name=event]`, "verification.completed")
		s.Fill(`dialog select[name=outcome]`, "rejected")
		s.Fill(`dialog input[name=run]`, "22222222222") // by its subject
		s.Fill(`dialog textarea[name=data]`, `[]`)
		s.Wait(`document.querySelector("dialog [data-field=data] .problem")?.textContent === "Data must be a JSON object"`)
		s.Fill(`dialog textarea[name=data]`, `{"detail": "by hand"}`)
		s.Wait(`document.querySelector("dialog .preview[data-state=ready] pre[data-preview=head]")?.textContent.includes("x-prembly-signature: ")`)
		s.Shot("send")
		head, body := s.Text(`dialog pre[data-preview=head]`), s.Text(`dialog pre[data-preview=body]`)
		s.Click(`dialog button[name=send-send]`)
		s.Wait(`!document.querySelector("dialog")`)
		s.account.Advance(0)
		got := s.receiver.Next()
		if string(got.Body) != body {
			t.Errorf("the preview of the body was %s, sent is %s", body, got.Body)
		}
		shown = head
		return got
	}
	if got := send(); !strings.Contains(string(got.Body), "by hand") || !strings.Contains(string(got.Body), `"response_code":"01"`) {
		t.Errorf("sent by hand: %s", got)
	}
	s.Wait(`document.querySelector("li[data-delivery]")?.textContent.includes("fault: wrong-secret")`)
	s.Press(`li[data-delivery] button[name=open]`)
	s.Wait(`document.querySelector("#detail .signature")?.dataset.signature === "invalid" && document.querySelector("#detail .trace .fault")`)
	got := send()
	for _, name := range []string{"X-Prembly-Signature", "Token"} {
		if line := "\n" + strings.ToLower(name) + ": " + got.Header.Get(name) + "\n"; !strings.Contains(shown+"\n", line) {
			t.Errorf("the preview has no %q:\n%s", line, shown)
		}
	}
	if sent := mockservertest.Entries[journal.Event](s.account); sent[len(sent)-1].Run != reference {
		t.Errorf("the event reports run %s, want %s", sent[len(sent)-1].Run, reference)
	}
	s.Wait(`document.querySelectorAll("li[data-delivery][data-status=delivered]").length === 2`)
	s.Press(`li[data-delivery] button[name=open]`)
	s.Wait(`document.querySelector("#detail .signature")?.dataset.signature === "valid"`)

	// Data that the event does not have is sent, with a warning before and after.
	s.Tool("send")
	s.Fill(`dialog select[name=event]`, "verification.completed")
	s.Fill(`dialog textarea[name=data]`, `{"detial": "by hand"}`)
	const warning = `verification.completed has no detial, did you mean "detail"?`
	s.Wait(`document.querySelector("dialog .preview .warnings li")?.textContent === ` + "`Warning: " + warning + "`")
	s.Shot("send-warning")
	s.Click(`dialog button[name=send-send]`)
	s.Wait(`!document.querySelector("dialog")`)
	s.Want(`document.querySelector("#status").textContent === ` + "`verification.completed is on its way. Warning: " + warning + "`")
}

// The details of a run offer the simulations that its scenario has rules for.
func testSimulate(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "?account="+key)
	s.account.Webhook("identitypass", s.receiver.URL)
	s.account.CallAs("manual-review", "identitypass", "verifyBVN", map[string]any{"number": "12345678901"})
	s.Wait(`document.querySelector("li[data-call]")`)
	s.Press(`li[data-call] button[name=open]`)
	s.Click(`#detail button[name=simulate-manual-review]`)
	s.Wait(`document.querySelector("#status").textContent === "manual-review simulated"`)
	s.account.Advance(time.Minute)
	s.receiver.Next()
	s.Wait(`document.querySelector("li[data-call]").dataset.outcome === "verified" && document.querySelector("li[data-note=simulate]")`)
	s.Shot("simulate")
}
