package receiver

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"
)

// It is what it says: a small body, and whoever unpacks it has 100 MB.
func TestBomb(t *testing.T) {
	b := bomb()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, z); n != 100<<20 || err != nil || len(b) > 1<<20 {
		t.Errorf("%d bytes unpack to %d, %v", len(b), n, err)
	}
}
