package viewer

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver/store"
)

func get(v *Viewer, method, path string, header ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	v.ServeHTTP(w, r)
	return w.Result()
}

// content returns the body of a successful response.
func content(t *testing.T, v *Viewer, path string, header ...string) []byte {
	t.Helper()
	response := get(v, "GET", path, header...)
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", path, response.StatusCode, err)
	}
	return body
}

func TestFiles(t *testing.T) {
	v := New(store.NewMemory(store.Retention{}), Options{})
	for path := range v.files() {
		t.Run(path, func(t *testing.T) {
			body := content(t, v, path)
			response := get(v, "GET", path)
			if response.StatusCode != http.StatusOK || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/") {
				t.Errorf("status %d, type %q", response.StatusCode, response.Header.Get("Content-Type"))
			}
			tag := response.Header.Get("ETag")
			if tag == "" || response.Header.Get("Cache-Control") != "no-cache" {
				t.Errorf("ETag %q, Cache-Control %q", tag, response.Header.Get("Cache-Control"))
			}
			if again := get(v, "GET", path, "If-None-Match", tag); again.StatusCode != http.StatusNotModified {
				t.Errorf("with its ETag: %d, want 304", again.StatusCode)
			}
			compressed := get(v, "GET", path, "Accept-Encoding", "gzip, br")
			reader, err := gzip.NewReader(compressed.Body)
			if err != nil || compressed.Header.Get("Content-Encoding") != "gzip" || compressed.Header.Get("ETag") == tag {
				t.Fatalf("gzipped: %v, %v", compressed.Header, err)
			}
			if decompressed, err := io.ReadAll(reader); err != nil || !bytes.Equal(decompressed, body) {
				t.Errorf("the gzipped body differs from the file: %v", err)
			}
			if head := get(v, "HEAD", path); head.StatusCode != http.StatusOK || head.ContentLength != int64(len(body)) {
				t.Errorf("HEAD: %d, %d bytes", head.StatusCode, head.ContentLength)
			}
		})
	}
}

// linked and imported match references to other files.
var (
	linked   = regexp.MustCompile(`(?:src|href)="(assets/[^"]*)"`)
	imported = regexp.MustCompile(`from "\./([^"]+)"`)
)

func TestHeaders(t *testing.T) {
	v := New(store.NewMemory(store.Retention{}), Options{})
	for path, status := range map[string]int{"/": 200, "/assets/js/main.js": 200, "/nothing": 404, "/assets/": 404, "/assets/index.html": 404, "/static/index.html": 404} {
		response := get(v, "GET", path)
		if response.StatusCode != status {
			t.Errorf("%s: status %d, want %d", path, response.StatusCode, status)
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
	for _, must := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
		"img-src 'self' data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, must) {
			t.Errorf("policy lacks %s", must)
		}
	}
	if response := get(v, "POST", "/"); response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") == "" {
		t.Errorf("POST: %d, Allow %q", response.StatusCode, response.Header.Get("Allow"))
	}
}

// Every referenced file is served, none is from another origin, and no script converts text into markup.
func TestFilesAreComplete(t *testing.T) {
	v := New(store.NewMemory(store.Retention{}), Options{})
	late := regexp.MustCompile(`import\("\./([^"]+)"\)|href: new URL\("assets/([^"]+)", root\)`)
	unsafe := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.setHTML`)
	for path := range v.files() {
		body := content(t, v, path)
		for _, m := range linked.FindAllSubmatch(body, -1) {
			if _, ok := v.files()["/"+string(m[1])]; !ok {
				t.Errorf("%s refers to %s, which is not served", path, m[1])
			}
		}
		for _, m := range imported.FindAllSubmatch(body, -1) {
			if _, ok := v.files()["/assets/js/"+string(m[1])]; !ok {
				t.Errorf("%s imports %s, which is not served", path, m[1])
			}
		}
		for _, m := range late.FindAllSubmatch(body, -1) {
			name := "/assets/" + string(m[2])
			if len(m[1]) > 0 {
				name = "/assets/js/" + string(m[1])
			}
			if _, ok := v.files()[name]; !ok {
				t.Errorf("%s imports %s on demand, which is not served", path, name)
			}
		}
		if found := unsafe.Find(body); found != nil {
			t.Errorf("%s uses %s", path, found)
		}
		if outside := regexp.MustCompile(`(?:src|href|url\(|from |fetch\()\s*["']?https?://`).Find(body); outside != nil {
			t.Errorf("%s refers to another origin: %s", path, outside)
		}
	}
}
