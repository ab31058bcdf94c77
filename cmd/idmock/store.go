package main

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/store/sqlstore"
)

// memoryStore is the --store that ends with the process.
const memoryStore = "memory"

// storeRetry is the pause between two attempts to reach a database.
const storeRetry = 500 * time.Millisecond

type storeFlag struct {
	Store        string        `help:"Where state is kept: memory, sqlite:PATH (one process, survives a restart) or postgres://USER:PASSWORD@HOST/DATABASE (any number of replicas)." default:"memory" placeholder:"STORE"`
	StoreTimeout time.Duration `help:"Time to wait at the start for a database that cannot be reached." default:"30s"`
}

// open opens the store; nil is the memory of the process. A database that cannot be reached is tried again until the timeout.
func (f storeFlag) open(ctx context.Context, r store.Retention, log *slog.Logger) (store.Store, error) {
	if f.Store == memoryStore {
		return nil, nil
	}
	deadline := time.Now().Add(f.StoreTimeout)
	for {
		s, err := sqlstore.Open(ctx, sqlstore.Config{URL: f.Store, Retention: r, Logger: log})
		if err == nil {
			log.Info("store", "store", storeName(f.Store))
			return s, nil
		}
		if !errors.Is(err, store.ErrUnavailable) {
			return nil, untested("--store %s: %v", storeName(f.Store), err)
		}
		if time.Now().Add(storeRetry).After(deadline) {
			return nil, untested("--store %s: %v: start the database, or wait longer with --store-timeout", storeName(f.Store), err)
		}
		log.Warn("the store cannot be reached: trying again", "store", storeName(f.Store), "error", err)
		select {
		case <-time.After(storeRetry):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// storeName is a store's name without its password.
func storeName(name string) string {
	u, err := url.Parse(name)
	if err != nil || strings.HasPrefix(name, "sqlite:") {
		scheme, _, _ := strings.Cut(name, ":")
		if scheme == "sqlite" {
			return name
		}
		return scheme + "://…"
	}
	return u.Redacted()
}
