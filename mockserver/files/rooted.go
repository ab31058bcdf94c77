package files

import (
	"io/fs"
	"os"
	"path/filepath"
)

// rooted reads the files of a directory. Symbolic links out of it are errors.
type rooted string

var _ interface {
	fs.ReadFileFS
	fs.ReadDirFS
} = rooted("")

// Open implements fs.FS.
func (dir rooted) Open(name string) (fs.File, error) {
	root, err := os.OpenRoot(string(dir))
	if err != nil {
		return nil, err
	}
	defer root.Close() // open files stay open
	return root.FS().Open(name)
}

// ReadFile implements fs.ReadFileFS.
func (dir rooted) ReadFile(name string) ([]byte, error) {
	root, err := os.OpenRoot(string(dir))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return fs.ReadFile(root.FS(), name)
}

// ReadDir implements fs.ReadDirFS.
func (dir rooted) ReadDir(name string) ([]fs.DirEntry, error) {
	root, err := os.OpenRoot(string(dir))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return fs.ReadDir(root.FS(), name)
}

// inDirectory reads a file found below a directory, unless it is a link out of it. A file given by its own name is read as it
// is.
func inDirectory(dir, name string) ([]byte, error) {
	if dir == name {
		return os.ReadFile(name)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	below, err := filepath.Rel(dir, name)
	if err != nil {
		return nil, err
	}
	return root.ReadFile(below)
}
