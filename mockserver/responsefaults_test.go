package mockserver_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// answers is a scenario with faults of its reply.
func answers(faults string) string {
	return "scenario: faulty\nprovider: prembly\nrules:\n  - on: verifyBVN\n    reply: {example: success, fault: " + faults + "}\n    then: {" + send + "}\n"
}

// rawly sends a request and returns the bytes of the connection until it ends, and its error.
func rawly(t *testing.T, a *mockservertest.Account, call rawCall) (string, error) {
	t.Helper()
	conn, err := net.Dial("tcp", a.Server.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(mockservertest.Patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, call.wire()); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	return string(got), err
}

// rawCall is a request as bytes.
type rawCall struct{ path, key, scenario, body string }

func (c rawCall) wire() string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost\r\nx-api-key: %s\r\nX-Idmock-Scenario: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		c.path, c.key, c.scenario, len(c.body), c.body)
}

func verify(a *mockservertest.Account) rawCall {
	r := a.Request(signing, bvn, nil)
	return rawCall{r.URL.Path, a.Name, "faulty", `{"number":"` + found + `"}`}
}

func TestResponseFaults(t *testing.T) {
	t.Parallel()
	for fault, c := range map[string]struct {
		happened bool // the webhook comes all the same
		check    func(t *testing.T, head, body string, end error, call journal.Call)
	}{
		"reset": {true, func(t *testing.T, head, _ string, end error, call journal.Call) {
			if head != "" || !isReset(end) || call.Status != 0 || call.Error == nil || call.Error.Kind != "reset" {
				t.Errorf("%q came, then %v; the journal has %+v", head, end, call)
			}
		}},
		"{name: reset, keep: 0.5}": {true, func(t *testing.T, head, body string, end error, call journal.Call) {
			if !strings.HasPrefix(head, "HTTP/1.1 200") || !isReset(end) || int64(len(call.Response.Body.Bytes)) >= call.Response.Body.Size {
				t.Errorf("%q came, then %v; the journal has %+v", head, end, call)
			}
		}},
		"truncated": {true, func(t *testing.T, head, body string, end error, call journal.Call) {
			announced, err := strconv.Atoi(value(head, "Content-Length"))
			if err != nil || end != nil || len(body) != announced/2 || !call.Response.Body.Truncated {
				t.Errorf("%s\n%d bytes came, then %v", head, len(body), end)
			}
		}},
		"malformed": {true, func(t *testing.T, head, body string, _ error, call journal.Call) {
			if json.Valid([]byte(body)) || value(head, "Content-Length") != strconv.Itoa(len(body)) || string(call.Response.Body.Bytes) != body {
				t.Errorf("%s\n%s", head, body)
			}
		}},
		"{name: malformed, as: html}": {true, func(t *testing.T, _, body string, _ error, _ journal.Call) {
			if !strings.HasPrefix(body, "<!DOCTYPE html>") {
				t.Errorf("%s", body)
			}
		}},
		"wrong-content-type": {true, func(t *testing.T, head, body string, _ error, _ journal.Call) {
			if !json.Valid([]byte(body)) || value(head, "Content-Type") != "text/plain" {
				t.Errorf("%s\n%s", head, body)
			}
		}},
		"{name: slow-drip, over: 100ms, pieces: 4}": {true, func(t *testing.T, head, body string, _ error, _ journal.Call) {
			if !json.Valid([]byte(body)) || value(head, "Content-Length") != strconv.Itoa(len(body)) {
				t.Errorf("%s\n%s", head, body)
			}
		}},
		"too-many-requests": {false, func(t *testing.T, head, body string, _ error, call journal.Call) {
			if !strings.HasPrefix(head, "HTTP/1.1 429 ") || value(head, "Retry-After") != "1" || !json.Valid([]byte(body)) || call.Status != 429 || call.Run != "" {
				t.Errorf("%s\n%s\n%+v", head, body, call)
			}
		}},
		"server-error": {false, func(t *testing.T, head, body string, _ error, call journal.Call) {
			if !strings.HasPrefix(head, "HTTP/1.1 503 ") || !json.Valid([]byte(body)) || call.Run != "" {
				t.Errorf("%s\n%s\n%+v", head, body, call)
			}
		}},
		"{name: server-error, status: 502, retry-after: 90s}": {false, func(t *testing.T, head, body string, _ error, _ journal.Call) {
			if !strings.HasPrefix(head, "HTTP/1.1 502 ") || value(head, "Retry-After") != "90" || !json.Valid([]byte(body)) {
				t.Errorf("%s\n%s", head, body)
			}
		}},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			a := listen(t, answers(fault)).Account("faulty")
			r := a.Server.NewReceiver()
			a.Webhook(signing, r.URL)
			got, end := rawly(t, a, verify(a))
			call := mockservertest.Wait[journal.Call](a, nil)
			head, body, _ := strings.Cut(got, "\r\n\r\n")
			c.check(t, head, body, end, call)
			name, _, _ := strings.Cut(strings.TrimPrefix(fault, "{name: "), ",")
			if len(call.Fault) != 1 || call.Fault[0] != name {
				t.Errorf("the journal has the faults %v", call.Fault)
			}
			a.Idle()
			if came := len(r.Got()); (came == 1) != c.happened {
				t.Errorf("%d webhooks came of it", came)
			}
		})
	}
}

func TestLatencyAndHang(t *testing.T) {
	t.Parallel()
	a := listen(t, answers("{name: latency, by: 20s}")).Account("faulty")
	came := make(chan mockservertest.Answer, 1)
	go func() { came <- a.CallAs("faulty", signing, bvn, number(found)) }()
	mockservertest.Wait[journal.Call](a, nil)
	a.Advance(20*time.Second - time.Nanosecond)
	select {
	case got := <-came:
		t.Fatalf("answered too early: %d", got.Status)
	default:
	}
	a.Advance(time.Nanosecond)
	if got := <-came; got.Status != 200 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	b := listen(t, answers("hang")).Account("faulty")
	conn, err := net.Dial("tcp", b.Server.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, verify(b).wire()); err != nil {
		t.Fatal(err)
	}
	if call := mockservertest.Wait[journal.Call](b, nil); call.Status != 0 || call.Error == nil || call.Error.Kind != "hang" {
		t.Errorf("the journal has %+v", call)
	}
	if err := conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	var timeout net.Error
	if n, err := conn.Read(make([]byte, 1)); n != 0 || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("%d bytes came, then %v: want silence", n, err)
	}
}

// The first n requests fail and the next succeeds, for each subject separately, also in lists of replies.
func TestFailThenSucceed(t *testing.T) {
	t.Parallel()
	a := listen(t, answers("{name: server-error, times: 2}")).Account("faulty")
	r := a.Server.NewReceiver()
	a.Webhook(signing, r.URL)
	var got []int
	for _, subject := range []string{found, found, pending, found, pending, pending} {
		got = append(got, a.CallAs("faulty", signing, bvn, number(subject)).Status)
	}
	if fmt.Sprint(got) != "[503 503 503 200 503 200]" {
		t.Errorf("answered with %v", got)
	}
	a.Idle()
	if came := len(r.Got()); came != 2 {
		t.Errorf("%d webhooks came, want one for each call that was not refused", came)
	}
	if runs := mockservertest.Entries[journal.Run](a); len(runs) != 2 {
		t.Errorf("%d runs were made", len(runs))
	}
}
