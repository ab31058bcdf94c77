package mockserver_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

const confirmed = "verification.completed"

// sent sends an event and returns its delivery.
func sent(a *mockservertest.Account) string { return a.Send(provider, confirmed, nil)[0] }

// attempted lists the deliveries of an account's attempts, in their order.
func attempted(a *mockservertest.Account) []string {
	var all []string
	for _, made := range mockservertest.Entries[journal.Attempt](a) {
		all = append(all, made.Delivery)
	}
	return all
}

func statusOf(t *testing.T, a *mockservertest.Account, id string) string {
	t.Helper()
	got := a.Control("GET", "/deliveries/"+id, nil)
	if got.Status != 200 {
		t.Fatalf("delivery %s: %d %s", id, got.Status, got.Body)
	}
	return got.At("status")
}

// planOne plans a delivery that is due in 30 s.
func planOne(a *mockservertest.Account) string {
	defer a.Fault(control.Fault{Fault: "delay", Args: map[string]string{"by": "30s"}})()
	return sent(a)
}

// A held delivery is sent after its release; others overtake it.
func TestHoldDelivery(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t), "held")
	first := planOne(a)
	a.HoldDelivery(first)
	a.HoldDelivery(first) // repeating it is fine
	if got := statusOf(t, a, first); got != "held" {
		t.Errorf("held, it is %s", got)
	}
	if got := a.Control("POST", "/clock/advance", map[string]string{"by": "1h"}); got.At("held") != "1" {
		t.Errorf("advanced over its time: %s, want 1 held", got.Body)
	}
	second := sent(a)
	a.Idle()
	if got := attempted(a); !slices.Equal(got, []string{second}) {
		t.Fatalf("attempted %v, want only %s", got, second)
	}
	if got := a.Control("POST", "/wait/idle", nil); got.At("held") != "1" {
		t.Errorf("idle: %s, want 1 held", got.Body)
	}
	a.Release(first)
	a.Idle()
	if got := attempted(a); !slices.Equal(got, []string{second, first}) || len(r.Got()) != 2 || a.Held() != 0 {
		t.Errorf("attempted %v with %d held, want the first after the second", got, a.Held())
	}
	var reported []bool
	for _, h := range mockservertest.Entries[journal.Hold](a) {
		if h.Delivery == first && h.ID == "" && h.Event == confirmed && h.Endpoint != "" {
			reported = append(reported, h.Released)
		}
	}
	if got := statusOf(t, a, first); got != "delivered" || !slices.Equal(reported, []bool{false, true}) {
		t.Errorf("in the end it is %s, and the journal has %v, want held and released", got, reported)
	}
}

// A delivery that is released before its time is sent when it is due.
func TestReleaseEarly(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t), "early")
	id := planOne(a)
	a.HoldDelivery(id)
	a.Release(id)
	if got := statusOf(t, a, id); got != "planned" || a.Advance(29*time.Second) != 0 || len(r.Got()) != 0 {
		t.Errorf("released, it is %s, and %d came", got, len(r.Got()))
	}
	if a.Advance(time.Second); len(r.Got()) != 1 {
		t.Errorf("when its time came, %d came", len(r.Got()))
	}
}

// A delivery can be held between two attempts. Its next attempt has the next number.
func TestHoldBetweenAttempts(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t), "between")
	r.Answer(mockservertest.Response{Status: 500}, mockservertest.Response{})
	id := planOne(a)
	a.Advance(30 * time.Second)
	a.HoldDelivery(id)
	a.Advance(time.Hour)
	if got := statusOf(t, a, id); got != "held" || len(r.Got()) != 1 {
		t.Fatalf("held, it is %s after %d attempts", got, len(r.Got()))
	}
	a.Release(id)
	a.Idle()
	if got := mockservertest.Entries[journal.Attempt](a); len(got) != 2 || got[1].N != 2 || !got[1].Accepted {
		t.Errorf("attempts: %+v", got)
	}
}

