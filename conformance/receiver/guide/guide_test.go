package guide

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

// guideOf returns the guide of a built-in or generic provider.
func guideOf(t *testing.T, name string, o profile.Options) *Guide {
	t.Helper()
	var p *openapi.Provider
	var err error
	for _, f := range catalog.Folders() {
		if f.Name == name {
			p, err = openapi.Open(f.Name, f.FS)
		}
	}
	if p == nil && err == nil {
		p, err = profile.OpenGeneric(name)
	}
	if err != nil {
		t.Fatal(err)
	}
	o.URL, o.Seed = "http://127.0.0.1:4000/hooks", 1
	known, err := profile.New(p, o)
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(known, o.URL)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// A guide names the header of the signature, the places of the person and of the id, each role with what differs, and the
// API.
func TestWrite(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"standard-webhooks": {"header webhook-signature", "it covers {id}.{time}.{body}, in base64", "5 minutes", "event id    /id\n", "person      /data/subject\n", "run         /data/verification\n", "time        /created_at\n",
			"after 5s, 5m0s, 30m0s", "start       POST http://api/verifications\n", "result      GET http://api/verifications/{id}", "  aml-hit          verification: /data/decision \"flagged\", /type \"monitoring.hit\"\n",
			"! not-approved", "credential  signing_secret=whsec_", "webhook-signature: v1,", "--skeleton node, python or go"},
		"prembly":      {"header x-prembly-signature", "event id    none: a repetition is about the same run", "person      not named: remember the run that the application started\n", "run         /verification/reference\n", "rejected         verification.completed: /detail \"Verification Failed\", /response_code \"01\", /status false, /data lacks 56 members", "borderline       sdk.completed", "found-with-code-02"},
		"faceio":       {"header www-authenticate", "reversal         DELETION"},
		"idwise":       {"signature   none: set a header", "event id    /body/eventId"},
		"static-token": {"the secret itself"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := guideOf(t, name, profile.Options{}).Write(&b, "http://api"); err != nil {
				t.Fatal(err)
			}
			for _, text := range want {
				if !strings.Contains(b.String(), text) {
					t.Errorf("%q is missing in\n%s", text, b.String())
				}
			}
		})
	}
}

// Every provider has a skeleton in every language, but for Ed25519 in Python.
func TestSkeletons(t *testing.T) {
	t.Parallel()
	names := profile.Generic()
	for _, f := range catalog.Folders() {
		names = append(names, f.Name)
	}
	for _, name := range names {
		g := guideOf(t, name, profile.Options{})
		for language := range languages {
			err := g.Skeleton(io.Discard, language)
			if refused := name == "standard-webhooks-ed25519" && language == "python"; (err != nil) != refused {
				t.Errorf("%s in %s: %v", name, language, err)
			}
		}
		if err := g.Skeleton(io.Discard, "cobol"); err == nil || !strings.Contains(err.Error(), "use node, python or go") {
			t.Errorf("cobol: %v", err)
		}
	}
}
