package spec

import (
	"fmt"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// The compiled form accepts no value that kin-openapi refuses, and accepts ordinary ones.
func TestAcceptorsAreSound(t *testing.T) {
	values := []any{"", "abc", "12345678901", "ä", "a long text that has more than twenty characters", 0, 7, 12345678901, -1, 2.5, 7.0, true, nil,
		[]any{}, []any{"abc"}, []any{7, "x"}, map[string]any{}, map[string]any{"id": "abc"}, map[string]any{"id": 7, "more": true},
		map[string]any{"id": "abc", "list": []any{"abc"}}, map[string]any{"id": "abc", "list": []any{7}}, map[string]any{"id": nil}}
	for _, c := range []struct {
		schema string
		accept []any // at least these
	}{
		{`{}`, []any{"abc", 7, 2.5, true}},
		{`{"type":"string"}`, []any{"", "abc", "ä"}},
		{`{"type":"string","minLength":2,"maxLength":20}`, []any{"abc"}},
		{`{"type":"string","pattern":"^[0-9]{11}$","description":"x"}`, []any{"12345678901"}},
		{`{"type":["string","integer"],"pattern":"^[0-9]{11}$","minimum":10000000000,"maximum":99999999999}`, []any{"12345678901", 12345678901}},
		{`{"type":"string","enum":["abc","x"]}`, []any{"abc"}},
		{`{"type":"integer","minimum":0,"maximum":7}`, []any{0, 7}},
		{`{"type":"number","minimum":0}`, []any{0, 2.5}},
		{`{"type":"integer","enum":[7]}`, nil},
		{`{"type":"boolean"}`, []any{true}},
		{`{"type":"string","format":"date"}`, nil},
		{`{"type":"string","nullable":true}`, []any{"abc"}},
		{`{"type":"array","items":{"type":"string"},"minItems":1}`, []any{[]any{"abc"}}},
		{`{"type":"array","uniqueItems":true,"items":{}}`, nil},
		{`{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"list":{"type":"array","items":{"type":"string"}}}}`,
			[]any{map[string]any{"id": "abc"}, map[string]any{"id": "abc", "list": []any{"abc"}}}},
		{`{"type":"object","properties":{"id":{"type":"string"}},"additionalProperties":false}`, nil},
		{`{"type":"object","properties":{"id":{"allOf":[{"type":"string"}]}}}`, []any{map[string]any{}}},
		{`{"oneOf":[{"type":"string"},{"type":"integer"}]}`, nil},
		{`{"type":"object","minProperties":1}`, nil},
		{`{"not":{"type":"string"}}`, nil},
	} {
		schema := &openapi3.Schema{}
		if err := schema.UnmarshalJSON([]byte(c.schema)); err != nil {
			t.Fatal(err)
		}
		accept := acceptors{}.of(schema)
		if accept == nil {
			accept = func(any) bool { return false }
		}
		for _, v := range values {
			if err := schema.VisitJSON(v); accept(v) && err != nil {
				t.Errorf("%s accepts %#v, kin-openapi does not: %v", c.schema, v, err)
			}
		}
		for _, v := range c.accept {
			if !accept(v) {
				t.Errorf("%s does not accept %s", c.schema, fmt.Sprintf("%#v", v))
			}
		}
	}
}
