package httpapi_test

import (
	"context"
	"fmt"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
)

func (b endpoints) Endpoints(context.Context, string) ([]webhook.Endpoint, error) {
	return b.backend.endpoints, b.failed()
}

func (b endpoints) SetEndpoint(_ context.Context, ep webhook.Endpoint) (webhook.Endpoint, error) {
	if ep.URL == "nowhere" {
		return ep, control.Invalidf("url %q: give an absolute one, as http://127.0.0.1:4000/hooks", ep.URL)
	}
	ep.ID = "e-1"
	b.backend.endpoints = append(b.backend.endpoints, ep)
	return ep, b.failed()
}

func (b endpoints) RemoveEndpoint(_ context.Context, _, id string) error {
	if id != "e-1" {
		return fmt.Errorf("endpoint %q: %w", id, store.ErrNotFound)
	}
	return b.failed()
}

func (b accounts) AccountsAfter(ctx context.Context, after string, limit int) ([]control.Account, error) {
	all, err := b.Accounts(ctx)
	if after >= all[0].Name || limit < 1 {
		return []control.Account{}, err
	}
	return all, err
}

func (b accounts) Accounts(context.Context) ([]control.Account, error) {
	return []control.Account{{Name: "test_sk_1", Seed: 1<<64 - 1, Clock: b.time.State(), Pending: 2,
		Credentials: map[string]map[string]string{"acme": {"api_key": "test_sk_1"}}}}, b.failed()
}

func (b accounts) Account(ctx context.Context, name string) (control.Account, error) {
	all, err := b.Accounts(ctx)
	if name != all[0].Name && name != "fresh/one" {
		return control.Account{}, fmt.Errorf("account %q: %w", name, store.ErrNotFound)
	}
	return all[0], err
}

func (b accounts) Require(_ context.Context, name string) error {
	if name == "stranger" {
		return fmt.Errorf("account %q: %w: not used yet, or deleted, did you mean %q?", name, store.ErrNotFound, "test_sk_1")
	}
	return nil
}

func (b accounts) SetSeed(_ context.Context, name string, _ uint64) error {
	if name == "used" {
		return control.Invalidf("account %q has made up names already", name)
	}
	return b.failed()
}

func (b accounts) Drop(ctx context.Context, name string) error {
	_, err := b.Account(ctx, name)
	return err
}

func (b accounts) Reset(_ context.Context, account string) error {
	b.backend.resets = append(b.resets, account)
	return b.failed()
}

func (b accounts) Ended(ctx context.Context, account string) error { return b.Idle(ctx, account) }

func (b accounts) Idle(ctx context.Context, _ string) error {
	if err := b.failed(); err != nil {
		return err
	}
	return b.idle(ctx)
}
