//go:build unix

package main

import "path/filepath"

// stores compares calls on lasting stores with calls in memory.
func (b *bench) stores() error {
	memory, err := b.serve()
	if err != nil {
		return err
	}
	for _, s := range []struct{ name, url, wanted string }{
		{"SQLite", "sqlite:" + filepath.Join(filepath.Dir(b.idmock), "bench.db"), "at least 0.15"},
		{"PostgreSQL", b.postgres, "at least 0.1"},
	} {
		if s.url == "" {
			continue
		}
		lasting, err := b.serve("--store", s.url)
		if err != nil {
			return err
		}
		times, err := b.alternate(memory, lasting)
		if err != nil {
			return err
		}
		b.report("calls a second on "+s.name+" at 16 connections, share of memory's", s.wanted, times...)
		lasting.Kill()
	}
	return nil
}