// A hold catches deliveries in its scope as they fall due, releases single ones first, and the others in order when it
// ends.
func TestHold(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a, r := with(t, s, "one")
	b, _ := with(t, s, "two")
	end := a.Hold(control.Hold{Provider: provider, Event: "verif*"})
	other := a.Hold(control.Hold{Event: "nothing"})
	var ids []string
	for range 4 {
		ids = append(ids, sent(a))
		a.Advance(time.Second)
	}
	past := sent(b)
	b.Idle()
	if a.Held() != 4 || len(r.Got()) != 0 || !slices.Equal(attempted(b), []string{past}) {
		t.Fatalf("%d held and %d came, and of another account %v", a.Held(), len(r.Got()), attempted(b))
	}
	got := a.Control("GET", "/holds", nil)
	if got.At("held") != "4" || !strings.Contains(string(got.Body), `"event":"verif*","held":4}`) || !strings.Contains(string(got.Body), `"event":"nothing","held":0}`) {
		t.Errorf("holds: %s", got.Body)
	}
	a.Release(ids[2])
	a.Idle()
	if n := other(); n != 0 {
		t.Errorf("a hold of nothing let %d go", n)
	}
	if n := end(); n != 3 {
		t.Errorf("its end let %d go, want 3", n)
	}
	a.Idle()
	last := sent(a)
	a.Idle()
	if got := attempted(a); !slices.Equal(got, []string{ids[2], ids[0], ids[1], ids[3], last}) {
		t.Errorf("of %v and %s went out %v", ids, last, got)
	}
}

// A hold of the default account applies to all accounts besides their own holds; ending it releases their deliveries.
func TestHoldOfDefaultAccount(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a, _ := with(t, s, "one")
	b, _ := with(t, s, "two")
	end := s.DefaultAccount().Hold(control.Hold{})
	a.Hold(control.Hold{Event: "nothing"})
	both := []string{sent(a), sent(b)}
	s.DefaultAccount().Idle()
	if a.Held() != 1 || b.Held() != 1 || s.DefaultAccount().Held() != 2 {
		t.Fatalf("%d, %d and %d held", a.Held(), b.Held(), s.DefaultAccount().Held())
	}
	if got := b.Control("GET", "/holds", nil); !strings.Contains(string(got.Body), `"account":"","held":1}]`) {
		t.Errorf("over the second: %s", got.Body)
	}
	if n := a.ReleaseAll(); n != 0 || a.Held() != 1 {
		t.Errorf("an account's end of all let %d go of the default account's", n)
	}
	if n := end(); n != 2 {
		t.Errorf("its end let %d go, want 2", n)
	}
	s.DefaultAccount().Idle()
	if got := append(attempted(a), attempted(b)...); !slices.Equal(got, both) {
		t.Errorf("attempted %v, want %v", got, both)
	}
	a.Hold(control.Hold{})
	s.DefaultAccount().Hold(control.Hold{})
	a.HoldDelivery(planOne(a))
	sent(b)
	s.DefaultAccount().Idle()
	if n := s.DefaultAccount().ReleaseAll(); n != 2 || s.DefaultAccount().Held() != 0 {
		t.Errorf("the end of all let %d go, want 2, and left %d", n, s.DefaultAccount().Held())
	}
	if got := s.DefaultAccount().Control("GET", "/holds", nil); string(got.Body) != `{"held":0,"holds":[]}` {
		t.Errorf("left is %s", got.Body)
	}
}

// The retry of a released delivery is caught by a hold again. A delivery that is held by hand stays held when a hold
// ends.
func TestHoldCatchesRetries(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t), "again")
	r.Answer(mockservertest.Response{Status: 500}, mockservertest.Response{})
	end := a.Hold(control.Hold{})
	id := sent(a)
	a.Idle()
	a.Release(id)
	a.Idle()
	a.Advance(time.Hour)
	if got := statusOf(t, a, id); got != "held" || len(r.Got()) != 1 {
		t.Fatalf("after its first attempt it is %s, with %d attempts", got, len(r.Got()))
	}
	a.HoldDelivery(id)
	if n := end(); n != 0 || a.Held() != 1 {
		t.Errorf("the end of the hold let %d go, want none", n)
	}
	if n := a.ReleaseAll(); n != 1 {
		t.Errorf("the end of all let %d go, want 1", n)
	}
	if a.Idle(); len(r.Got()) != 2 {
		t.Errorf("%d attempts in the end", len(r.Got()))
	}
}

