package template_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
)

func scope() *template.Scope {
	return &template.Scope{
		Body:    map[string]any{"number": 22222222222, "name": "Ada"},
		Run:     map[string]any{"status": "PENDING"},
		Account: map[string]any{"name": "k"},
		Now:     time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Fake:    fake.New(7),
		Example: func(op, name string, _ ...string) (template.Raw, error) {
			return template.Raw(`{"op":"` + op + `"}`), nil
		},
	}
}

func TestRender(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"literals keep their order and spelling", `{"b":1.0,"a":[true,null,"x<y"]}`, `{"b":1.0,"a":[true,null,"x<y"]}`},
		{"a number stays a number", `{"n":"${body.number}"}`, `{"n":22222222222}`},
		{"text around an expression makes text", `"id-${body.number}!"`, `"id-22222222222!"`},
		{"a brace in a string does not end it", `"${body.name + '}'}"`, `"Ada}"`},
		{"a missing step is nil", `["${body.a.b.c}","${run.nothing ?? 'none'}"]`, `[null,"none"]`},
		{"times can be formatted", `"${now.Format('02-Jan-2006')}"`, `"02-Jan-2026"`},
		{"raw JSON goes in as it is", `{"data":"${example('verifyBVN','x')}"}`, `{"data":{"op":"verifyBVN"}}`},
		{"people have methods", `"${len(fake.digits('a', 5))}"`, `5`},
		{"methods of methods", `"${fake.person('x').date('d', 2001, 2001).Format('2006') + fake.person('x').hex('h', 0)}"`, `"2001"`},
		{"numbers from a range", `["${fake.int('i', 3, 3)}","${fake.float('f', 1, 1)}","${fake.pick('p', ['z'])}"]`, `[3,1,"z"]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := template.ParseJSON([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			full, err := n.Append(nil, scope())
			if err != nil {
				t.Fatal(err)
			}
			compact, err := n.Compact().Append(nil, scope())
			if err != nil {
				t.Fatal(err)
			}
			if string(full) != c.want || string(compact) != c.want {
				t.Errorf("rendered %s, compact %s, want %s", full, compact, c.want)
			}
		})
	}
}

func TestInvalidExpressions(t *testing.T) {
	for in, want := range map[string]string{
		`"${fake.frist_name}"`:    "frist_name",
		`"${unknown.x}"`:          "unknown",
		`"${1 +}"`:                "1 +",
		`"${fake.digits('a')}"`:   "not enough arguments",
		`"${fake.digit('a', 1)}"`: "digit",
		`"${body.x"`:              "no closing brace",
	} {
		if _, err := template.ParseJSON([]byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q in it", in, err, want)
		}
	}
}

func TestDataIsNotEvaluated(t *testing.T) {
	n, err := template.ParseData([]byte(`{"x":"${account.name}"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := n.Append(nil, scope()); string(got) != `{"x":"${account.name}"}` {
		t.Errorf("rendered %s", got)
	}
}

func TestMerge(t *testing.T) {
	base, _ := template.ParseJSON([]byte(`{"a":{"x":1,"y":2},"b":[1]}`))
	over, _ := template.ParseJSON([]byte(`{"a":{"y":3,"z":4},"b":[2,3],"c":"${account.name}"}`))
	got, err := base.Merge(over).MergeAt([]string{"a", "deep"}, over.Lookup("b")).Append(nil, scope())
	if want := `{"a":{"x":1,"y":3,"z":4,"deep":[2,3]},"b":[2,3],"c":"k"}`; err != nil || string(got) != want {
		t.Errorf("merged %s (%v), want %s", got, err, want)
	}
	if got, _ := base.Append(nil, scope()); string(got) != `{"a":{"x":1,"y":2},"b":[1]}` {
		t.Errorf("Merge modified its receiver: %s", got)
	}
}

func TestPeople(t *testing.T) {
	if a, again, b := fake.New(1), fake.New(1), fake.New(2); *a != *again || *a == *b {
		t.Error("people do not depend on the seed alone")
	}
	picture, err := base64.StdEncoding.DecodeString(fake.Photo)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jpeg.Decode(bytes.NewReader(picture)); err != nil {
		t.Errorf("invalid photograph: %v", err)
	}
	if a, b := fake.UUID(1, "a"), fake.UUID(1, "b"); a == b || len(a) != 36 || a[14] != '4' {
		t.Errorf("UUIDs %s, %s", a, b)
	}
}

func BenchmarkPerson(b *testing.B) {
	for i := range b.N {
		fake.New(uint64(i))
	}
}

func BenchmarkAppend(b *testing.B) {
	n, err := template.ParseJSON([]byte(`{"status":true,"data":{"first":"${upper(fake.first_name)}","n":"${body.number}","s":"${run.status}"},"rest":"literal"}`))
	if err != nil {
		b.Fatal(err)
	}
	c, s, dst := n.Compact(), scope(), []byte(nil)
	b.ReportAllocs()
	for b.Loop() {
		if dst, err = c.Append(dst[:0], s); err != nil {
			b.Fatal(err)
		}
	}
}

func TestShortcutsAreEquivalent(t *testing.T) {
	for _, source := range []string{"subject", "fake.first_name", "upper(fake.last_name)", "lower(upper(fake.city))", "run.status", "run.missing", "account.name", "upper(subject)", "fake.dob"} {
		n, err := template.String("${" + source + "}")
		if err != nil {
			t.Fatal(err)
		}
		e, err := template.Compile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []*template.Scope{scope(), {Fake: fake.New(3), Subject: "x\"y", Run: map[string]any{"status": 7}}} {
			v, err := e.Value(s)
			if err != nil {
				t.Fatalf("%s: %v", source, err)
			}
			want, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := n.Append(nil, s); err != nil || string(got) != string(want) {
				t.Errorf("%s: rendered %s (%v), evaluated %s", source, got, err, want)
			}
		}
	}
}
