package template_test

import (
	"bytes"
	"encoding/base64"
	"image/jpeg"
	"reflect"
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

func TestAccessorsAreEquivalent(t *testing.T) {
	empty := &template.Scope{Fake: fake.New(3), Subject: "x\"y", Run: map[string]any{"status": 7}}
	other := &template.Scope{Person: fake.Later(9), Subject: "7", Sandbox: "known", Body: map[string]any{"number": "1", "a": map[string]any{"b": 2.5}, "ok": true},
		Header: map[string]string{"x": "y"}, Vars: map[string]any{"v": nil}, Error: map[string]any{"message": "m"}, Now: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)}
	for _, source := range []string{
		"subject", "fake.first_name", "upper(fake.last_name)", "lower(upper(fake.city))", "run.status", "run.missing", "account.name",
		"upper(subject)", "fake.dob", "body", "body.number", "body.a.b", "body.a.b.c", "body.missing.b", "body?.a?.b", "header.x", "header['y']",
		"query.none", "path.id", "vars.v", "vars.w", "error.message", "now", "base", "signature", "sandbox", "nil", "true", "'text'", "12",
		`subject == "7"`, `subject != "7"`, `"7" == subject`, `sandbox == "known" && subject == "7"`, `sandbox == "x" || body.ok`, `not body.ok`,
		`!(sandbox == "known")`, "body.ok and true", "body.number == nil", "body.number != 22222222222", "body.a.b == 2.5", "body.a.b == 2",
		"run.status == 7", "run.status == 7.0", "run.status == '7'", "body.a == nil", "body.none ?? 'else'", "body.number ?? 'else'",
		"run.status == 7 ? 'yes' : 'no'", "body.ok ? 1 : 2", "subject + '-' + sandbox", "subject + string(run.status)", "string(body.number)",
		"string(body.a.b)", "string(nil)", "trim('  ' + subject)", "fake.digits('a', 5)", "fake.hex('a', 5)", "upper(fake.hex('vin', 17))",
		"fake.dob.Format('02-Jan-2006')", "fake.date('d', 2015, 2022).Format('2006')", "now.Format('15:04:05.000')", "fake.person('x').hex('h', 2)",
		"fake.gender == 'male' ? 'Male' : 'Female'", "body.gender ?? fake.gender", "run['status']", "body['number']", "body.number == body.number",
		"body.ok == true", "body.ok == 'true'", "(run.operation ?? 'verify') == 'verify'", "body.a == body.a", "subject == 'x' ? fake.city : body.a",
		"example('x', 'y')", "example('x', body.name, 'data')", "example('x', body.number)", "example(subject, sandbox)",
	} {
		e, err := template.Compile(source)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range []*template.Scope{scope(), empty, other, {}} {
			want, wantErr := e.ByMachine(s)
			got, err := e.Value(s)
			if (err != nil) != (wantErr != nil) || !reflect.DeepEqual(got, want) {
				t.Errorf("%s in scope %d: evaluated %#v (%v), the virtual machine %#v (%v)", source, i, got, err, want, wantErr)
			}
		}
	}
}

func TestMemberPathsNeedNoMachine(t *testing.T) {
	for _, source := range []string{"body.a.b", "subject == 'x'", "run.status == 'a' && body.ok", "body.x ?? upper(fake.city)", "fake.dob.Format('2006')"} {
		e, err := template.Compile(source)
		if err != nil {
			t.Fatal(err)
		}
		if !e.IsSimple() {
			t.Errorf("%s needs the virtual machine", source)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := template.Compile(`run.status == "PENDING" && (body.outcome ?? "success") == "success"`); err != nil {
			b.Fatal(err)
		}
	}
}
