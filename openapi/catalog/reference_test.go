package catalog_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/catalog"
)

// sampleReference is the reference in the documents' examples. Other ids end in other digits.
var sampleReference = []byte("00000000-0000-4000-8000-000000000001")

// A response to a request that starts a run names that run, not the one of the document's example, which all would share.
func TestResponsesNameTheirRun(t *testing.T) {
	all, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		operations, err := p.Operations()
		if err != nil {
			t.Fatal(err)
		}
		credentials, err := p.Credentials("a", 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range operations {
			if !op.Starts() {
				continue
			}
			for _, name := range op.Examples() {
				s := &template.Scope{Subject: "12345678901", Account: credentials, Fake: fake.New(2), Now: time.Unix(1, 0).UTC(),
					Run: map[string]any{"id": "REFERENCE", "reference": "REFERENCE", "subject": "12345678901", "started": time.Unix(1, 0).UTC()}}
				reply, err := p.Reply(op, name, nil, s)
				if err != nil {
					t.Errorf("%s %s: %s: %v", p.Name, op.ID, name, err)
				}
				if i := bytes.Index(reply.Body, sampleReference); i >= 0 {
					t.Errorf("%s %s: %s has the example's reference: …%s", p.Name, op.ID, name, reply.Body[max(0, i-40):min(len(reply.Body), i+40)])
				}
			}
		}
	}
}
