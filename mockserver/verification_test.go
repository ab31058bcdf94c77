package mockserver_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// The main use: a check stays pending, is confirmed thirty seconds later, and the application's webhook is called.
func TestPendingThenConfirmed(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a, r := with(t, s, "live_key")

	answer := a.Call(provider, bvn, number(pending))
	ref := reference(t, answer)
	if answer.At("response_code") != "02" || answer.At("status") != "false" {
		t.Errorf("the check is not pending: %s", answer.Body)
	}
	poll := func() string {
		return a.Call(provider, status, map[string]string{"reference": ref}).At("data.verification_status")
	}
	if got := poll(); got != "PENDING" {
		t.Errorf("polled %q, want PENDING", got)
	}

	a.Advance(30*time.Second - time.Nanosecond)
	if got := r.Got(); len(got) != 0 || poll() != "PENDING" {
		t.Fatalf("a nanosecond early: polled %q, delivered %v", poll(), got)
	}
	a.Advance(time.Nanosecond)
	if got := poll(); got != "VERIFIED" {
		t.Errorf("polled %q after the confirmation, want VERIFIED", got)
	}

	if got := r.Got(); len(got) != 1 {
		t.Fatalf("%d deliveries, want 1: %v", len(got), got)
	}
	got := r.Next()
	key := credential(t, a, "public_key")
	for name, want := range map[string]string{
		"Content-Type":             "application/json",
		"X-Identitypass-Signature": base64.StdEncoding.EncodeToString([]byte(key)),
		"Token":                    ref,
		"User-Agent":               "idmock/dev",
	} {
		if have := got.Header.Get(name); have != want {
			t.Errorf("header %s is %q, want %q", name, have, want)
		}
	}
	var body struct {
		Source string
		Data   struct {
			Status       bool
			ResponseCode string `json:"response_code"`
			Verification struct{ Reference string }
			BVN          map[string]any `json:"bvn_data"`
		}
	}
	if err := json.Unmarshal(got.Body, &body); err != nil {
		t.Fatal(err)
	}
	if d := body.Data; got.Method != "POST" || body.Source != "PORTAL" || !d.Status || d.ResponseCode != "00" ||
		d.Verification.Reference != ref || d.BVN["bvn"] != pending {
		t.Errorf("delivered %v, want a confirmed check of %s under the reference %s", got, pending, ref)
	}

	runs := mockservertest.Entries[journal.Run](a)
	if len(runs) != 2 || !runs[0].Next.Equal(began.Add(30*time.Second)) || runs[1].Cause != "pending-then-confirmed:7" || runs[1].Next != (time.Time{}) {
		t.Errorf("runs in the journal: %+v", runs)
	}
	if met := mockservertest.Entries[journal.Expect](a); len(met) != 1 || !met[0].Pass {
		t.Errorf("expectations in the journal: %+v, want one that is met", met)
	}
	attempt := mockservertest.Entries[journal.Attempt](a)[0]
	if string(attempt.Request.Body.Bytes) != string(got.Body) || attempt.Response.Status != 200 || attempt.SignedBy != "public_key" {
		t.Errorf("the journal's attempt is not what was sent: %+v", attempt)
	}
}

// In every scenario, the webhook agrees with the response or with polling.
func TestWebhookAgreesWithPolling(t *testing.T) {
	t.Parallel()
	s := begin(t)
	for subject, want := range map[string]struct{ code, polled string }{
		found:   {"00", "VERIFIED"},
		unknown: {"01", "NOT-VERIFIED"},
		pending: {"00", "VERIFIED"},
	} {
		a, r := with(t, s, "agrees_"+subject)
		ref := reference(t, a.Call(provider, bvn, number(subject)))
		a.Advance(time.Minute)
		var reported struct {
			Data struct {
				Code string `json:"response_code"`
			}
		}
		if err := json.Unmarshal(r.Next().Body, &reported); err != nil {
			t.Fatal(err)
		}
		polled := a.Call(provider, status, map[string]string{"reference": ref}).At("data.verification_status")
		if reported.Data.Code != want.code || polled != want.polled {
			t.Errorf("%s: sent %q and polled %q, want %q and %q", subject, reported.Data.Code, polled, want.code, want.polled)
		}
	}
}

// One number yields one person in an account; other numbers and accounts yield others.
func TestSamePerson(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a, other := s.Account("same_person"), s.Account("another_account")
	name := func(answer mockservertest.Answer) string {
		return answer.At("bvn_data.firstName") + " " + answer.At("bvn_data.lastName") + " " + answer.At("bvn_data.dateOfBirth")
	}
	first := a.Call(provider, bvn, number(found))
	again := a.Call(provider, bvn, number(found))
	if name(first) != name(again) || len(name(first)) < 10 {
		t.Errorf("%q and then %q, want one person", name(first), name(again))
	}
	if reference(t, first) == reference(t, again) {
		t.Error("two checks have one reference")
	}
	if next := a.Call(provider, bvn, number("12345678902")); name(next) == name(first) {
		t.Errorf("another number is %q as well", name(next))
	}
	if theirs := other.Call(provider, bvn, number(found)); name(theirs) == name(first) {
		t.Errorf("another account's register has %q as well", name(theirs))
	}
}

func credential(t *testing.T, a *mockservertest.Account, name string) string {
	t.Helper()
	all, err := a.Server.Control().Accounts.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, account := range all {
		if account.Name == a.Name {
			return account.Credentials[provider][name]
		}
	}
	t.Fatalf("account %q does not exist", a.Name)
	return ""
}
