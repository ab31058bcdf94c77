package openapi_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi"
)

const switchable = `
title: Acme
credential: {header: x-key}
credentials: {secret: s3cret}
errors: {ERRORS}
webhook:
  headers:
    - [X-Signature, '${signature}']
    - [X-Old, '${endpoint.shape == "old" ? "yes" : nil}']
  signature: {scheme: hmac-sha256, secret: secret}
  signatures: {old: {scheme: base64-key, secret: secret}}
events:
  done: {template: new.json, shapes: {old: old.json}}
switches: {signature: [hmac, old], shape: [new, old]}
`

func switchableAcme(t *testing.T) *openapi.Provider {
	t.Helper()
	var kinds []string
	for _, kind := range openapi.Kinds() {
		kinds = append(kinds, fmt.Sprintf("%s: {status: 400, body: {}}", kind))
	}
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	p, err := openapi.Open("acme", fstest.MapFS{
		"provider.yaml": file(strings.Replace(switchable, "ERRORS", strings.Join(kinds, ", "), 1)),
		"new.json":      file(`{"new": true}`),
		"old.json":      file(`{"old": true}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// An endpoint's switches choose signature and shape; a header that has nothing to say is not sent.
func TestSwitches(t *testing.T) {
	p := switchableAcme(t)
	for _, c := range []struct {
		switches map[string]string
		body     string
		header   [][2]string
	}{
		{nil, `{"new":true}`, [][2]string{{"X-Signature", "fb31eQh9KyjlqmPBsS3fLeEcr91PhzcllIlf9PhkXaM="}}},
		{map[string]string{"signature": "old"}, `{"new":true}`, [][2]string{{"X-Signature", "czNjcmV0"}}},
		{map[string]string{"signature": "old", "shape": "old"}, `{"old":true}`, [][2]string{{"X-Signature", "czNjcmV0"}, {"X-Old", "yes"}}},
	} {
		if err := p.Switches().Check(c.switches); err != nil {
			t.Fatal(err)
		}
		d, err := p.Webhooks().Deliver("done", nil, &template.Scope{Account: map[string]any{"secret": "s3cret"}, Endpoint: p.Switches().Endpoint("e", "http://x", c.switches)}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.body, string(d.Body)); diff != "" {
			t.Errorf("%v: body (-want +got):\n%s", c.switches, diff)
		}
		if diff := cmp.Diff(c.header, d.Header); diff != "" {
			t.Errorf("%v: header (-want +got):\n%s", c.switches, diff)
		}
		if d.SignedBy != "secret" {
			t.Errorf("%v: signed by %q", c.switches, d.SignedBy)
		}
	}
}

func TestBadSwitchesAreRefused(t *testing.T) {
	p := switchableAcme(t)
	for _, bad := range []map[string]string{{"signature": "none"}, {"colour": "red"}} {
		if err := p.Switches().Check(bad); err == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
}
