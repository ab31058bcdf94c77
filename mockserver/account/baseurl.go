package account

import (
	"context"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/openapi"
)

// PublicURL is the base URL that was set; empty where it is learnt from each request.
func (s *Accounts) PublicURL(ctx context.Context) (string, error) {
	if a := s.Known(Default); a != nil {
		if _, err := refresh(ctx, s, a); err != nil {
			return "", err
		}
	}
	if set := s.publicURL.Load(); set != nil {
		return *set, nil
	}
	return "", nil
}

// SetPublicURL sets the base URL under which applications reach the server. An empty one has it learnt from each request
// again.
func (s *Accounts) SetPublicURL(ctx context.Context, text string) error {
	if text == "" {
		s.publicURL.Store(nil)
		return recordPublicURL(ctx, s)
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return control.Invalidf("invalid base URL %q: use one such as http://idmock.test:8080, optionally with a path", text)
	}
	text = strings.TrimRight(text, "/")
	s.publicURL.Store(&text)
	return recordPublicURL(ctx, s)
}

func recordPublicURL(ctx context.Context, s *Accounts) error {
	if s.records == nil {
		return nil
	}
	_, err := logRecorded(ctx, s, s.Known(Default), time.Time{}, nil)
	return err
}

// BaseURL is the base URL of a provider, as far as it is known without a request.
func (s *Accounts) BaseURL(p *openapi.Provider) string {
	if set := s.publicURL.Load(); set != nil {
		return below(*set, p)
	}
	return below(s.config.Self, p)
}

// BaseURL is the base URL by which the account's application reaches a provider. root is the server's base URL as a
// request says it; empty: the one of the account's latest request.
func (a *Account) BaseURL(p *openapi.Provider, root string) string {
	if a.accounts.publicURL.Load() != nil {
		return a.accounts.BaseURL(p)
	}
	if root != "" {
		return below(root, p)
	}
	if learnt := a.publicURL.Load(); learnt != nil {
		return below(*learnt, p)
	}
	return a.accounts.BaseURL(p)
}

// LearnURL remembers the base URL that an account's request came by: a webhook that is sent later has no request.
func (a *Account) LearnURL(root string) {
	if have := a.publicURL.Load(); root != "" && (have == nil || *have != root) {
		a.publicURL.Store(&root)
	}
}

// below is a provider's base URL under a server's. A host of the provider's own needs no prefix.
func below(root string, p *openapi.Provider) string {
	_, host, _ := strings.Cut(root, "://")
	host, _, _ = strings.Cut(host, "/")
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if p.OwnsHost(host) {
		return root
	}
	return root + p.Prefix
}
