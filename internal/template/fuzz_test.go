package template_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/template"
)

// Every expression is rejected or evaluated, and has the same value alone and as a leaf.
func FuzzExpression(f *testing.F) {
	for _, source := range []string{
		"body.number", "${run.status == 'PENDING' ? 'pending' : nil}", "body.a.b.c ?? [1, 2.5, {x: now}]", "upper(fake.first_name) + '}'",
		"fake.digits('a', 3)", "concat([1], [subject])", "now.Format('2006')", "example('x', 'y')", "len(account)", "run[body.name]", "1 / 0",
		"body.name[-3:]", "string(body)", "fake.person('x').date('d', 2001, 2001)", "map(1..3, # * 2)", "'\\u00e9' matches '^.$'", "let x = 1; x", "-(-1)",
	} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 2000 || strings.Contains(source, "..") || strings.Contains(source, "repeat") { // large on purpose
			return
		}
		e, err := template.Compile(source)
		if err != nil {
			return
		}
		v, failure := e.Value(scope())
		if _, err := e.True(scope()); (err != nil) != (failure != nil) {
			t.Fatalf("%q: as a value %v, as a condition %v", source, failure, err)
		}
		if failure != nil || strings.ContainsAny(source, "{}") {
			return
		}
		leaf, err := template.String("${" + source + "}")
		if err != nil {
			t.Fatalf("%q compiles by itself, and not as a leaf: %v", source, err)
		}
		got, err := leaf.Append(nil, scope())
		if err != nil { // JSON cannot represent its value
			return
		}
		if !json.Valid(got) {
			t.Fatalf("%q yields %v, rendered %s", source, v, got)
		}
	})
}

// Every template is rejected or renders JSON, and its compact form renders the same.
func FuzzTemplate(f *testing.F) {
	for _, src := range []string{
		`{"status":true,"data":{"first":"${upper(fake.first_name)}","n":"${body.number}","s":"a ${run.status} b"},"rest":[1.0,null,"${now}"]}`,
		`"${body.x"`, `{"a":{"a":{"a":[[["${subject}"]]]}}}`, `["${1}${2}","\u2028","${'}'}"]`, `{"":"","x":"$","y":"${}"}`, `1e400`, `"\ud800"`, `{"a":1,"a":2}`,
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 4000 || bytes.Contains(src, []byte("..")) || bytes.Contains(src, []byte("repeat")) {
			return
		}
		n, err := template.ParseJSON(src)
		if err != nil {
			return
		}
		full, err := n.Append(nil, scope())
		compact, again := n.Compact().Append(nil, scope())
		if (err != nil) != (again != nil) {
			t.Fatalf("%s: %v, compact %v", src, err, again)
		}
		if err != nil {
			return
		}
		if !json.Valid(full) || !bytes.Equal(full, compact) {
			t.Fatalf("%s: rendered %s, compact %s", src, full, compact)
		}
		bound, err := n.Bind(scope())
		if err != nil {
			t.Fatalf("%s: rendered invalid JSON %s: %v", src, full, err)
		}
		if fixed, complete := bound.Known(); !complete || fixed == nil {
			t.Fatalf("%s: something is left to evaluate after Bind", src)
		}
	})
}
