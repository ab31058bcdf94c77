package mockservertest_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// A check is pending, is confirmed thirty seconds later, and the app's webhook hears of it. In a test of yours, t is
// its *testing.T, the receiver is your app, and so is the client.
func Example() {
	t := newT()
	defer t.end()

	s := mockservertest.Start(t, mockserver.Config{Frozen: true})
	app := mockservertest.NewReceiver(t)
	app.Answer(mockservertest.Response{Status: 503}, mockservertest.Response{Status: 200})

	account := s.Account("the key of this test")
	account.Webhook("identitypass", app.URL+"/webhooks")
	check := account.Call("identitypass", "verifyBVN", map[string]string{"number": "22222222222"})
	fmt.Println(check.Status, check.At("response_code"))

	account.Advance(time.Minute) // a minute with everything in it has passed when this returns
	for _, delivery := range app.Got() {
		fmt.Println(delivery.Path, delivery.Header.Get("Token") == check.At("verification.reference"))
	}
	for _, attempt := range mockservertest.Entries[journal.Attempt](account) {
		fmt.Println(attempt.N, attempt.Response.Status, attempt.Accepted)
	}
	// Output:
	// 200 02
	// /webhooks true
	// /webhooks true
	// 1 503 false
	// 2 200 true
}

// A test brings a scenario of its own, which plays for its account alone, and checks the app.
func ExampleAccount_Scenarios() {
	t := newT()
	defer t.end()

	s := mockservertest.Start(t, mockserver.Config{Frozen: true})
	app := mockservertest.NewReceiver(t)
	account := s.Account("another key")
	account.Webhook("identitypass", app.URL)
	account.Scenarios(`
scenario: a-month-later
provider: identitypass
rules:
  - on: verifyBVN
    reply: {example: pending}
    then:
      - after: 30d
        send: verification.completed
        expect: {status: 2xx, within: 6s}
`)
	account.Play("identitypass", "a-month-later")
	fmt.Println(len(app.Got()))
	account.Finish() // a month has passed when this returns
	fmt.Println(len(app.Got()), account.Delivered("verification.completed").Attempts, account.Met())
	// Output:
	// 0
	// 1 1 true
}

// Something goes wrong on purpose: the event comes twice, and once more by hand.
func ExampleAccount_Fault() {
	t := newT()
	defer t.end()

	s := mockservertest.Start(t, mockserver.Config{Frozen: true})
	app := mockservertest.NewReceiver(t)
	account := s.Account("a third key")
	account.Webhook("identitypass", app.URL)
	remove := account.Fault(control.Fault{On: "delivery", Fault: "duplicate"})
	account.Call("identitypass", "verifyBVN", map[string]string{"number": "12345678901"})
	account.Finish()
	fmt.Println(len(app.Got()))

	remove()
	account.Send("identitypass", "verification.completed", map[string]string{"response_code": "01"})
	account.Idle()
	fmt.Println(len(app.Got()))
	// Output:
	// 2
	// 3
}

// Held deliveries go out when the test releases them, in its order: here the second before the first.
func ExampleAccount_Hold() {
	t := newT()
	defer t.end()

	s := mockservertest.Start(t, mockserver.Config{Frozen: true})
	app := mockservertest.NewReceiver(t)
	account := s.Account("a fourth key")
	account.Webhook("identitypass", app.URL)
	end := account.Hold(control.Hold{Event: "verification.*"})
	first := account.Send("identitypass", "verification.completed", nil)[0]
	second := account.Send("identitypass", "verification.completed", nil)[0]
	account.Idle() // held deliveries do not count
	fmt.Println(len(app.Got()), account.Held(), account.HeldBack("verification.completed").Delivery == first)

	account.Release(second)
	account.Idle()
	fmt.Println(len(app.Got()), end())
	account.Idle()
	for _, attempt := range mockservertest.Entries[journal.Attempt](account) {
		fmt.Println(attempt.Delivery == first)
	}
	// Output:
	// 0 2 true
	// 1 1
	// false
	// true
}

// exampleT is as much of a testing.T as an example needs, which has none.
type exampleT struct {
	testing.TB
	context context.Context
	cancel  context.CancelFunc
	cleanup []func()
}

func newT() *exampleT {
	ctx, cancel := context.WithCancel(context.Background())
	return &exampleT{context: ctx, cancel: cancel}
}

func (t *exampleT) end() {
	t.cancel()
	for i := len(t.cleanup) - 1; i >= 0; i-- {
		t.cleanup[i]()
	}
}

func (t *exampleT) Helper()                           {}
func (t *exampleT) Context() context.Context          { return t.context }
func (t *exampleT) Output() io.Writer                 { return io.Discard }
func (t *exampleT) Cleanup(f func())                  { t.cleanup = append(t.cleanup, f) }
func (t *exampleT) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (t *exampleT) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (t *exampleT) Errorf(format string, args ...any) { fmt.Printf(format, args...) }
