package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/idmock/idmock/internal/diag"
)

// ymlFS is a provider's directory that may have .yml files in place of .yaml.
type ymlFS struct{ fs.FS }

// Open implements [fs.FS].
func (f ymlFS) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if base, ok := strings.CutSuffix(name, ".yaml"); ok && errors.Is(err, fs.ErrNotExist) {
		if other, otherErr := f.FS.Open(base + ".yml"); otherErr == nil {
			return other, nil
		}
	}
	return file, err
}

// realNames returns problems with the names that the files of a directory have.
func realNames(problems diag.List, dir string) diag.List {
	for i, p := range problems {
		base, ok := strings.CutSuffix(p.File, ".yaml")
		if _, err := os.Stat(filepath.Join(dir, p.File)); !ok || err == nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, base+".yml")); err == nil {
			problems[i].File = base + ".yml"
		}
	}
	return problems
}
