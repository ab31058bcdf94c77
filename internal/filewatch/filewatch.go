// Package filewatch reports that files have changed, so that they can be read again.
//
// A report does not name the change: the caller reads everything again and compares. Editors save in several steps (truncate
// and write, or write a copy and rename it), so changes are reported once they have been quiet for a moment. Directories are
// watched instead of files, so that a replaced file is noticed. Nothing is polled.
package filewatch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// quietPeriod is the time without changes after which they are reported.
const quietPeriod = 50 * time.Millisecond

// Watcher watches files, and directories with everything below them.
type Watcher struct {
	notify      *fsnotify.Watcher
	directories []string // absolute
	files       []string // absolute
}

// New returns a watcher of existing paths. A path that is removed and created again stays watched. Call Close to release
// it.
func New(paths []string) (*Watcher, error) {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch files: %w", err)
	}
	w := &Watcher{notify: notify}
	for _, path := range paths {
		if err := w.add(path); err != nil {
			return nil, errors.Join(fmt.Errorf("watch %s: %w", path, err), notify.Close())
		}
	}
	return w, nil
}

// Close stops watching and ends Run.
func (w *Watcher) Close() error { return w.notify.Close() }

func (w *Watcher) add(path string) error {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(absolute)
	if err != nil {
		return err
	}
	if err := w.notify.Add(filepath.Dir(absolute)); err != nil { // reports that the path is created again
		return err
	}
	if !info.IsDir() {
		w.files = append(w.files, absolute)
		return nil
	}
	w.directories = append(w.directories, absolute)
	return w.addTree(absolute)
}

// addTree watches a directory and all directories below it. Those that disappear meanwhile are ignored.
func (w *Watcher) addTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = w.notify.Add(path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}

// Run calls changed after files have changed, and failed for errors that may hide a change, until ctx ends or Close is
// called. Calls do not overlap.
func (w *Watcher) Run(ctx context.Context, changed func(), failed func(error)) {
	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case event, ok := <-w.notify.Events:
			if !ok {
				return
			}
			if w.watches(event.Name) && event.Op != fsnotify.Chmod {
				if event.Has(fsnotify.Create) {
					w.created(event.Name, failed)
				}
				quiet.Reset(quietPeriod)
			}
		case err, ok := <-w.notify.Errors:
			if !ok {
				return
			}
			failed(err)
			quiet.Reset(quietPeriod) // the lost events may have been changes
		case <-quiet.C:
			changed()
		}
	}
}

// watches reports whether a path is watched, or below a watched directory.
func (w *Watcher) watches(path string) bool {
	return slices.Contains(w.files, path) || slices.ContainsFunc(w.directories, func(dir string) bool {
		return path == dir || strings.HasPrefix(path, dir+string(filepath.Separator))
	})
}

// created watches a new directory.
func (w *Watcher) created(path string, failed func(error)) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return // a file, or already removed
	}
	if err := w.addTree(path); err != nil {
		failed(fmt.Errorf("watch %s: %w", path, err))
	}
}
