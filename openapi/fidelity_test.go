package openapi_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/mistake"
)

// Fidelity that a document does not declare is derived from its contents.
func TestFidelity(t *testing.T) {
	for _, c := range []struct {
		name, old, by, operation string
		want                     openapi.Fidelity
	}{
		{"it starts a run", "", "", "verifyPerson", openapi.Modelled},
		{"it is about a run, and its answer is an open object", "", "", "getCheck", openapi.Stubbed},
		{"it has no schema", "", "", "searchAll", openapi.Stubbed},
		{"it says so", "operationId: verifyPerson", "operationId: verifyPerson\n      x-idmock-fidelity: guess", "verifyPerson", openapi.Guess},
		{"an empty record", "{value: {name: Ada,", "{value: {data: {}, name: Ada,", "verifyPerson", openapi.Stubbed},
		{"a record that is none", "{value: {name: Ada,", "{value: {data: null, name: Ada,", "verifyPerson", openapi.Modelled},
		{"a screen", `{example: {url: ""}}`, `{schema: {type: object, properties: {url: {type: string}}}, example: {url: ""}}`, "getSettings", openapi.Modelled},
		{"nothing follows", "{example: []}", "{schema: {type: array, items: {type: string}}, example: []}", "searchAll", openapi.Validated},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := open(t, with("openapi.yaml", c.old, c.by))
			if got := operation(t, p, c.operation).Fidelity(); got != c.want {
				t.Errorf("%s is %s, want %s", c.operation, got, c.want)
			}
		})
	}
}

func TestFidelityOfEvents(t *testing.T) {
	for by, want := range map[string]openapi.Fidelity{"": openapi.Validated, "\n      x-idmock-fidelity: guess": openapi.Guess} {
		p := open(t, with("openapi.yaml", "operationId: receiveDone", "operationId: receiveDone"+by))
		if got, err := p.Event("check.done").Fidelity(); got != want || err != nil {
			t.Errorf("with %q: %s, %v, want %s", by, got, err, want)
		}
	}
	p := open(t, with("openapi.yaml", "openapi: 3.1.0", "openapi: [3.1.0"))
	if _, err := p.Event("check.done").Fidelity(); err == nil {
		t.Error("of a broken document something is known")
	}
}

// The sample directories are valid and declare their fidelity.
func TestSampleFolders(t *testing.T) {
	for name, want := range map[string]map[string]openapi.Fidelity{
		"acme":  {"createCheck": openapi.Modelled, "getCheck": openapi.Modelled, "getHealth": openapi.Guess},
		"umbra": {"screenPerson": openapi.Modelled, "getScreening": openapi.Modelled},
		"nimbus": {"lookUp": openapi.Modelled, "getLookup": openapi.Modelled, "listHooks": openapi.Modelled, "createHook": openapi.Modelled,
			"getHook": openapi.Modelled, "updateHook": openapi.Modelled, "deleteHook": openapi.Modelled, "resendMessage": openapi.Modelled},
	} {
		p, err := openapi.Open(name, os.DirFS("../testdata/providers/"+name))
		if err == nil {
			err = p.Validate()
		}
		if err != nil {
			t.Fatal(err)
		}
		operations, err := p.Operations()
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]openapi.Fidelity{}
		for _, op := range operations {
			got[op.ID] = op.Fidelity()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

// All errors of a directory are reported at once, in the order of their places.
func TestAllMistakesAtOnce(t *testing.T) {
	folder := with("openapi.yaml", "schema: {type: boolean}", "schema: {const: true}")
	folder["provider.yaml"].Data = []byte(strings.NewReplacer("secret: public_key", "secret: missing", "webhook: done", "webhook: gone").Replace(providerYAML))
	err := open(t, folder).Validate()
	if err == nil {
		t.Fatal("nothing is wrong with it")
	}
	var mistakes *mistake.Errors
	if !errors.As(err, &mistakes) {
		t.Fatal(err)
	}
	var places []string
	for _, d := range mistakes.All {
		places = append(places, d.Place())
	}
	if diff := cmp.Diff([]string{"openapi.yaml:10:47", "provider.yaml:34:43", "provider.yaml:36:25"}, places); diff != "" {
		t.Errorf("(-want +got)\n%s\n%v", diff, err)
	}
}
