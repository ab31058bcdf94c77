package evidence

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance/receiver/profile"
)

// find returns the node of a path that selects at most one, and the list of nodes of any other path.
func TestFind(t *testing.T) {
	var doc any
	if err := json.Unmarshal([]byte(`{"status":"ok","list":[{"n":1},{"n":2}],"a b":{"c.d":null}}`), &doc); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]any{
		"$.status": "ok", "$['a b']['c.d']": nil, "$.list[-1].n": 2.0, "$.list[0]['n']": 1.0,
		"$.list[*].n": []any{1.0, 2.0}, "$..n": []any{1.0, 2.0}, "$.list[?@.n > 1]": []any{map[string]any{"n": 2.0}}, "$.none[*]": []any{},
	} {
		if got, err := find(doc, path); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v, want %v", path, got, err, want)
		}
	}
	for path, want := range map[string]string{"$.none": "nothing found at $.none", "$.list[2]": "nothing found", "status": "jsonpath", "$.list[x]": "jsonpath"} {
		if _, err := find(doc, path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}

// Look parses a JSON document, a plain word, or an empty body.
func TestLook(t *testing.T) {
	for body, want := range map[string]View{
		`{"status":"Active","effects":[1,2],"name":"Zoë"}`: {Value: "Active", Granted: true, Effects: 2, Counted: true, Text: "Zoë", HasText: true},
		`{"status":true,"effects":3}`:                      {Value: "true", Effects: 3, Counted: true},
		"active\n":                                         {Value: "active", Granted: true},
		"":                                                 {Value: "unknown", Counted: true, HasText: true},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
		p := Probe{Hook: Hook{URL: server.URL + "/{subject}"}, Value: "$.status", Effects: "$.effects", Text: "$.name", Granted: []string{"active"}}
		if got, err := p.Look(context.Background(), &profile.Subject{Name: "7"}); err != nil || got != want {
			t.Errorf("%q: %+v, %v", body, got, err)
		}
		server.Close()
	}
}

// Check reports every invalid path, and a URL that does not name the subject.
func TestProbeCheck(t *testing.T) {
	p := Probe{Hook: Hook{URL: "http://127.0.0.1:1/"}, Value: "status", Effects: "$.list[", Text: "$.ok"}
	var texts []string
	for _, err := range p.Check() {
		texts = append(texts, err.Error())
	}
	if text := strings.Join(texts, "\n"); len(texts) != 3 || !strings.Contains(text, "{subject}") || strings.Count(text, "invalid JSONPath") != 2 {
		t.Error(text)
	}
	if errs := (Probe{Hook: Hook{Command: "true"}, Value: "$.a"}).Check(); len(errs) != 0 {
		t.Error(errs)
	}
}
