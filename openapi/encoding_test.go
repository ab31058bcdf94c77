package openapi_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"github.com/idmock/idmock/openapi"
)

// compress encodes a body.
func compress(t *testing.T, encoding, body string) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch encoding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "deflate":
		w = zlib.NewWriter(&b)
	case "raw deflate":
		w, _ = flate.NewWriter(&b, flate.DefaultCompression)
	case "br":
		w = brotli.NewWriterLevel(&b, brotli.BestSpeed)
	default:
		return []byte(body)
	}
	if _, err := w.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A body may have a content encoding. What it becomes is bounded, and a broken one is the provider's own error.
func TestContentEncodings(t *testing.T) {
	p := open(t, acme())
	const body = `{"number":"12345678901"}`
	huge := `{"number":"` + strings.Repeat("0", openapi.MaxBody) + `"}`
	for _, c := range []struct {
		name, encoding string
		body           []byte
		kind           openapi.Kind // empty: accepted
		says           string
	}{
		{"gzip", "gzip", compress(t, "gzip", body), "", ""},
		{"gzip in capitals", "GZIP", compress(t, "gzip", body), "", ""},
		{"deflate", "deflate", compress(t, "deflate", body), "", ""},
		{"deflate without a header", "deflate", compress(t, "raw deflate", body), "", ""},
		{"brotli", "br", compress(t, "br", body), "", ""},
		{"none", "identity", []byte(body), "", ""},
		{"an empty body", "gzip", nil, openapi.Invalid, "body is required"},
		{"an unknown one", "zstd", []byte(body), openapi.MediaType, `unsupported content encoding "zstd": use gzip, deflate, br or none`},
		{"a body that has none", "gzip", []byte(body), openapi.BadJSON, "gzip: invalid header"},
		{"a brotli body that is none", "br", []byte(body), openapi.BadJSON, "could not be read"},
		{"a truncated body", "gzip", compress(t, "gzip", body)[:20], openapi.BadJSON, "unexpected EOF"},
		{"a bomb", "gzip", compress(t, "gzip", huge), openapi.TooLarge, "larger than"},
		{"a bomb of brotli", "br", compress(t, "br", huge), openapi.TooLarge, "larger than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/acme/check", bytes.NewReader(c.body))
			r.Header.Set("X-Key", "mine")
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Content-Encoding", c.encoding)
			call, err := p.Match(r)
			refused, _ := err.(*openapi.Error)
			switch {
			case c.kind == "" && (err != nil || string(call.Raw) != body):
				t.Errorf("error %v, body %q", err, call.Raw)
			case c.kind != "" && (refused == nil || refused.Kind != c.kind || !strings.Contains(refused.Message, c.says)):
				t.Errorf("error %v, want %s with %q", err, c.kind, c.says)
			}
		})
	}
}
