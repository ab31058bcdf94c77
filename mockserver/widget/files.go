package widget

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// shared is what every script has in its scope: see the files for what they declare.
//
//go:embed static
var shared embed.FS

// about is what a script knows of where it comes from.
type about struct {
	At      string `json:"at"`
	Title   string `json:"title"`
	Version string `json:"version"`
}

// served is a file, put together when it is first asked for.
type served struct {
	at    string
	hosts []string
	body  func() content
}

type content struct {
	plain, packed []byte
	kind, etag    string
}

var kinds = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
}

func newServed(f File, a about) *served {
	return &served{f.At, f.Hosts, sync.OnceValue(func() content {
		c := content{plain: bytes.Join(f.Parts, nil), kind: kinds[path.Ext(f.At)]}
		switch path.Ext(f.At) {
		case ".js":
			c.plain = wrap(a, f.Parts)
		case "", ".html":
			c.kind = kinds[".html"]
			c.plain = bytes.ReplaceAll(c.plain, []byte("/*idmock*/"), wrapped(a))
		}
		sum := sha256.Sum256(c.plain)
		c.etag = base64.RawURLEncoding.EncodeToString(sum[:12])
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		w.Write(c.plain) //nolint:errcheck // memory takes whatever is written to it
		w.Close()        //nolint:errcheck // as above
		c.packed = packed.Bytes()
		return c
	})}
}

// wrapped is what a script finds in its scope.
func wrapped(a about) []byte {
	told, err := json.Marshal(a)
	if err != nil {
		panic("widget: " + err.Error()) // three texts
	}
	var b bytes.Buffer
	b.WriteString("const served = " + string(told) + ";\n\n")
	err = fs.WalkDir(shared, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".js") {
			return err
		}
		src, err := shared.ReadFile(name)
		b.Write(src)
		b.WriteByte('\n')
		return err
	})
	if err != nil {
		panic("widget: " + err.Error()) // the files are part of the binary: they are there, or it was not built right
	}
	return b.Bytes()
}

// wrap makes one classic script: it leaves nothing behind in the page but what the provider's part puts there, so that it
// may be loaded twice.
func wrap(a about, parts [][]byte) []byte {
	var b bytes.Buffer
	b.WriteString("// Served by idmock, which stands in for the real service in tests. It is not the vendor's script.\n")
	b.WriteString("(() => {\n\"use strict\";\n")
	b.Write(wrapped(a))
	for _, part := range parts {
		b.Write(part)
		b.WriteByte('\n')
	}
	b.WriteString("})();\n")
	return b.Bytes()
}

func (f *served) serve(w http.ResponseWriter, r *http.Request) {
	c := f.body()
	h := w.Header()
	h.Set("Content-Type", c.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache") // ask each time, get 304: a new version of the server is seen at once
	h.Add("Vary", "Accept-Encoding")
	body, tag := c.plain, c.etag
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body, tag = c.packed, c.etag+"-gzip"
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
