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

func TestFiles(t *testing.T) {
	v := New(store.NewMemory(store.Retention{}), Options{})
	for path, f := range v.files() {
		t.Run(path, func(t *testing.T) {
			response := get(v, "GET", path)
			if response.StatusCode != http.StatusOK || f.kind == "" || response.Header.Get("Content-Type") != f.kind {
				t.Errorf("status %d, type %q", response.StatusCode, response.Header.Get("Content-Type"))
			}
			tag := response.Header.Get("ETag")
			if tag == "" || response.Header.Get("Cache-Control") != "no-cache" {
				t.Errorf("ETag %q, Cache-Control %q", tag, response.Header.Get("Cache-Control"))
			}
			if again := get(v, "GET", path, "If-None-Match", tag); again.StatusCode != http.StatusNotModified {
				t.Errorf("with its ETag: %d, want 304", again.StatusCode)
			}
			packed := get(v, "GET", path, "Accept-Encoding", "gzip, br")
			unpacked, err := gzip.NewReader(packed.Body)
			if err != nil || packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("ETag") == tag {
				t.Fatalf("gzipped: %v, %v", packed.Header, err)
			}
			if whole, err := io.ReadAll(unpacked); err != nil || !bytes.Equal(whole, f.body) {
				t.Errorf("what was gzipped is not the file: %v", err)
			}
			if head := get(v, "HEAD", path); head.StatusCode != http.StatusOK || head.ContentLength != int64(len(f.body)) {
				t.Errorf("HEAD: %d, %d bytes", head.StatusCode, head.ContentLength)
			}
		})
	}
}

// What the browser loads before anything is pressed is small: what is fetched by import(…) comes later.
func TestFirstLoad(t *testing.T) {
	v := New(store.NewMemory(store.Retention{}), Options{})
	total, seen := 0, map[string]bool{}
	var load func(path string)
	load = func(path string) {
		if seen[path] {
			return
		}
		seen[path] = true
		f := v.files()[path]
		total += len(f.packed)
		for _, m := range linked.FindAllSubmatch(f.body, -1) {
			load(string(m[1]))
		}
		for _, m := range imported.FindAllSubmatch(f.body, -1) {
			load("/assets/js/" + string(m[1]))
		}
	}
	load("/")
	if len(seen) < 10 || total > 80_000 || seen["/assets/js/checks.js"] {
		t.Errorf("%d files of %d bytes, want at least 10 and at most 80,000 bytes gzipped, and the checks not among them", len(seen), total)
	}
}

// linked and imported are the files that a file refers to.
var (
	linked   = regexp.MustCompile(`(?:src|href)="(/assets/[^"]*)"`)
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

// What a page refers to must be there, be ours, and never turn text into markup.
func TestFilesAreWhole(t *testing.T) {
	v := New(store.NewMemory(store.Retention{}), Options{})
	late := regexp.MustCompile(`import\("\./([^"]+)"\)|href: "/assets/([^"]+)"`)
	unsafe := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.setHTML`)
	for path, f := range v.files() {
		for _, m := range linked.FindAllSubmatch(f.body, -1) {
			if _, ok := v.files()[string(m[1])]; !ok {
				t.Errorf("%s refers to %s, which is not served", path, m[1])
			}
		}
		for _, m := range imported.FindAllSubmatch(f.body, -1) {
			if _, ok := v.files()["/assets/js/"+string(m[1])]; !ok {
				t.Errorf("%s imports %s, which is not served", path, m[1])
			}
		}
		for _, m := range late.FindAllSubmatch(f.body, -1) {
			name := "/assets/" + string(m[2])
			if len(m[1]) > 0 {
				name = "/assets/js/" + string(m[1])
			}
			if _, ok := v.files()[name]; !ok {
				t.Errorf("%s fetches %s later, which is not served", path, name)
			}
		}
		if found := unsafe.Find(f.body); found != nil {
			t.Errorf("%s uses %s", path, found)
		}
		if outside := regexp.MustCompile(`(?:src|href|url\(|from |fetch\()\s*["']?https?://`).Find(f.body); outside != nil {
			t.Errorf("%s reaches outside: %s", path, outside)
		}
	}
}
