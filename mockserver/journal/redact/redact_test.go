package redact_test

import (
	"slices"
	"testing"

	"github.com/idmock/idmock/mockserver/journal/redact"
)

func TestRedact(t *testing.T) {
	for name, test := range map[string][2]string{
		"user":       {redact.URL("http://u:p@127.0.0.1/x"), "http://redacted@127.0.0.1/x"},
		"parameter":  {redact.URL("http://127.0.0.1/x?b=1&api%5Fkey=s3cret"), "http://127.0.0.1/x?b=1&api%5Fkey=redacted"},
		"no URL":     {redact.URL("http://[::1"), "redacted"},
		"member":     {redact.Text(`{"token" : "s3\"cret","name":"Ada"}`, "application/json"), `{"token" : "redacted","name":"Ada"}`},
		"form":       {redact.Text("name=Ada&password=x", "application/x-www-form-urlencoded; charset=utf-8"), "name=Ada&password=redacted"},
		"truncated":  {redact.Text(`{"token":"s3cr`, ""), `{"token":"redacted"`},
		"bytes":      {string(redact.Bytes([]byte(`{"secret":"x"}`), "")), `{"secret":"redacted"}`},
		"a picture":  {string(redact.Bytes([]byte("\xff\xd8"), "image/jpeg")), "redacted"},
		"empty body": {string(redact.Bytes(nil, "")), ""},
	} {
		if test[0] != test[1] {
			t.Errorf("%s: %q, want %q", name, test[0], test[1])
		}
	}
	sent := [][2]string{{"X-Api-Key", "s3cret"}, {"Accept", "*/*"}}
	if got := redact.Headers(sent); !slices.Equal(got, [][2]string{{"X-Api-Key", "redacted"}, {"Accept", "*/*"}}) || sent[0][1] != "s3cret" {
		t.Errorf("headers %v of %v", got, sent)
	}
}
