// Package asset serves static content from memory: gzip, entity tags and conditional requests.
//
// It does not decide which path a file has or who may read it, and sets no security headers: each server does that itself.
package asset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"path"
	"strings"
	"time"
)

var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
}

// MediaType returns the Content-Type of a file by its name, or "" if the extension is unknown. It does not ask the operating
// system, so that the answer is the same everywhere.
func MediaType(name string) string { return mediaTypes[path.Ext(name)] }

// File is static content, ready to send. It is safe for concurrent use.
type File struct {
	mediaType  string
	plain      []byte
	compressed []byte // plain, gzipped
	etag       string
}

// New returns a File. It compresses body, which takes about 10 ms per MB.
func New(mediaType string, body []byte) *File {
	sum := sha256.Sum256(body)
	return &File{mediaType, body, compress(body), base64.RawURLEncoding.EncodeToString(sum[:12])}
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(body) // a bytes.Buffer accepts every write
	_ = w.Close()
	return b.Bytes()
}

// ServeHTTP sends the file for GET and HEAD; the caller has checked the method. Browsers revalidate on every use, so that they
// notice a new version of the server at once.
func (f *File) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.mediaType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Accept-Encoding")
	body, etag := f.plain, f.etag
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body, etag = f.compressed, f.etag+"-gzip"
	}
	h.Set("ETag", `"`+etag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
