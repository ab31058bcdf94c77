package help

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/idmock/idmock/docs"
)

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

var href = regexp.MustCompile(`href="([^"]*)"`)

// resolve returns the address of a link on a page.
func resolve(t *testing.T, page, link string) string {
	t.Helper()
	base, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	to, err := base.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return to.String()
}

// Every guide is a page, and every link between pages leads to one; nothing is loaded from elsewhere.
func TestPages(t *testing.T) {
	h := New(docs.Pages, docs.Repository)
	pages, links := 0, 0
	err := fs.WalkDir(docs.Pages, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		pages++
		w := get(h, Base+strings.TrimSuffix(file, ".md"))
		body := w.Body.String()
		if w.Code != http.StatusOK || !strings.Contains(body, "<h1") || strings.Contains(body, "<script") {
			t.Errorf("%s: status %d: %.200s", file, w.Code, body)
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("%s: policy %q", file, csp)
		}
		for _, found := range href.FindAllStringSubmatch(body, -1) {
			target, fragment, _ := strings.Cut(resolve(t, Base+strings.TrimSuffix(strings.TrimSuffix(file, ".md"), "README"), found[1]), "#")
			switch outside, ok := strings.CutPrefix(target, docs.Repository+"/blob/main/"); {
			case ok:
				if _, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(outside))); err != nil {
					t.Errorf("%s links to %s: %v", file, target, err)
				}
			case strings.HasPrefix(target, Base):
				links++
				if to := get(h, target); to.Code != http.StatusOK || fragment != "" && !strings.Contains(to.Body.String(), `id="`+fragment+`"`) {
					t.Errorf("%s links to %s: status %d", file, found[1], to.Code)
				}
			case target != "/" && !strings.HasPrefix(target, "https://"):
				t.Errorf("%s links to %s", file, target)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if pages < 15 || links < 50 {
		t.Errorf("%d pages with %d links", pages, links)
	}
}

func TestUnknownPage(t *testing.T) {
	h := New(docs.Pages, docs.Repository)
	for path, want := range map[string]int{Base: 200, Base + "nothing": 404, Base + "../go.mod": 404, Base + "docs.go": 404, Base + "reference/flags": 200, Base + "scenarios.md": 200} {
		if w := get(h, path); w.Code != want {
			t.Errorf("%s: status %d, want %d", path, w.Code, want)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, Base, nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: status %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

// The repository's address is that of the module.
func TestRepository(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "module " + strings.TrimPrefix(docs.Repository, "https://") + "\n"; !strings.HasPrefix(string(src), want) {
		t.Errorf("go.mod does not begin with %q", want)
	}
}
