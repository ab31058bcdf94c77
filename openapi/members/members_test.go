package members_test

import (
	"slices"
	"testing"

	"github.com/idmock/idmock/openapi/members"
	"github.com/idmock/idmock/openapi/spec"
)

const document = `openapi: 3.1.0
info: {title: A, version: "1"}
paths:
  /check:
    post:
      operationId: check
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                number: {type: [string, integer], pattern: "^[0-9]{11}$", minimum: 10000000000, maximum: 99999999999}
                kind: {enum: [a, b], type: string}
                name: {type: string, minLength: 2, maxLength: 3}
                any: {}
                either: {oneOf: [{type: string}, {type: integer}]}
                person: {type: object, properties: {age: {type: integer}}}
      responses: {"200": {description: OK}}
`

// TestPlace checks what schemas say about places, and which values they refuse.
func TestPlace(t *testing.T) {
	d, err := spec.Read([]byte(document), spec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	op := d.Operation("check")
	var cache members.Cache
	for _, c := range []struct {
		path    []string
		names   []string
		open    bool
		types   []string
		refused []any
		taken   []any
	}{
		{nil, []string{"any", "either", "kind", "name", "number", "person"}, false, []string{"object"}, nil, nil},
		{[]string{"number"}, nil, true, []string{"number", "text"}, []any{"1", 1, 100000000000}, []any{"12345678901", 12345678901}},
		{[]string{"kind"}, nil, true, []string{"text"}, []any{"c"}, []any{"a"}},
		{[]string{"name"}, nil, true, []string{"text"}, []any{"a", "abcd"}, []any{"äöü"}},
		{[]string{"any"}, nil, true, nil, nil, []any{"c", 1}},
		{[]string{"either"}, nil, true, nil, nil, []any{"c", 1}},
		{[]string{"person", "age"}, nil, true, []string{"number"}, nil, []any{7}},
		{[]string{"nothing", "below"}, nil, true, nil, nil, []any{7}},
	} {
		for range 2 { // from the document, and from the cache
			p := cache.Of(op, c.path)
			if !slices.Equal(p.Names, c.names) || p.Open != c.open || !slices.Equal(p.Types, c.types) {
				t.Errorf("%v: names %v, open %t, types %v, want %v, %t, %v", c.path, p.Names, p.Open, p.Types, c.names, c.open, c.types)
			}
			for _, v := range c.refused {
				if p.Refusal(v) == "" {
					t.Errorf("%v: %v is accepted", c.path, v)
				}
			}
			for _, v := range c.taken {
				if why := p.Refusal(v); why != "" {
					t.Errorf("%v: %v is refused: %s", c.path, v, why)
				}
			}
		}
	}
}
