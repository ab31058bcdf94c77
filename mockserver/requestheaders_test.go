package mockserver_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// The journal has a request's headers in the order and spelling in which they were sent, also on a reused connection.
func TestRequestHeadersKeepOrderAndCase(t *testing.T) {
	s := listen(t)
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	number := `{"number":"12345678901"}`
	type lines = []journal.Header
	var want []lines
	for _, call := range []struct {
		lines lines
		body  string
	}{
		{lines{{"x-API-key", "k"}, {"Host", "localhost"}, {"content-type", "application/json"}, {"Accept", "*/*"}, {"B", ""}, {"ACCEPT", "text/plain"}}, number},
		{lines{{"Host", "localhost"}, {"Content-Type", "application/json"}, {"X-Api-Key", "k"}}, strings.Repeat(" ", 300<<10) + number},
		{lines{{"Z", "1"}, {"X-Api-Key", "k"}, {"Content-Type", "application/json"}, {"Host", "localhost"}}, number},
	} {
		call.lines = append(call.lines, journal.Header{"content-LENGTH", fmt.Sprint(len(call.body))})
		text := "POST /identitypass/api/v2/biometrics/merchant/data/verification/bvn HTTP/1.1\r\n"
		for _, line := range call.lines {
			text += line[0] + ": " + line[1] + "\r\n"
		}
		if _, err := conn.Write([]byte(text + "\r\n" + call.body)); err != nil {
			t.Fatal(err)
		}
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			t.Fatal(err)
		}
		want = append(want, call.lines)
	}
	var got []lines
	for _, call := range mockservertest.Entries[journal.Call](s.DefaultAccount()) {
		got = append(got, call.Request.Headers)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
