package gzipfs_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/idmock/idmock/internal/gzipfs"
)

func pack(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadFile(t *testing.T) {
	long := strings.Repeat("a line\n", 10_000)
	files := fstest.MapFS{
		"plain": {Data: []byte(long)}, "packed": {Data: pack(t, long)}, "empty": {}, "packed-empty": {Data: pack(t, "")},
		"half": {Data: pack(t, long)[:40]}, "magic": {Data: []byte{0x1f, 0x8b}},
	}
	for name, want := range map[string]string{"plain": long, "packed": long, "empty": "", "packed-empty": ""} {
		if got, err := gzipfs.ReadFile(files, name); string(got) != want || err != nil {
			t.Errorf("%s: %d bytes, %v, want %d", name, len(got), err, len(want))
		}
	}
	for _, name := range []string{"half", "magic"} {
		var failed *fs.PathError
		if got, err := gzipfs.ReadFile(files, name); !errors.As(err, &failed) || failed.Path != name {
			t.Errorf("%s: %d bytes, %v, want an error that names it", name, len(got), err)
		}
	}
	if _, err := gzipfs.ReadFile(files, "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}
