package viewer

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"

	"github.com/idmock/idmock/internal/asset"
)

//go:embed static
var static embed.FS

// policy restricts the page to its own files and its own server: it displays content from applications and receivers. Trusted
// types turn every conversion of text into markup into an error.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// loadFiles returns the embedded files by URL path: /, /login and /assets/….
func loadFiles() map[string]*asset.File {
	files := map[string]*asset.File{}
	err := fs.WalkDir(static, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := static.ReadFile(name)
		if err != nil {
			return err
		}
		files[urlPath(name)] = asset.New(asset.MediaType(name), body)
		return nil
	})
	if err != nil {
		panic("viewer: " + err.Error()) // impossible: the files are embedded
	}
	return files
}

func urlPath(name string) string {
	switch name {
	case "static/index.html":
		return "/"
	case "static/login.html":
		return "/login"
	}
	return "/assets" + strings.TrimPrefix(name, "static")
}

// Serves reports whether a path is of the page or one of its files, or would be.
func Serves(path string) bool {
	return path == "/" || path == "/login" || path == "/favicon.ico" || strings.HasPrefix(path, "/assets/")
}

// ServeHTTP serves the page and its files, and 404 for any other path.
func (v *Viewer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	f, ok := v.files()[r.URL.Path]
	if !ok {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	f.ServeHTTP(w, r)
}
