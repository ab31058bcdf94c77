package files

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A document at a URL may refer to files of its origin, and to no others.
func TestSecurityPartsOfAURL(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another origin was asked") }))
	t.Cleanup(other.Close)
	texts := map[string]string{
		"/v1/openapi.yaml": `{openapi: 3.0.3, paths: {/a: {$ref: ../a.yaml}, /b: {$ref: '` + other.URL + `/b.yaml'}, /c: {$ref: c.yaml}, /d: {$ref: d.yaml}}}`,
		"/a.yaml":          `{get: {responses: {"200": {$ref: v1/ok.yaml}}}}`,
		"/v1/ok.yaml":      `{description: ok}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/d.yaml" {
			http.Redirect(w, r, other.URL+"/d.yaml", http.StatusFound)
			return
		}
		text, ok := texts[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
		}
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(server.Close)
	p, err := Document{From: server.URL + "/v1/openapi.yaml", Name: "parts"}.open()
	if err != nil {
		t.Fatal(err)
	}
	if op, err := p.Operation("getA"); err != nil || op == nil {
		t.Errorf("the operation of the other file is not served: %v", err)
	}
	skipped, err := p.Skipped()
	if err != nil || len(skipped) != 3 {
		t.Fatalf("skipped %v, %v", skipped, err)
	}
	for i, want := range []string{"of another origin", "responds with 404", "redirects to another origin"} {
		if !strings.Contains(skipped[i].Reason, want) {
			t.Errorf("%s: reason %q, want %q", skipped[i].Path, skipped[i].Reason, want)
		}
	}
}

// A document in a file may refer to files below its directory, also through no link, or below the root of the flag.
func TestSecurityPartsOfAFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("outside.yaml", `{get: {responses: {"200": {description: ok}}}}`)
	write("api/openapi.yaml", `{openapi: 3.0.3, paths: {/a: {$ref: ../outside.yaml}, /b: {$ref: link.yaml}, /c: {$ref: within.yaml}}}`)
	write("api/within.yaml", `{get: {responses: {"200": {description: ok}}}}`)
	if err := os.Symlink("../outside.yaml", filepath.Join(dir, "api/link.yaml")); err != nil {
		t.Fatal(err)
	}
	for root, want := range map[string]int{"": 2, dir: 0} {
		p, err := Document{From: filepath.Join(dir, "api/openapi.yaml"), Name: "parts", Root: root}.open()
		if err != nil {
			t.Fatal(err)
		}
		if skipped, err := p.Skipped(); err != nil || len(skipped) != want {
			t.Errorf("root %q: skipped %v, %v; want %d", root, skipped, err, want)
		}
	}
}
