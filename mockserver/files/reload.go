package files

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"

	"github.com/idmock/idmock/internal/filewatch"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// Server is a running server that reloads. A [mockserver.Engine] is one.
type Server interface {
	// ReplaceProvider replaces the provider of the same name.
	ReplaceProvider(ctx context.Context, p *openapi.Provider) error
	// ReplaceScenarios replaces all scenarios of a source.
	ReplaceScenarios(ctx context.Context, account, source string, all []*scenarios.Scenario) error
	// RefuseScenarios writes the mistakes of a source to the journal.
	RefuseScenarios(ctx context.Context, account, source string, mistakes error) error
}

// Snapshot is a fingerprint of files. Take it before they are read, so that no later change goes unnoticed.
type Snapshot map[string]string

// Snapshot returns the fingerprint of the source's files.
func (s Source) Snapshot() Snapshot {
	all := Snapshot{}
	for _, path := range s.paths() {
		all[path] = fingerprint(path)
	}
	for _, d := range s.Documents {
		for _, part := range d.partFiles() {
			all[d.From] += all[part]
		}
	}
	return all
}

// fingerprint hashes the files at or below a path. Files that disappear meanwhile are ignored.
func fingerprint(path string) string {
	sum := sha256.New()
	err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := inDirectory(path, name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		fmt.Fprintf(sum, "%q %d\n%s\n", name, len(text), text)
		return err
	})
	return fmt.Sprintf("%x %v", sum.Sum(nil), err)
}

// Watch reloads the files into the server whenever they change, until the returned function is called. loaded is the
// snapshot that the server was started with. Invalid files are logged and written to the journal; the server keeps the
// last valid version.
func (s Source) Watch(ctx context.Context, loaded Snapshot, server Server, log *slog.Logger) (stop func() error, err error) {
	w, err := filewatch.New(s.paths())
	if err != nil {
		return nil, err
	}
	r := &reloader{source: s, server: server, log: log, seen: loaded, served: loaded}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		r.reload(ctx) // changes since the snapshot
		w.Run(ctx, func() { r.reload(ctx) }, func(err error) { log.Warn("file watch incomplete: some changes may be missed", "error", err) })
	})
	return func() error {
		cancel()
		running.Wait()
		return w.Close()
	}, nil
}

// reloader reloads changed files into a server.
type reloader struct {
	source Source
	server Server
	log    *slog.Logger
	seen   Snapshot // of the last reload, valid or not
	served Snapshot // of the last valid one
}

// reload reads all files again if any has changed.
func (r *reloader) reload(ctx context.Context) {
	now := r.source.Snapshot()
	if maps.Equal(now, r.seen) {
		return
	}
	r.seen = now
	if err := r.replace(ctx, now); err != nil {
		r.log.Error("reload failed: the previous version is still served", "error", err)
		if err := r.server.RefuseScenarios(ctx, "", library.FilesSource, err); err != nil {
			r.log.Error("reload error not written to the journal", "error", err)
		}
		return
	}
	r.served = now
}

// replace replaces the changed providers and all scenarios, if every file is valid.
func (r *reloader) replace(ctx context.Context, now Snapshot) error {
	providers, from, err := r.source.Open()
	if err != nil {
		return err
	}
	all, err := r.source.ParseScenarios(providers)
	if err != nil {
		return err
	}
	var names []string
	for _, p := range r.changed(now, providers, from) {
		if err := r.server.ReplaceProvider(ctx, p); err != nil {
			return err
		}
		names = append(names, p.Name)
	}
	if err := r.server.ReplaceScenarios(ctx, "", library.FilesSource, all); err != nil {
		return err
	}
	r.log.Info("reloaded", "scenarios", len(all), "providers", names)
	return nil
}

// changed returns the providers whose directories or documents differ from the served version.
func (r *reloader) changed(now Snapshot, providers []*openapi.Provider, from map[string]string) []*openapi.Provider {
	return slices.DeleteFunc(slices.Clone(providers), func(p *openapi.Provider) bool {
		path, own := from[p.Name]
		return !own || now[path] == r.served[path]
	})
}
