// Package filewatch tells when files change, so that what was read from them can be read again.
//
// It tells that something below some paths is new, changed or gone, and not what: whoever is told reads all of it again
// and compares. Editors save in steps, by truncating and writing, or by writing beside and renaming; what they do is told
// once, when it has been quiet for a moment. The folders that hold the files are watched, not the files, so that one
// that is replaced is still seen. Nothing is polled.
package filewatch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settled is how long it has to be quiet after a change.
const settled = 50 * time.Millisecond

// Watcher watches files, and folders with all that is below them.
type Watcher struct {
	events  *fsnotify.Watcher
	folders []string // absolute
	files   []string
}

// New begins to watch. The paths need not stay what they are: one that is removed and made anew is watched again. Close
// ends it.
func New(paths []string) (*Watcher, error) {
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch files: %w", err)
	}
	w := &Watcher{events: events}
	for _, path := range paths {
		if err := w.add(path); err != nil {
			return nil, errors.Join(fmt.Errorf("watch %s: %w", path, err), events.Close())
		}
	}
	return w, nil
}

// Close ends the watching, and Run.
func (w *Watcher) Close() error { return w.events.Close() }

func (w *Watcher) add(path string) error {
	whole, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(whole)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		w.files = append(w.files, whole)
		return w.events.Add(filepath.Dir(whole))
	}
	w.folders = append(w.folders, whole)
	if err := w.events.Add(filepath.Dir(whole)); err != nil { // where it is seen that the folder itself comes back
		return err
	}
	return w.descend(whole)
}

// descend watches a folder and all below it. What vanishes meanwhile is no error.
func (w *Watcher) descend(folder string) error {
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = w.events.Add(path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}

// Run calls changed after something has changed and it has been quiet for a moment, until ctx ends or Close is called.
// failed is told what keeps the watching from being complete. Calls come one after the other.
func (w *Watcher) Run(ctx context.Context, changed func(), failed func(error)) {
	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case event, ok := <-w.events.Events:
			if !ok {
				return
			}
			if w.concerns(event.Name) && event.Op != fsnotify.Chmod {
				if event.Has(fsnotify.Create) {
					w.appeared(event.Name, failed)
				}
				quiet.Reset(settled)
			}
		case err, ok := <-w.events.Errors:
			if !ok {
				return
			}
			failed(err)
			quiet.Reset(settled) // events were lost: there may have been any
		case <-quiet.C:
			changed()
		}
	}
}

// concerns reports whether a path is one of those that are watched, or lies below one.
func (w *Watcher) concerns(path string) bool {
	for _, file := range w.files {
		if path == file {
			return true
		}
	}
	for _, folder := range w.folders {
		if path == folder || strings.HasPrefix(path, folder+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// appeared watches a folder that is new.
func (w *Watcher) appeared(path string, failed func(error)) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return // a file, or gone again
	}
	if err := w.descend(path); err != nil {
		failed(fmt.Errorf("watch %s: %w", path, err))
	}
}
