// Package gzipfs reads the data files that are part of the binary. Where space counts, as in the container image, the
// build gzips them in place before the compiler embeds them; a file that is not gzipped is read as it is.
package gzipfs

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
)

// magic begins every gzip file, and no text.
var magic = []byte{0x1f, 0x8b}

// ReadFile reads a file of a file system, unpacked.
func ReadFile(fsys fs.FS, name string) ([]byte, error) {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	src, err = Bytes(src)
	if err != nil {
		return nil, &fs.PathError{Op: "unpack", Path: name, Err: err}
	}
	return src, nil
}

// Bytes returns what a file holds, unpacked. The error says that it begins as a gzip file does and is none.
func Bytes(src []byte) ([]byte, error) {
	if !bytes.HasPrefix(src, magic) {
		return src, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(src))
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	// The last four bytes are the size, so that the text is not copied while it grows.
	var b bytes.Buffer
	if n := len(src); n >= 4 {
		size := int(src[n-4]) | int(src[n-3])<<8 | int(src[n-2])<<16 | int(src[n-1])<<24
		b.Grow(min(size, 64<<20) + bytes.MinRead)
	}
	if _, err := io.Copy(&b, r); err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return b.Bytes(), nil
}
