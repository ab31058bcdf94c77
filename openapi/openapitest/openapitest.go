// Package openapitest tests provider folders: one suite for all of them, built-in and a user's own.
//
// A folder that passes can be served: its document is valid, everything in it renders and satisfies the document's own
// schemas, one subject is one person everywhere, invalid requests get the provider's own errors, and signatures can be
// verified. The suite knows no provider by name and takes its expectations from the folder itself, which it reads without
// package openapi.
//
// It does not validate scenarios as such, but plays those in the folder, or those that ship for its name, to check the
// webhooks they send.
package openapitest

import (
	"bytes"
	"io/fs"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi"
)

// Every operation answers with maxSeeds seeds, or fewer where there are many operations.
const (
	minSeeds   = 8
	maxSeeds   = 200
	maxReplies = 2000 // of all operations together
)

// suite is a folder being judged.
type suite struct {
	p          *openapi.Provider
	operations []*openapi.Operation
	document   *template.Node // openapi.yaml
	derived    sync.Map       // credentials by seed
}

// Run tests the directory of the provider with this name.
func Run(t *testing.T, name string, folder fs.FS) {
	p, err := openapi.Open(name, folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	if faults, err := openapi.Faults(p); err != nil || len(faults) > 0 {
		t.Fatal(err, faults.Err())
	}
	src, err := fs.ReadFile(folder, "openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s := &suite{p: p}
	if s.document, err = template.ReadDocument(bytes.NewReader(src)); err != nil {
		t.Fatal(err)
	}
	if s.operations, err = p.Operations(); err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		name  string
		judge func(*testing.T)
	}{
		{"answers are true to their schema for every seed", s.seeds},
		{"documented examples render and fit", s.examples},
		{"one subject is one person", s.people},
		{"errors have the provider's shape", s.errors},
		{"documented requests are accepted", s.accepted},
		{"bad requests are refused by field", s.refused},
		{"calls that are no call are refused", s.uncallable},
		{"events are true to their schema", s.events},
		{"scenarios send what fits", s.scenarios},
		{"signatures can be verified", s.signatures},
		{"variables point an app at it", s.env},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.judge(t)
		})
	}
}

// account is the account of the calls. Its seed generates the people.
const account = "openapitest"

// now is when everything happens.
var now = time.Date(2026, 3, 2, 10, 30, 0, 123456000, time.UTC)

// credentials returns those of the account with a seed, which derives them once.
func (s *suite) credentials(seed uint64) (map[string]any, error) {
	if derived, ok := s.derived.Load(seed); ok {
		return maps.Clone(derived.(map[string]any)), nil
	}
	derived, err := s.p.Credentials(account, seed)
	if err != nil {
		return nil, err
	}
	derived["name"], derived["seed"] = account, seed
	s.derived.Store(seed, derived)
	return maps.Clone(derived), nil
}

// scope returns a scope as the engine renders with it: a run of the operation, for a subject, in a state.
func (s *suite) scope(t *testing.T, seed uint64, op *openapi.Operation, subject string, state map[string]any) *template.Scope {
	t.Helper()
	credentials, err := s.credentials(seed)
	if err != nil {
		t.Fatal(err)
	}
	reference := fake.UUID(seed, s.p.Name, subject)
	run := map[string]any{"id": reference, "reference": reference, "operation": op.ID, "scenario": "default", "subject": subject, "started": now}
	for key, value := range state {
		run[key] = value
	}
	made := &template.Scope{Subject: subject, Account: credentials, Run: run, Fake: fake.New(fake.Seed(seed, "subject", subject)),
		Delivery: map[string]any{"id": "d-1"}, Now: now,
		Endpoint: map[string]any{"id": "e-1", "url": "https://app.example.com/hook", "events": []any{}}}
	own, err := op.Reference(made)
	if err != nil {
		t.Fatalf("%s: reference: %v", op.ID, err)
	}
	if own != "" {
		run["id"], run["reference"] = own, own
	}
	return made
}

// asked adds the values of a call with the documented request to a scope.
func asked(t *testing.T, s *template.Scope, op *openapi.Operation) *template.Scope {
	t.Helper()
	_, body, err := op.Request(s.Subject)
	if err != nil { // the subject is made of several fields, or of a part of one
		_, body, err = op.Request("")
	}
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		if s.Body, err = body.Value(nil); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// starting lists the operations that start a run.
func (s *suite) starting() []*openapi.Operation {
	var all []*openapi.Operation
	for _, op := range s.operations {
		if op.Starts() {
			all = append(all, op)
		}
	}
	return all
}
