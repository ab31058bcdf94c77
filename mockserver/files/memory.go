package files

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// memory is a directory in memory: the contents of its files by path.
type memory map[string][]byte

var _ interface {
	fs.ReadFileFS
	fs.ReadDirFS
} = memory(nil)

// Open implements fs.FS.
func (m memory) Open(name string) (fs.File, error) {
	if text, ok := m[name]; ok {
		return &memoryFile{memoryInfo{path.Base(name), int64(len(text)), false}, bytes.NewReader(text)}, nil
	}
	if entries, err := m.ReadDir(name); err != nil || len(entries) == 0 {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &memoryFile{memoryInfo{path.Base(name), 0, true}, bytes.NewReader(nil)}, nil
}

// ReadFile implements fs.ReadFileFS.
func (m memory) ReadFile(name string) ([]byte, error) {
	if text, ok := m[name]; ok {
		return text, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir implements fs.ReadDirFS.
func (m memory) ReadDir(name string) ([]fs.DirEntry, error) {
	prefix := name + "/"
	if name == "." {
		prefix = ""
	}
	var all []fs.DirEntry
	for _, file := range slices.Sorted(maps.Keys(m)) {
		rest, ok := strings.CutPrefix(file, prefix)
		if !ok {
			continue
		}
		first, _, dir := strings.Cut(rest, "/")
		if !slices.ContainsFunc(all, func(have fs.DirEntry) bool { return have.Name() == first }) {
			all = append(all, fs.FileInfoToDirEntry(memoryInfo{first, int64(len(m[file])), dir}))
		}
	}
	if len(all) == 0 {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	return all, nil
}

// memoryFile is an open file.
type memoryFile struct {
	memoryInfo
	io.Reader
}

func (f *memoryFile) Stat() (fs.FileInfo, error) { return f.memoryInfo, nil }
func (f *memoryFile) Close() error               { return nil }

// memoryInfo describes a file.
type memoryInfo struct {
	name string
	size int64
	dir  bool
}

func (i memoryInfo) Name() string { return i.name }
func (i memoryInfo) Size() int64  { return i.size }
func (i memoryInfo) IsDir() bool  { return i.dir }
func (memoryInfo) ModTime() time.Time {
	return time.Time{}
}
func (memoryInfo) Sys() any { return nil }

func (i memoryInfo) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o555
	}
	return 0o444
}
