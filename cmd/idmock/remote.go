package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/scenarios"
)

// remote is a server that is driven over its control API, wherever it runs.
type remote struct {
	base string // without a slash at its end
	http http.Client
}

// newRemote reads the address of a server. flag is what it was given by.
func newRemote(flag, address string) (*remote, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, verdict{exitUntested, fmt.Sprintf("%s %q is no address of a server: want one such as http://127.0.0.1:8080", flag, address)}
	}
	return &remote{base: strings.TrimSuffix(address, "/"), http: http.Client{Transport: &http.Transport{}}}, nil // not by way of a proxy: the server is near
}

// refused is what a server says to a request that it does not carry out.
type refused struct {
	Status   int              `json:"status"`
	Detail   string           `json:"detail"`
	Mistakes control.Mistakes `json:"mistakes"`
}

func (r *refused) Error() string {
	if len(r.Mistakes) == 0 {
		return r.Detail
	}
	return r.problems().Error()
}

// problems are the mistakes as lint tells them.
func (r *refused) problems() scenarios.Problems {
	all := make(scenarios.Problems, len(r.Mistakes))
	for i, m := range r.Mistakes {
		all[i] = scenarios.Problem{File: m.File, Line: m.Line, Column: m.Column, Message: m.Message, Source: m.Source}
	}
	return all
}

// unreachable says that no idmock answers.
type unreachable struct{ error }

func (u unreachable) Unwrap() error { return u.error }

// request makes a request for an account and returns the answer, which is a success.
func (r *remote) request(ctx context.Context, method, path, account string, query url.Values, body any) (*http.Response, error) {
	if query == nil {
		query = url.Values{}
	}
	if account != "" {
		query.Set("account", account)
	}
	var src []byte
	if body != nil {
		var err error
		if src, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	address := r.base + control.Base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	q, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(src))
	if err != nil {
		return nil, err
	}
	q.Header.Set("Content-Type", "application/json")
	answer, err := r.http.Do(q)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, unreachable{fmt.Errorf("no idmock answers at %s: %w: start one with `idmock serve`, or say where it is", r.base, err)}
	}
	if answer.StatusCode < 300 {
		return answer, nil
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	problem := &refused{Status: answer.StatusCode}
	if json.Unmarshal(said, problem) != nil || problem.Detail == "" || answer.Header.Get("X-Idmock") == "" {
		return nil, unreachable{fmt.Errorf("%s answers %s: is it idmock that listens there?", address, answer.Status)}
	}
	return nil, problem
}

// ask makes a request and decodes the answer, if out is not nil.
func (r *remote) ask(ctx context.Context, method, path, account string, body, out any) error {
	return r.query(ctx, method, path, account, nil, body, out)
}

func (r *remote) query(ctx context.Context, method, path, account string, query url.Values, body, out any) error {
	answer, err := r.request(ctx, method, path, account, query, body)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return unreachable{fmt.Errorf("%s%s%s: the answer cannot be read: %w: is it idmock that listens there?", r.base, control.Base, path, err)}
	}
	return nil
}

// line is an entry of the journal as it is sent.
type line struct {
	Seq     uint64          `json:"seq"`
	At      time.Time       `json:"at"`
	Wall    time.Time       `json:"wall"`
	Account string          `json:"account"`
	Kind    string          `json:"kind"`
	Data    json.RawMessage `json:"data"`
}

func (l line) entry() store.Entry {
	return store.Entry{Seq: l.Seq, At: l.At, Wall: l.Wall, Account: l.Account, Kind: l.Kind, Data: l.Data}
}

// journal hands over an account's entries after a Seq as they come; without follow it ends with those that there are.
func (r *remote) journal(ctx context.Context, account string, after uint64, follow bool, yield func(store.Entry)) error {
	query := url.Values{"format": {"ndjson"}, "after": {fmt.Sprint(after)}}
	if follow {
		query.Set("follow", "true")
	}
	answer, err := r.request(ctx, http.MethodGet, "/journal", account, query, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	in := bufio.NewReaderSize(answer.Body, 64<<10)
	for {
		text, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(text) == 0 {
			return nil
		}
		if err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return unreachable{fmt.Errorf("%s broke off while it told the journal: %w", r.base, err)}
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return fmt.Errorf("journal of %s: %w", r.base, err)
		}
		yield(l.entry())
	}
}

// head is the last Seq of the journal.
func (r *remote) head(ctx context.Context) (uint64, error) {
	var answer struct {
		Head uint64 `json:"head"`
	}
	err := r.query(ctx, http.MethodGet, "/journal", "", url.Values{"limit": {"1"}}, nil, &answer)
	return answer.Head, err
}

// ended waits until nothing of an account is to come, as its clock goes.
func (r *remote) ended(ctx context.Context, account string) error {
	for {
		err := r.ask(ctx, http.MethodPost, "/wait/idle", account, map[string]any{"end": true, "timeout": "10m"}, nil)
		var problem *refused
		if !errors.As(err, &problem) || problem.Status != http.StatusRequestTimeout {
			return err
		}
	}
}
