package journal

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/idmock/idmock/mockserver/store"
)

func TestBody(t *testing.T) {
	tests := []struct {
		bytes string
		size  int64
		want  string
	}{
		{"", 0, `{"text":"","size":0}`},
		{"{}\n", 3, `{"text":"{}\n","size":3}`},
		{"<&>", 3, `{"text":"<&>","size":3}`},
		{"a", 5, `{"text":"a","size":5,"truncated":true}`},
		{"\xff\x00", 2, `{"base64":"/wA=","size":2}`},
		{"a\xe4\xb8", 4, `{"text":"a","size":4,"truncated":true}`},   // 世 cut in two
		{"\xf0\x9d\x84", 4, `{"text":"","size":4,"truncated":true}`}, // 𝄞 cut
		{"a世", 9, `{"text":"a世","size":9,"truncated":true}`},         // cut between characters
		{"a\xe4\xb8", 3, `{"base64":"YeS4","size":3}`},               // not cut, simply not UTF-8
		{"\xff\x80\x80\x80\x80", 9, `{"base64":"/4CAgIA=","size":9,"truncated":true}`},
	}
	for _, tt := range tests {
		if got := string(NewBody([]byte(tt.bytes), tt.size).Append(nil)); got != tt.want {
			t.Errorf("%q of %d: %s, want %s", tt.bytes, tt.size, got, tt.want)
		}
	}
}

func FuzzBody(f *testing.F) {
	f.Add([]byte("text"), int64(9))
	f.Add([]byte("\xff\x00"), int64(0))
	f.Add([]byte(nasty), int64(0))
	f.Fuzz(func(t *testing.T, b []byte, size int64) {
		want := NewBody(b, size)
		var got Body
		if err := json.Unmarshal(want.Append(nil), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
		if !bytes.HasPrefix(b, want.Bytes) || len(b)-len(want.Bytes) >= utf8.UTFMax {
			t.Errorf("kept %d of %d", len(want.Bytes), len(b))
		}
	})
}

func TestMillis(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0", 999: "0", time.Microsecond: "0.001", 10 * time.Microsecond: "0.01", 1500 * time.Microsecond: "1.5",
		20 * time.Millisecond: "20", 720 * time.Hour: "2592000000", -1500 * time.Microsecond: "-1.5", 100 * time.Millisecond: "100",
	} {
		if got := string(Millis(d).append(nil)); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
		var back Millis
		if err := json.Unmarshal([]byte(want), &back); err != nil || time.Duration(back) != d.Truncate(time.Microsecond) {
			t.Errorf("%s: %v, %v", want, time.Duration(back), err)
		}
	}
}

func TestAppendTime(t *testing.T) {
	for _, tm := range []time.Time{
		{}, at, time.Unix(0, 0), time.Unix(0, 999_999_999), time.Date(9999, 12, 31, 23, 59, 59, 1e6, time.UTC),
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 7, 1, 1, 2, 3, 45e6, time.FixedZone("", 3600)),
	} {
		want := tm.UTC().Format(`"2006-01-02T15:04:05.000Z"`)
		if got := string(appendTime(nil, tm)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestAppendEntry(t *testing.T) {
	e := store.Entry{Seq: 17, At: at, Wall: at.Add(time.Hour), Account: `te"st`, Kind: KindReset, Data: []byte(`{"account":"a"}`)}
	got := AppendEntry([]byte("["), e)
	want := `[{"seq":17,"at":"2026-02-03T04:05:06.789Z","wall":"2026-02-03T05:05:06.789Z","account":"te\"st","kind":"reset","data":{"account":"a"}}`
	if string(got) != want {
		t.Errorf("%s, want %s", got, want)
	}
	back, err := ParseEntry(got[1:])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e, back); diff != "" {
		t.Error(diff)
	}
	if got := AppendEntry(nil, store.Entry{}); !json.Valid(got) {
		t.Errorf("empty: %s", got)
	}
	if _, err := ParseEntry([]byte(`{"seq":-1}`)); err == nil {
		t.Error("parsed a negative seq")
	}
}

func benchCall() Call {
	page := strings.Repeat(`{"status":true,"detail":"Verification successful","response_code":"00","data":{"bvn":"22222222222"}},`, 7)
	return Call{
		ID: "call_01hx", Provider: "acme", Operation: "verifyBVN", Run: "run_01hx", Scenario: "success", Rule: "rules[0]", Method: "POST", Path: "/api/v2/bvn",
		Request: Payload{Headers: []Header{{"Content-Type", "application/json"}, {"X-Api-Key", "test_key_0123456789"}, {"Accept", "*/*"}}, Body: body(`{"number":"22222222222"}`)},
		Status:  200, Response: Payload{Headers: []Header{{"Content-Type", "application/json"}}, Body: body(page)}, Duration: 1234567,
	}
}

func BenchmarkAppend(b *testing.B) {
	c := benchCall()
	a := Attempt{
		Delivery: "dlv_01hx", Provider: "acme", Event: "verification.completed", Endpoint: "ep_1", URL: "http://127.0.0.1:3000/hook", N: 1, Planned: at, Sent: at, Accepted: true, Class: "ok",
		Phases: Phases{Write: 12000, Wait: 345000, Total: 400000}, Request: Request{Method: "POST", URL: "http://127.0.0.1:3000/hook", Headers: c.Request.Headers, Body: c.Response.Body},
		Response: &Response{Status: 200, Headers: c.Response.Headers, Body: body(`{"received":true}`)},
	}
	entry := New("test_key", at, at, c)
	bench := func(name string, f func(dst []byte) []byte) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(f(nil))))
			for b.Loop() {
				f(nil)
			}
		})
	}
	bench("call", c.Append)
	bench("attempt", a.Append)
	bench("run", Run{Run: "run_01hx", Provider: "acme", Operation: "verifyBVN", Scenario: "success", Subject: "22222222222", Reference: "ref_1", State: json.RawMessage(`{"status":"PENDING"}`), Cause: "rules[0]"}.Append)
	bench("event", Event{Delivery: "dlv_01hx", Provider: "acme", Event: "verification.completed", Endpoint: "ep_1", URL: "http://127.0.0.1:3000/hook", Due: at}.Append)
	bench("delivery", Delivery{Delivery: "dlv_01hx", Provider: "acme", Event: "verification.completed", Endpoint: "ep_1", URL: "http://127.0.0.1:3000/hook", Outcome: Delivered, Attempts: 1}.Append)
	bench("wire", func(dst []byte) []byte { return AppendEntry(dst, entry) })
	type call Call                          // without the hand-written encoder
	bench("tags", func(dst []byte) []byte { // encoding/json for the same call, as a baseline
		out, _ := json.Marshal(call(c))
		return append(dst, out...)
	})
	bench("tags-v2", func(dst []byte) []byte { // go-json-experiment for the same call
		out, _ := jsonv2.Marshal(call(c))
		return append(dst, out...)
	})
}
