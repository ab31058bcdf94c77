package sqlstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver/store"
)

// On a full disk, changes fail and say why, readers go on, and nothing is torn: what was acknowledged is there, and nothing else.
// Room ends it without a restart.
func TestSecurityFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "full.db")
	s := open(t, path, store.Retention{})
	write := func(n int) error {
		key := fmt.Sprintf("a\x1f%03d", n)
		_, err := s.Commit(t.Context(), store.Change{
			Docs:    []store.Doc{{Key: key, Data: bytes.Repeat([]byte("x"), 8<<10)}, {Key: key + "/also", Data: []byte("y")}},
			Entries: []store.Entry{{Account: "a", Kind: "e", Ref: key, Data: []byte("{}")}},
		})
		return err
	}
	if err := s.LimitPages(100); err != nil {
		t.Fatal(err)
	}
	acknowledged := 0
	var err error
	for ; err == nil && acknowledged < 1000; acknowledged++ {
		err = write(acknowledged)
	}
	acknowledged-- // the last one failed
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "disk is full") || acknowledged == 0 {
		t.Fatalf("after %d changes: %v, want an error that names the full disk", acknowledged, err)
	}
	if err := s.Writable(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("writable on a full disk: %v", err)
	}
	holds := func() {
		t.Helper()
		docs, err := s.List(t.Context(), "a\x1f", "", 10_000)
		entries, readErr := s.Read(t.Context(), "a", 0, 10_000)
		if err != nil || readErr != nil || len(docs) != 2*acknowledged || len(entries) != acknowledged {
			t.Errorf("%d documents and %d entries of %d changes, %v, %v", len(docs), len(entries), acknowledged, err, readErr)
		}
	}
	holds()
	if err := s.LimitPages(0); err != nil {
		t.Fatal(err)
	}
	if err := s.Writable(t.Context()); err != nil { // nothing else was written meanwhile
		t.Errorf("writable with room again: %v", err)
	}
	if err := write(acknowledged); err != nil {
		t.Errorf("with room again: %v", err)
	}
	acknowledged++
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, store.Retention{})
	defer s.Close()
	holds()
}
