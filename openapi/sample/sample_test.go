package sample

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
)

func body(t *testing.T, schema, example string, scope *template.Scope, variables ...string) string {
	t.Helper()
	return bodyOf(t, schema, example, Options{Variables: variables}, scope)
}

// bodyOf renders a body that repeats what was sent.
func bodyOf(t *testing.T, schema, example string, o Options, scope *template.Scope) string {
	t.Helper()
	read := func(text string) *template.Node {
		n, err := template.ReadDocument(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	o.Resolve, o.Echo = func(n *template.Node) *template.Node { return n }, true
	if example != "" {
		o.Example = read(example)
	}
	got, err := Body(read(schema), o).Append(nil, scope)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

// The example decides which alternative is shown.
func TestExampleChoosesAlternative(t *testing.T) {
	const schema = `{oneOf: [
	  {type: object, required: [name], properties: {name: {type: string}}, additionalProperties: false},
	  {type: object, required: [code], properties: {code: {type: integer}}, additionalProperties: false}]}`
	if got, want := body(t, schema, `{code: 7}`, nil), `{"code":7}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := body(t, schema, "", nil); !strings.HasPrefix(got, `{"name":`) {
		t.Errorf("without an example: %s, want the first alternative", got)
	}
}

// A member shows the run's variable of its name: an object, null where the schema allows it, and nothing that it forbids.
func TestMembersShowVariables(t *testing.T) {
	const schema = `{type: object, required: [error, list, plain], properties: {
	  error: {type: object, nullable: true, required: [code], properties: {code: {type: string, enum: [mismatch, expired]}}},
	  list: {type: array, items: {type: integer, minimum: 5, maximum: 5}},
	  plain: {type: string, enum: [only]}}}`
	for _, c := range []struct {
		run  map[string]any
		want string
	}{
		{map[string]any{"error": map[string]any{"code": "expired"}, "list": []any{5, 5}, "plain": "only"}, `{"error":{"code":"expired"},"list":[5,5],"plain":"only"}`},
		{map[string]any{"error": nil, "list": nil, "plain": nil}, `{"error":null,"list":[5],"plain":"only"}`},
		{map[string]any{"error": map[string]any{"code": "other"}}, `{"error":{"code":"`},
	} {
		scope := &template.Scope{Run: c.run, Fake: fake.New(1)}
		if got := body(t, schema, "", scope, "error", "list", "plain"); !strings.HasPrefix(got, c.want) || strings.Contains(got, "other") {
			t.Errorf("%v: got %s, want %s", c.run, got, c.want)
		}
	}
}

// An expression in the schema is the value, and so is null.
func TestSchemaHasExpression(t *testing.T) {
	const schema = `{type: object, required: [id, error], properties: {
	  id: {type: string, x-idmock-value: '${"vr_" + run.reference}'},
	  error: {type: object, nullable: true, x-idmock-value: null, required: [code], properties: {code: {type: string}}}}}`
	got := body(t, schema, "", &template.Scope{Run: map[string]any{"reference": "7"}, Fake: fake.New(1)})
	if want := `{"id":"vr_7","error":null}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A date that is split into members is one: of the person, where it is the birth.
func TestDateInParts(t *testing.T) {
	const parts = `{type: object, required: [day, month, year], properties: {day: {type: integer}, month: {type: integer}, year: {type: integer}}}`
	person := fake.New(3)
	got := body(t, `{type: object, required: [dob], properties: {dob: `+parts+`}}`, "", &template.Scope{Fake: person})
	if want := person.DOB.Format(`{"dob":{"day":2,"month":1,"year":2006}}`); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	got = body(t, `{type: object, required: [expires], properties: {expires: `+parts+`}}`, "", &template.Scope{Fake: person})
	if _, err := time.Parse(`{"expires":{"day":2,"month":1,"year":2006}}`, got); err != nil {
		t.Errorf("got %s: %v", got, err)
	}
}

// An example does not list what is optional. What was sent is repeated all the same, if the schema of the response has it.
func TestSentMembersThatTheExampleLacks(t *testing.T) {
	const schema = `{type: object, properties: {
	  id: {type: string}, reference: {type: string}, size: {type: integer}, secret: {type: string, writeOnly: true},
	  person: {type: object, properties: {name: {type: string}, email: {type: string}}},
	  parts: {type: array, items: {type: object, properties: {id: {type: string}, reference: {type: string}}}}}}`
	const example = `{id: '1', person: {name: Ada}, parts: [{id: p}]}`
	for _, c := range []struct {
		sent map[string]any
		want string
	}{
		{nil, `{"id":"1","person":{"name":"Ada"},"parts":[{"id":"p"}]}`},
		{map[string]any{"reference": "a\"b", "size": "large", "secret": "s", "other": 1, "person": map[string]any{"email": "o@x.example"}},
			`{"id":"1","person":{"name":"Ada","email":"o@x.example"},"parts":[{"id":"p"}],"reference":"a\"b"}`},
	} {
		if got := body(t, schema, example, &template.Scope{Resource: c.sent, Fake: fake.New(1)}); got != c.want {
			t.Errorf("sent %v: got %s, want %s", c.sent, got, c.want)
		}
	}
	if got, want := body(t, schema, `{}`, &template.Scope{Resource: map[string]any{"reference": "b"}, Fake: fake.New(1)}), `{"reference":"b"}`; got != want {
		t.Errorf("of an empty example: got %s, want %s", got, want)
	}
}

// The object that has the run's reference is the resource, whatever its name.
func TestSentMembersInTheResource(t *testing.T) {
	const schema = `{type: object, required: [check, self], properties: {self: {type: string, enum: [here]}, check: {type: object, required: [check_id, country], properties: {
	  check_id: {type: string}, country: {type: string}, size: {type: integer}}}}}`
	scope := &template.Scope{Run: map[string]any{"reference": "c1"}, Resource: map[string]any{"country": "CO", "size": 3}, Fake: fake.New(1)}
	for example, want := range map[string]string{
		"": `{"self":"here","check":{"check_id":"c1","country":"CO","size":3}}`,
		"{self: here, check: {country: BR, check_id: c0}}": `{"check":{"country":"CO","check_id":"c1","size":3},"self":"here"}`,
	} {
		got := bodyOf(t, schema, example, Options{ID: []string{"check", "check_id"}}, scope)
		if sorted(t, got) != sorted(t, want) {
			t.Errorf("example %q: got %s, want %s", example, got, want)
		}
	}
}

// sorted is JSON with sorted members.
func sorted(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