func TestInvalidHolds(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a, r := with(t, s, "k")
	over := sent(a)
	a.Idle()
	answer := make(chan struct{})
	r.Answer(mockservertest.Response{Until: answer})
	under := sent(a)
	r.Next()
	r.Next()
	defer close(answer)
	later := planOne(a)
	for _, test := range []struct {
		account *mockservertest.Account
		request string
		want    int
		say     string
	}{
		{a, "POST /deliveries/unknown/hold", 404, "unknown"},
		{s.Account("other").Freeze(), "POST /deliveries/" + later + "/hold", 404, later},
		{s.DefaultAccount(), "POST /deliveries/unknown/release", 404, "unknown"},
		{a, "POST /deliveries/" + over + "/hold", 422, "has ended: it can be resent"},
		{a, "POST /deliveries/" + under + "/hold", 422, "is under way"},
		{a, "POST /deliveries/" + later + "/release", 422, "is not held"},
		{a, "DELETE /holds/unknown", 404, "unknown"},
	} {
		method, path, _ := strings.Cut(test.request, " ")
		if got := test.account.Control(method, path, nil); got.Status != test.want || !strings.Contains(string(got.Body), test.say) {
			t.Errorf("%s: %d %s, want %d and %s", test.request, got.Status, got.Body, test.want, test.say)
		}
	}
	for body, say := range map[string]string{`{"provider":"acme"}`: "unknown provider", `{"provider":"identitypass","event":"nothing*"}`: "unknown event"} {
		if got := a.Control("POST", "/holds", body); got.Status != 422 || !strings.Contains(string(got.Body), say) {
			t.Errorf("%s: %d %s, want 422 and %s", body, got.Status, got.Body, say)
		}
	}
	if got := s.DefaultAccount().Control("POST", "/deliveries/"+later+"/hold", nil); got.Status != 204 {
		t.Errorf("without an account: %d %s", got.Status, got.Body)
	}
}

// A reset and a deletion remove holds and held deliveries.
func TestHoldReset(t *testing.T) {
	t.Parallel()
	s := begin(t)
	for name, reset := range map[string]func(a *mockservertest.Account){
		"reset":    func(a *mockservertest.Account) { a.Reset() },
		"defaults": func(a *mockservertest.Account) { s.DefaultAccount().Reset() },
		"drop":     func(a *mockservertest.Account) { s.DefaultAccount().Control("DELETE", "/accounts/"+a.Name, nil) },
	} {
		a, r := with(t, s, name)
		s.DefaultAccount().Hold(control.Hold{Event: "nothing"})
		a.Hold(control.Hold{})
		a.HoldDelivery(planOne(a))
		sent(a)
		a.Idle()
		if a.Held() != 2 {
			t.Fatalf("%s: %d held before", name, a.Held())
		}
		reset(a)
		if a.Held() != 0 || strings.Contains(string(a.Control("GET", "/holds", nil).Body), `"account":"`+name) {
			t.Errorf("%s: %d held after, by %s", name, a.Held(), a.Control("GET", "/holds", nil).Body)
		}
		a.Webhook(provider, r.URL)
		sent(a)
		if a.Idle(); len(r.Got()) != 1 {
			t.Errorf("%s: %d came after, want the new one", name, len(r.Got()))
		}
	}
}

const patient = `
scenario: patient
provider: identitypass
rules:
  - on: verifyBVN
    reply: {example: pending}
    set: {status: PENDING}
    then:
      - send: verification.completed
        expect: {status: 200, within: 5s}
        else:
          - set: {status: LOST}
variables: {status: text}
`
