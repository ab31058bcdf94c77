package catalog

import (
	"io/fs"
	"strings"
)

// Complete returns a user's provider directory. Without scenarios of its own, one with a built-in provider's name gets
// that provider's.
func Complete(name string, dir fs.FS) fs.FS {
	if _, err := fs.Stat(dir, "scenarios"); err == nil {
		return dir
	}
	for _, f := range Folders() {
		if f.Name == name {
			return overlay{dir, f.FS}
		}
	}
	return dir
}

// overlay is a directory with the scenarios of another.
type overlay struct {
	fs.FS
	scenarios fs.FS
}

func (o overlay) Open(name string) (fs.File, error) {
	if name == "scenarios" || strings.HasPrefix(name, "scenarios/") {
		return o.scenarios.Open(name)
	}
	return o.FS.Open(name)
}
