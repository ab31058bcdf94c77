package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/testenv"
)

// event is a received webhook.
type event struct {
	header http.Header
	body   []byte
}

// holding starts a webhook receiver at an address. It sends each event to events, and responds on a call of answer.
func holding(t *testing.T, addr string) (url string, events <-chan event, answer func()) {
	t.Helper()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	taken, answers, over := make(chan event), make(chan struct{}), make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		select {
		case taken <- event{r.Header, body}:
		case <-over:
			return
		}
		select {
		case <-answers:
		case <-over:
		}
	}))
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close) // waits for every response
	t.Cleanup(func() { close(over) })
	return server.URL, taken, func() { answers <- struct{}{} }
}

// next waits for an event.
func next(t *testing.T, events <-chan event) event {
	t.Helper()
	select {
	case e := <-events:
		return e
	case <-time.After(patience):
		t.Fatal("no event came")
		return event{}
	}
}

const (
	checks    = "/identitypass/api/v2/biometrics/merchant/data/verification/"
	dashboard = "/identitypass/dashboard/settings/merchant-profile"
)

// call makes one request with the API key "k" and returns the status and body of the response.
func call(t *testing.T, method, url, body string) (status int, reply []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Api-Key", "k")
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: patience}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	reply, err = io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	if resp.Header.Get("X-Idmock") == "" {
		t.Errorf("%s %s: no X-Idmock header", method, url)
	}
	return resp.StatusCode, reply
}

// testWebhook sets the webhook and sends a test event, as on the provider's dashboard. The event is sent
// at once, regardless of the clock.
func testWebhook(t *testing.T, base, url string) {
	t.Helper()
	if status, body := call(t, http.MethodPut, base+dashboard, `{"webhook_url":"`+url+`"}`); status != http.StatusOK {
		t.Fatalf("webhook: status %d: %s", status, body)
	}
	if status, body := call(t, http.MethodPost, base+dashboard+"/test-webhook", ""); status != http.StatusOK {
		t.Fatalf("test event: status %d: %s", status, body)
	}
}

// check verifies a number and returns the reference and the response code of the answer.
func check(t *testing.T, base, number string) (reference, code string) {
	t.Helper()
	status, body := call(t, http.MethodPost, base+checks+"bvn", `{"number":"`+number+`"}`)
	var reply struct {
		Code         string `json:"response_code"`
		Verification struct{ Reference string }
	}
	if err := json.Unmarshal(body, &reply); err != nil || status != http.StatusOK || reply.Verification.Reference == "" {
		t.Fatalf("check of %s: status %d (%v): %s", number, status, err, body)
	}
	return reply.Verification.Reference, reply.Code
}

// advance moves the account's clock and waits for all due steps.
func advance(t *testing.T, base, by string) {
	t.Helper()
	if status, body := call(t, http.MethodPost, base+"/_idmock/v1/clock/advance?account=k", `{"by":"`+by+`"}`); status != http.StatusOK {
		t.Fatalf("advance: status %d: %s", status, body)
	}
}

// The sample receivers verify both headers of the webhooks.
func TestReceivers(t *testing.T) {
	testenv.Need(t, "node", "python3")
	const key = "IDENTITYPASS_PUBLIC_KEY=pk_test"
	folder := filepath.Join("..", "..", "testdata", "receivers")
	for name, command := range map[string][]string{
		"node":   {"node", filepath.Join(folder, "node", "identitypass.mjs")},
		"python": {"python3", filepath.Join(folder, "python", "identitypass.py")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := beside(t, []string{key}, command[0], command[1:]...)
			url := app.must(t, `^listening (\S+)$`)[1]
			serve := beside(t, nil, "idmock", "serve", "--addr", "127.0.0.1:0", "--webhook", "identitypass="+url+"/hooks",
				"--credential", "identitypass.public_key=pk_test")
			base := serve.must(t, `^ready (\S+)$`)[1]

			reference, code := check(t, base, "22222222222")
			if code != "02" {
				t.Errorf("response code %q, want 02: pending", code)
			}
			advance(t, base, "1m")
			app.must(t, `^{"token":"`+reference+`","source":"PORTAL","response_code":"00","duplicate":false}$`)

			// A server that signs with another key is refused, again and again.
			stranger := beside(t, nil, "idmock", "serve", "--addr", "127.0.0.1:0", "--webhook", "identitypass="+url+"/hooks")
			base = stranger.must(t, `^ready (\S+)$`)[1]
			check(t, base, "22222222222")
			advance(t, base, "1h")
			stranger.must(t, "msg=delivery .*attempt=4 outcome=status")
			if _, events := call(t, http.MethodGet, base+"/_idmock/v1/journal?account=k&kind=delivery", ""); !bytes.Contains(events, []byte(`"outcome":"exhausted"`)) {
				t.Errorf("the stranger's webhook was not refused: %s", events)
			}
		})
	}
}
