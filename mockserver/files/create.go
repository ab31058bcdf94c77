package files

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Create writes a provider's directory from an OpenAPI document, and checks it as lint does. The directory may exist if it is
// empty. only are the tags, or globs of operation ids, of the operations whose requests are connected; none: all. It returns
// the names of the files.
func Create(dir string, d Document, complete Complete, only ...string) (written []string, err error) {
	name, err := nameOf(dir)
	if err != nil {
		return nil, err
	}
	if !providerName.MatchString(name) {
		return nil, invalidError{fmt.Errorf("invalid provider name %q: use lower-case letters, digits and hyphens", name)}
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return nil, invalidError{fmt.Errorf("%s: exists already: choose another name, or delete the directory", dir)}
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, invalidError{fmt.Errorf("%s: %w", dir, Cause(err))}
	}
	d.Name = name
	_, all, err := d.Directory(only...)
	if err != nil {
		return nil, err
	}
	for _, file := range slices.Sorted(maps.Keys(all)) {
		at := filepath.Join(dir, filepath.FromSlash(file))
		if err := write(at, all[file]); err != nil { // as on a full disk: half a directory would be in the way of the next try
			return nil, invalidError{errors.Join(fmt.Errorf("%s: %w", at, Cause(err)), remove(dir, append(written, at)))}
		}
		written = append(written, at)
	}
	_, err = OpenProvider(dir, complete)
	return written, err
}

func write(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

// remove deletes files below a directory, and the directories that are empty then.
func remove(dir string, written []string) error {
	for _, file := range written {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for at := filepath.Dir(file); len(at) >= len(filepath.Clean(dir)) && os.Remove(at) == nil; {
			at = filepath.Dir(at)
		}
	}
	return nil
}
