package account

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
)

// A stored document outlives the JSON library that wrote it: its members, in particular those of embedded structs, stay.
func TestSettingsDocument(t *testing.T) {
	seed := uint64(7)
	scope := Scope{Provider: "acme", Event: "verification.*", Endpoint: "e1"}
	want := Settings{
		Endpoints: []webhook.Endpoint{},
		Pending:   []PendingScenario{{ID: 1, Provider: "acme", Scenario: "late", Subject: "1", Requests: 2}},
		LastID:    1,
		Defaults:  map[string]string{"acme": "default"},
		Faults: []Fault{
			{ID: "f1", On: "delivery", Name: "delay", Args: map[string]string{"for": "1s"}, Scope: scope, Left: 3},
			{ID: "f2", On: "reply", Name: "hang", Scope: Scope{Provider: "acme"}, Operation: "verify"},
		},
		Holds: []Hold{{ID: "h1", Scope: scope}, {ID: "h2"}},
		Seed:  &seed,
	}
	doc, err := want.doc("k")
	if err != nil {
		t.Fatal(err)
	}
	const document = `{"pending":[{"id":1,"provider":"acme","scenario":"late","subject":"1","requests":2}],"last_id":1,"defaults":{"acme":"default"},` +
		`"faults":[{"id":"f1","on":"delivery","name":"delay","args":{"for":"1s"},"provider":"acme","event":"verification.*","endpoint":"e1","left":3},` +
		`{"id":"f2","on":"reply","name":"hang","provider":"acme","operation":"verify"}],` +
		`"holds":[{"id":"h1","provider":"acme","event":"verification.*","endpoint":"e1"},{"id":"h2"}],"seed":7}`
	if diff := cmp.Diff(document, string(doc.Data)); diff != "" {
		t.Error(diff)
	}
	var read Settings
	if err := read.parse("k", store.Doc{Rev: 3, Data: []byte(document)}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, read, cmpopts.IgnoreUnexported(Settings{}), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}
