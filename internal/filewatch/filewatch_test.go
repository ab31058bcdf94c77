package filewatch_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/filewatch"
)

const patience = 20 * time.Second

// watching watches paths for a test's life, and returns what tells of changes.
func watching(t *testing.T, paths ...string) <-chan struct{} {
	t.Helper()
	w, err := filewatch.New(paths)
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan struct{}, 100)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx, func() { told <- struct{}{} }, func(err error) { t.Error(err) }) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return told
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o644))
}

// Every way of saving is seen: writing in place, replacing by a rename, removing and making anew, in folders that are new.
func TestChangesAreTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder, file, other := filepath.Join(dir, "folder"), filepath.Join(dir, "beside", "one.yaml"), filepath.Join(dir, "beside", "other.yaml")
	inside := filepath.Join(folder, "deep", "a.yaml")
	write(t, inside, "a")
	write(t, file, "a")
	write(t, other, "a")
	told := watching(t, folder, file)
	for _, step := range []struct {
		what string
		do   func()
	}{
		{"a file written in place", func() { write(t, file, "b") }},
		{"a file in a folder written in place", func() { write(t, inside, "b") }},
		{"a file replaced by a rename", func() {
			write(t, file+".swp", "c")
			must(t, os.Rename(file+".swp", file))
		}},
		{"the replaced file written in place", func() { write(t, file, "d") }},
		{"a file moved away and made anew", func() {
			must(t, os.Rename(file, file+"~"))
			write(t, file, "e")
		}},
		{"a new folder with a file", func() { write(t, filepath.Join(folder, "new", "b.yaml"), "a") }},
		{"a file in the new folder", func() { write(t, filepath.Join(folder, "new", "b.yaml"), "b") }},
		{"the folder removed", func() { must(t, os.RemoveAll(folder)) }},
		{"the folder made anew", func() { write(t, inside, "c") }},
		{"a file in the folder made anew", func() { write(t, inside, "d") }},
		{"a file removed", func() { must(t, os.Remove(file)) }},
	} {
		step.do()
		select {
		case <-told:
		case <-time.After(patience):
			t.Fatalf("%s was not told", step.what)
		}
		drain(t, told)
	}

	drain(t, told)
	write(t, other, "b") // what lies beside a file is nobody's business
	select {
	case <-told:
		t.Error("a neighbour's change was told")
	case <-time.After(300 * time.Millisecond):
	}
}

// drain waits until it is quiet: a step may be told in parts on a machine that is busy.
func drain(t *testing.T, told <-chan struct{}) {
	t.Helper()
	for {
		select {
		case <-told:
		case <-time.After(300 * time.Millisecond):
			return
		}
	}
}

func TestWhatCannotBeWatched(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "none")
	if w, err := filewatch.New([]string{missing}); err == nil || !strings.Contains(err.Error(), "watch "+missing) {
		t.Errorf("%v, %v", w, err)
	}
}
