package widget

import (
	"bytes"
	"embed"
	"encoding/json"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/idmock/idmock/internal/asset"
)

// shared holds the scripts that every provider's script has in its scope.
//
//go:embed static
var shared embed.FS

// about describes a script to itself, as the constant "served".
type about struct {
	At      string `json:"at"`
	Title   string `json:"title"`
	Version string `json:"version"`
}

// served is a file, assembled on first use.
type served struct {
	at    string
	hosts []string
	asset func() *asset.File
}

func newServed(f File, a about) *served {
	return &served{f.At, f.Hosts, sync.OnceValue(func() *asset.File {
		switch path.Ext(f.At) {
		case ".js":
			return asset.New(asset.MediaType(f.At), classicScript(a, f.Parts))
		case "", ".html":
			page := bytes.Join(f.Parts, nil)
			return asset.New(asset.MediaType(".html"), bytes.ReplaceAll(page, []byte("/*idmock*/"), library(a)))
		}
		return asset.New(asset.MediaType(f.At), bytes.Join(f.Parts, nil))
	})}
}

// library returns the shared scripts, preceded by the constant "served".
func library(a about) []byte {
	self, err := json.Marshal(a)
	if err != nil {
		panic("widget: " + err.Error()) // impossible: three strings
	}
	var b bytes.Buffer
	b.WriteString("const served = " + string(self) + ";\n\n")
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
		panic("widget: " + err.Error()) // impossible: the files are embedded
	}
	return b.Bytes()
}

// classicScript wraps the library and the provider's parts in a function, so that the page sees only the globals that the parts
// assign, and the script can be loaded twice.
func classicScript(a about, parts [][]byte) []byte {
	var b bytes.Buffer
	b.WriteString("// Served by idmock, which replaces the provider's service in tests. This is not the provider's script.\n")
	b.WriteString("(() => {\n\"use strict\";\n")
	b.Write(library(a))
	for _, part := range parts {
		b.Write(part)
		b.WriteByte('\n')
	}
	b.WriteString("})();\n")
	return b.Bytes()
}
