package asset_test

import (
	"compress/gzip"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/asset"
)

func TestFile(t *testing.T) {
	const text = "body { color: red }"
	f := asset.New(asset.MediaType("a/page.css"), []byte(text))
	get := func(header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		f.ServeHTTP(w, r)
		return w
	}

	plain := get()
	if plain.Code != 200 || plain.Body.String() != text || plain.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("got %d %v %s", plain.Code, plain.Header(), plain.Body)
	}
	compressed := get("Accept-Encoding", "br, gzip")
	r, err := gzip.NewReader(compressed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(r); err != nil || string(body) != text || compressed.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("got %v %q %v", compressed.Header(), body, err)
	}
	if plain.Header().Get("ETag") == compressed.Header().Get("ETag") {
		t.Errorf("both representations have the entity tag %s", plain.Header().Get("ETag"))
	}
	if w := get("If-None-Match", plain.Header().Get("ETag")); w.Code != 304 || w.Body.Len() > 0 {
		t.Errorf("revalidated: got %d %q, want 304", w.Code, w.Body)
	}
	if w := get("Range", "bytes=0-3"); w.Code != 206 || !strings.HasPrefix(text, w.Body.String()) {
		t.Errorf("range: got %d %q", w.Code, w.Body)
	}
}

func TestMediaTypeOfAnUnknownExtension(t *testing.T) {
	if got := asset.MediaType("page.exe"); got != "" {
		t.Errorf("got %q", got)
	}
}
