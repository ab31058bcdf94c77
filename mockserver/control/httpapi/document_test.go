package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/history"
	"github.com/idmock/idmock/mockserver/control/wire"
)

func loadDocument(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openapi)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestDocumentNamesEveryRoute compares document and router: paths, methods and query parameters.
func TestDocumentNamesEveryRoute(t *testing.T) {
	doc := loadDocument(t)
	described := map[string][]string{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			query := []string{}
			for _, p := range op.Parameters {
				if p.Value.In == "query" {
					query = append(query, p.Value.Name)
				}
			}
			slices.Sort(query)
			described[method+" "+path] = query
		}
	}
	served := map[string][]string{}
	for _, rt := range routes(control.Backend{}, Options{Events: http.NotFoundHandler()}) {
		methods := []string{rt.method}
		if rt.method == "" {
			methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
		}
		for _, method := range methods {
			name := method + " " + rt.path
			query := slices.Sorted(slices.Values(rt.query))
			if slices.Equal(rt.query, anyQuery) {
				query = described[name]
			}
			served[name] = append([]string{}, query...)
		}
	}
	if diff := cmp.Diff(described, served); diff != "" {
		t.Errorf("the document (-) and the router (+) differ:\n%s", diff)
	}
}

// TestDocumentNamesEveryField finds entry kinds and request fields that are missing from the document.
func TestDocumentNamesEveryField(t *testing.T) {
	schemas := loadDocument(t).Components.Schemas
	var described []string
	for _, kind := range schemas["Kind"].Value.Enum {
		described = append(described, kind.(string))
	}
	if diff := cmp.Diff(described, history.Kinds()); diff != "" {
		t.Errorf("kinds in the document (-) and in the journal (+) differ:\n%s", diff)
	}
	for name, v := range map[string]any{"Play": &control.PlayRequest{}, "Arm": &control.ArmRequest{}, "ScenarioFiles": &control.ScenarioFiles{}, "Send": &control.SendRequest{}, "Call": &control.CallRequest{}, "Resend": &control.Resend{}, "Wait": &history.WaitRequest{}, "ClockChange": &control.ClockChange{}, "CheckRequest": &control.CheckRequest{}} {
		names := wire.Fields(v)
		slices.Sort(names)
		var described []string
		for field := range schemas[name].Value.Properties {
			described = append(described, field)
		}
		slices.Sort(described)
		if diff := cmp.Diff(described, names); diff != "" {
			t.Errorf("%s in the document (-) and in Go (+) differ:\n%s", name, diff)
		}
	}
}

func TestDocumentAsJSONIsTheSame(t *testing.T) {
	body, err := documentJSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := openapi3.NewLoader().LoadFromData(body)
	if err != nil {
		t.Fatal(err)
	}
	asJSON := func(doc *openapi3.T) string {
		b, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if diff := cmp.Diff(asJSON(loadDocument(t)), asJSON(again)); diff != "" {
		t.Error(diff)
	}
}
