package mockserver_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/openapi"
)

// nimbus is a sample provider that honors Retry-After and 410.
const nimbus = "nimbus"

func beginNimbus(t *testing.T, c mockserver.Config) *mockservertest.Server {
	t.Helper()
	p, err := openapi.Open(nimbus, os.DirFS("../testdata/providers/"+nimbus))
	if err != nil {
		t.Fatal(err)
	}
	c.Start, c.Frozen, c.Providers = began, true, []*openapi.Provider{p}
	return new(mockservertest.Network).Start(t, c)
}

// lookUp lets an event be due.
func lookUp(a *mockservertest.Account) {
	a.Call(nimbus, "lookUp", number("12345678"))
	a.Advance(time.Second)
}

// A receiver that sends Retry-After is not retried earlier, and not later.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	s := beginNimbus(t, mockserver.Config{})
	date := time.Now().Add(10 * time.Minute).UTC().Format(http.TimeFormat)
	for _, c := range []struct {
		status int
		after  string
		early  time.Duration // at which nothing has come yet; 0: it comes as if nothing were asked for
		late   time.Duration
	}{
		{429, "600", 599 * time.Second, 2 * time.Second},
		{503, "600", 599 * time.Second, 2 * time.Second},
		{429, date, 9 * time.Minute, 2 * time.Minute},
		{429, "1", 0, 12 * time.Second}, // the table asks for more
		{429, "soon", 0, 12 * time.Second},
		{429, "-5", 0, 12 * time.Second},
		{500, "600", 0, 12 * time.Second},
		{429, "99999999999", 7*24*time.Hour - time.Second, 2 * time.Second}, // no receiver is waited for that long
	} {
		a, r := s.Account("busy "+c.after+http.StatusText(c.status)), s.NewReceiver()
		r.Answer(mockservertest.Response{Status: c.status, Header: map[string]string{"Retry-After": c.after}}, mockservertest.Response{})
		a.Webhook(nimbus, r.URL)
		lookUp(a)
		if c.early > 0 {
			a.Advance(c.early)
		}
		if n := len(r.Got()); n != 1 {
			t.Errorf("%d, Retry-After %s: %d attempts after %v, want 1", c.status, c.after, n, c.early)
		}
		a.Advance(c.late)
		if n := len(r.Got()); n != 2 {
			t.Errorf("%d, Retry-After %s: %d attempts in the end, want 2", c.status, c.after, n)
		}
	}
}

// An endpoint that responds 410 gets nothing more, of an account or of the default account; where the provider ignores
// it, it is an ordinary failure.
func TestGone(t *testing.T) {
	t.Parallel()
	s := beginNimbus(t, mockserver.Config{})
	for _, owner := range []*mockservertest.Account{s.Account("left"), s.DefaultAccount()} {
		a, r := s.Account("left"), s.NewReceiver()
		r.Answer(mockservertest.Response{Status: http.StatusGone})
		owner.Webhook(nimbus, r.URL)
		lookUp(a)
		a.Advance(30 * 24 * time.Hour)
		lookUp(a)
		if n := len(r.Got()); n != 1 {
			t.Errorf("%d requests, want the one that was answered 410", n)
		}
		if ended := mockservertest.Entries[journal.Delivery](a); !slices.ContainsFunc(ended, func(d journal.Delivery) bool { return d.Outcome == journal.Exhausted && d.Attempts == 1 }) {
			t.Errorf("how it ended: %+v", ended)
		}
		if left := mockservertest.Entries[journal.Endpoint](owner); !left[len(left)-1].Removed {
			t.Errorf("the webhook is still there: %+v", left)
		}
	}

	kept := begin(t)
	a, r := kept.Account("stays"), kept.NewReceiver()
	r.Answer(mockservertest.Response{Status: http.StatusGone})
	a.Webhook(provider, r.URL)
	a.Call(provider, bvn, number(found))
	a.Advance(time.Hour)
	if n := len(r.Got()); n != 4 {
		t.Errorf("%d attempts of a provider that knows no 410, want 4", n)
	}
}

// Waits vary by up to a fifth, differ from each other, and are the same with the same seed.
func TestJitter(t *testing.T) {
	t.Parallel()
	waits := func() (all []time.Duration) {
		s := beginNimbus(t, mockserver.Config{})
		for _, name := range []string{"a", "b", "c", "d"} {
			a, r := s.Account(name), s.NewReceiver()
			r.Answer(mockservertest.Response{Status: http.StatusInternalServerError})
			a.Webhook(nimbus, r.URL)
			lookUp(a)
			a.Advance(2 * time.Hour)
			attempts := mockservertest.Entries[journal.Attempt](a)
			if len(attempts) != 4 {
				t.Fatalf("%d attempts", len(attempts))
			}
			for i, want := range []time.Duration{10 * time.Second, 5 * time.Minute, time.Hour} {
				wait := attempts[i+1].Planned.Sub(attempts[i].Planned)
				if wait < want*8/10 || wait > want*12/10 {
					t.Errorf("wait %d is %v, want %v give or take a fifth", i+1, wait, want)
				}
				all = append(all, wait)
			}
		}
		return all
	}
	first, second := waits(), waits()
	if !slices.Equal(first, second) {
		t.Errorf("the same seed waits %v and %v", first, second)
	}
	if first[0] == first[3] && first[3] == first[6] && first[6] == first[9] {
		t.Errorf("all wait alike: %v", first)
	}
}

// A sent event can be resent in the provider's dashboard under its own ID, but not by other accounts.
func TestDashboardResend(t *testing.T) {
	t.Parallel()
	s := beginNimbus(t, mockserver.Config{})
	a, r := s.Account("asks"), s.NewReceiver()
	a.Webhook(nimbus, r.URL)
	lookUp(a)
	first := r.Next()
	resend := func(a *mockservertest.Account, id string) mockservertest.Answer {
		request := a.Request(nimbus, "resendMessage", nil)
		request.URL.Path = strings.Replace(request.URL.Path, "{message}", id, 1)
		return s.Do(request)
	}
	id := first.Header.Get("Webhook-Id")
	if got := resend(s.Account("another account"), id); got.Status != 404 {
		t.Errorf("another account's: %d %s", got.Status, got.Body)
	}
	if got := resend(a, "d-nothing"); got.Status != 404 {
		t.Errorf("nothing: %d %s", got.Status, got.Body)
	}
	if got := resend(a, id); got.Status != 202 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if again := r.Next(); again.Header.Get("Webhook-Id") != id || string(again.Body) != string(first.Body) {
		t.Errorf("sent again: %v %v, want %v", again, again.Header, first)
	}
	a.Idle()
	if n := len(r.Got()); n != 2 {
		t.Errorf("%d requests", n)
	}
	for _, attempt := range mockservertest.Entries[journal.Attempt](a) {
		if "http://"+attempt.Remote != r.URL {
			t.Errorf("attempt %d went to %q, want %s", attempt.N, attempt.Remote, r.URL)
		}
	}
}
