package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/idmock/idmock/internal/filewatch"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/openapi"
)

// reloader keeps a server up to date with the files and folders that it was given. What has mistakes is told and not
// taken: what was served before stays.
type reloader struct {
	given  *serveCmd
	engine *mockserver.Engine
	log    *slog.Logger

	served map[string]string // fingerprints of folders of providers, as they are served
	looked map[string]string // of all that is watched, as it was when it was last looked at
}

// watch begins to keep a server up to date. before are the fingerprints of what it was given, taken before that was read.
// The function that it returns ends that.
func (c *serveCmd) watch(ctx context.Context, before map[string]string, engine *mockserver.Engine, log *slog.Logger) (end func() error, err error) {
	if !c.Watch {
		return func() error { return nil }, nil
	}
	w, err := filewatch.New(c.watched())
	if err != nil {
		return nil, err
	}
	r := &reloader{given: c, engine: engine, log: log, looked: before, served: before}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		r.reload(ctx) // what was saved since the files were read
		w.Run(ctx, func() { r.reload(ctx) }, func(err error) { log.Warn("some changes of files may go unseen", "error", err) })
	})
	return func() error {
		cancel()
		running.Wait()
		return w.Close()
	}, nil
}

// watched are the files and folders that --watch is about.
func (c *serveCmd) watched() []string { return slices.Concat(c.Scenarios, c.Provider) }

// reload takes what has changed, if it has and if all of it is right.
func (r *reloader) reload(ctx context.Context) {
	now := fingerprints(r.given.watched())
	if maps.Equal(now, r.looked) {
		return
	}
	r.looked = now
	providers, err := r.given.open()
	var replaced []*openapi.Provider
	if err == nil {
		replaced = r.changed(now, providers)
	}
	if err == nil {
		err = r.take(ctx, providers, replaced)
	}
	if err != nil {
		r.log.Error("files changed and have mistakes: what was served before stays", "error", err)
		if err := r.engine.RefuseScenarios(ctx, "", library.FilesSource, err); err != nil {
			r.log.Error("mistakes could not be told in the journal", "error", err)
		}
		return
	}
	r.served = now
}

// changed are the providers whose folders are not as they are served.
func (r *reloader) changed(now map[string]string, providers []*openapi.Provider) []*openapi.Provider {
	var all []*openapi.Provider
	for _, dir := range r.given.Provider {
		whole, err := filepath.Abs(dir)
		if err != nil || now[dir] == r.served[dir] {
			continue
		}
		for _, p := range providers {
			if p.Name == filepath.Base(whole) {
				all = append(all, p)
			}
		}
	}
	return all
}

// take has the server play what is in the files now.
func (r *reloader) take(ctx context.Context, providers, replaced []*openapi.Provider) error {
	all, err := r.given.parse(providers)
	if err != nil {
		return err
	}
	var names []string
	for _, p := range replaced {
		if err := r.engine.ReplaceProvider(ctx, p); err != nil {
			return err
		}
		names = append(names, p.Name)
	}
	if err := r.engine.ReplaceScenarios(ctx, "", library.FilesSource, all); err != nil {
		return err
	}
	r.log.Info("files changed and are served", "scenarios", len(all), "providers", names)
	return nil
}

// fingerprints tell whether what is at these paths, or below them, is the same as before.
func fingerprints(paths []string) map[string]string {
	all := map[string]string{}
	for _, path := range paths {
		sum := sha256.New()
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			src, err := os.ReadFile(name)
			if errors.Is(err, fs.ErrNotExist) {
				return nil // it has just gone
			}
			fmt.Fprintf(sum, "%q %d\n%s\n", name, len(src), src)
			return err
		})
		all[path] = fmt.Sprintf("%x %v", sum.Sum(nil), err)
	}
	return all
}
