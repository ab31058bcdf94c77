package viewer

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed static
var static embed.FS

// policy lets the page load its own files and talk to its own server, and nothing else: what an app or a receiver sent
// is shown in it. Trusted types make every way of turning text into markup an error.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// file is one static file, ready to be sent.
type file struct {
	body   []byte
	packed []byte // the same, gzipped
	kind   string // Content-Type
	etag   string
}

var kinds = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
}

// load reads the embedded files by the path they are served at: / and /assets/….
func load() map[string]file {
	files := map[string]file{}
	err := fs.WalkDir(static, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := fs.ReadFile(static, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		at := "/assets" + strings.TrimPrefix(name, "static")
		switch name {
		case "static/index.html":
			at = "/"
		case "static/login.html":
			at = "/login"
		}
		files[at] = file{body, pack(body), kinds[path.Ext(name)], base64.RawURLEncoding.EncodeToString(sum[:12])}
		return nil
	})
	if err != nil {
		panic("viewer: " + err.Error()) // the files are part of the binary: they are there, or it was not built right
	}
	return files
}

func pack(body []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		panic("viewer: " + err.Error()) // memory takes whatever is written to it
	}
	if err := w.Close(); err != nil {
		panic("viewer: " + err.Error())
	}
	return b.Bytes()
}

// ServeHTTP serves / and /assets/…, and 404 for all else.
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
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "no-cache") // ask each time, get 304: a new version of the server is seen at once
	h.Set("Vary", "Accept-Encoding")
	body, tag := f.body, f.etag
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body, tag = f.packed, f.etag+"-gzip"
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
