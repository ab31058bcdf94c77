package localca_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/idmock/idmock/internal/localca"
)

// Starts at the same time share one authority.
func TestSecurityAuthorityIsCreatedOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "idmock")
	all := make([][]byte, 8)
	var starts sync.WaitGroup
	for i := range all {
		starts.Go(func() {
			a, err := localca.Open(dir, []string{"api.acme.test"})
			if err != nil {
				t.Error(err)
				return
			}
			all[i] = a.PEM()
		})
	}
	starts.Wait()
	for i := range all {
		if !bytes.Equal(all[i], all[0]) {
			t.Errorf("start %d has an authority of its own", i)
		}
	}
}

// A key that others can read is refused with the command that helps, and so is an authority that lost its key.
func TestSecurityAuthorityKey(t *testing.T) {
	dir := t.TempDir()
	if _, err := localca.Open(dir, nil); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "private", "ca-key.pem")
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := localca.Open(dir, nil); err == nil || !strings.Contains(err.Error(), "chmod") {
		t.Errorf("a key that others can read: %v", err)
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	if _, err := localca.Open(dir, nil); err == nil || !strings.Contains(err.Error(), "no key") {
		t.Errorf("without its key: %v", err)
	}
}
