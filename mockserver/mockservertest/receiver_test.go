package mockservertest_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/mockservertest"
)

func post(t *testing.T, url, body string) (int, string) {
	t.Helper()
	reply, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer reply.Body.Close()
	answer, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Error(err)
	}
	return reply.StatusCode, string(answer)
}

// A receiver responds by its plan, request by request, and records requests in order.
func TestReceiver(t *testing.T) {
	t.Parallel()
	r := mockservertest.NewReceiver(t)
	if status, _ := post(t, r.URL, "first"); status != 200 {
		t.Errorf("without a plan: %d, want 200", status)
	}
	r.Answer(mockservertest.Response{Status: 503, Body: "later"}, mockservertest.Response{Delay: 20 * time.Millisecond}, mockservertest.Response{Status: 410})
	for i, want := range []int{503, 200, 410, 410} {
		began := time.Now()
		status, body := post(t, r.URL+"/below", "next")
		if status != want || i == 0 && body != "later" || i == 1 && time.Since(began) < 20*time.Millisecond {
			t.Errorf("request %d: %d %q after %v, want %d", i+1, status, body, time.Since(began), want)
		}
	}
	r.AnswerWith(func(d mockservertest.Delivery) mockservertest.Response {
		return mockservertest.Response{Status: 200 + len(d.Body)}
	})
	if status, _ := post(t, r.URL, "xx"); status != 202 {
		t.Errorf("decided by the body: %d, want 202", status)
	}
	got := r.Got()
	if len(got) != 6 || got[0].String() != "1: POST / first" || got[1].Path != "/below" || got[5].N != 6 || got[5].Header.Get("Content-Type") != "application/json" {
		t.Errorf("recorded %v", got)
	}
	for i := range got {
		if d := r.Next(); d.N != i+1 {
			t.Errorf("next is %v, want number %d", d, i+1)
		}
	}
}

// Next waits for the next request, and a response that waits is neither waited for by others nor by the end of the test.
func TestReceiverWaits(t *testing.T) {
	t.Parallel()
	r := mockservertest.NewReceiver(t)
	answer := make(chan struct{})
	r.Answer(mockservertest.Response{Until: answer}, mockservertest.Response{})
	var posting sync.WaitGroup
	posting.Go(func() { post(t, r.URL, "held") })
	if d := r.Next(); string(d.Body) != "held" {
		t.Errorf("next is %v", d)
	}
	post(t, r.URL, "at once")
	if d := r.Next(); string(d.Body) != "at once" {
		t.Errorf("next is %v", d)
	}
	close(answer)
	posting.Wait()
}
