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

// watch watches paths until the test ends, and returns a channel that receives for each reported change.
func watch(t *testing.T, paths ...string) <-chan struct{} {
	t.Helper()
	w, err := filewatch.New(paths)
	if err != nil {
		t.Fatal(err)
	}
	changes := make(chan struct{}, 100)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx, func() { changes <- struct{}{} }, func(err error) { t.Error(err) }) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return changes
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

// Every way of saving is reported: writing in place, replacing by a rename, removing and creating again, in new directories.
func TestRunReportsChanges(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder, file, other := filepath.Join(dir, "folder"), filepath.Join(dir, "beside", "one.yaml"), filepath.Join(dir, "beside", "other.yaml")
	inside := filepath.Join(folder, "deep", "a.yaml")
	write(t, inside, "a")
	write(t, file, "a")
	write(t, other, "a")
	changes := watch(t, folder, file)
	for _, step := range []struct {
		what string
		do   func()
	}{
		{"a file written in place", func() { write(t, file, "b") }},
		{"a file in a directory written in place", func() { write(t, inside, "b") }},
		{"a file replaced by a rename", func() {
			write(t, file+".swp", "c")
			must(t, os.Rename(file+".swp", file))
		}},
		{"the replaced file written in place", func() { write(t, file, "d") }},
		{"a file moved away and created again", func() {
			must(t, os.Rename(file, file+"~"))
			write(t, file, "e")
		}},
		{"a new directory with a file", func() { write(t, filepath.Join(folder, "new", "b.yaml"), "a") }},
		{"a file in the new directory", func() { write(t, filepath.Join(folder, "new", "b.yaml"), "b") }},
		{"the directory removed", func() { must(t, os.RemoveAll(folder)) }},
		{"the directory created again", func() { write(t, inside, "c") }},
		{"a file in the directory created again", func() { write(t, inside, "d") }},
		{"a file removed", func() { must(t, os.Remove(file)) }},
	} {
		step.do()
		select {
		case <-changes:
		case <-time.After(patience):
			t.Fatalf("%s was not reported", step.what)
		}
		drain(t, changes)
	}

	drain(t, changes)
	write(t, other, "b") // a neighbour of a watched file is not watched
	select {
	case <-changes:
		t.Error("a change of an unwatched neighbour was reported")
	case <-time.After(300 * time.Millisecond):
	}
}

// drain waits until it is quiet: a busy machine may report one step in parts.
func drain(t *testing.T, changes <-chan struct{}) {
	t.Helper()
	for {
		select {
		case <-changes:
		case <-time.After(300 * time.Millisecond):
			return
		}
	}
}

// A path that does not exist is an error.
func TestNewFailsForMissingPaths(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "none")
	if w, err := filewatch.New([]string{missing}); err == nil || !strings.Contains(err.Error(), "watch "+missing) {
		t.Errorf("%v, %v", w, err)
	}
}
