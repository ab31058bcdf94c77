package account

import (
	"context"

	"github.com/idmock/idmock/mockserver/tx"
)

// prefetcher is a store whose documents are a round trip away. It returns a context with which they are read as they were when it was
// made, until a commit with it.
type prefetcher interface {
	Prefetch(ctx context.Context, keys [4]string) (context.Context, error)
}

// Prefetch reads at once what every unit of work of an account reads: its record and its settings, and the default account's. It is for
// one unit of work that has just begun; without such a store it does nothing.
func Prefetch(ctx context.Context, s *Accounts, name string) context.Context {
	p, ok := s.store.(prefetcher)
	if !ok {
		return ctx
	}
	with, err := p.Prefetch(ctx, [4]string{tx.AccountKey(name), tx.SettingsKey(name), tx.AccountKey(Default), tx.SettingsKey(Default)})
	if err != nil { // whatever reads them next fails, too, and reports it
		return ctx
	}
	return with
}
