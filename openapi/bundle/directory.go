package bundle

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// Directory is the [Source] of a document in a directory. It reads regular files below the directory and nothing else.
type Directory struct {
	FS   fs.FS
	Name string // of the document
}

// Self returns the document's name.
func (d Directory) Self() string { return d.Name }

// Resolve returns the path of a file in the directory.
func (d Directory) Resolve(from, ref string) (string, error) {
	if strings.Contains(ref, "://") || strings.HasPrefix(ref, "//") {
		return "", errors.New("a document in a file may not refer to URLs: save the file in the document's directory")
	}
	location := path.Join(path.Dir(from), Unescape(ref))
	if path.IsAbs(ref) || !fs.ValidPath(location) {
		return "", errors.New("the file is outside of the document's directory")
	}
	return location, nil
}

// Open opens a file.
func (d Directory) Open(location string) (io.ReadCloser, error) {
	file, err := d.FS.Open(location)
	var failed *fs.PathError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		file.Close()
		return nil, fmt.Errorf("not a file")
	}
	return file, nil
}
