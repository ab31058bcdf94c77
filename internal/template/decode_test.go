package template_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/template"
)

// decodeSlow is DecodeJSON by encoding/json.
func decodeSlow(src []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return template.Plain(v)
}

func TestDecodeJSON(t *testing.T) {
	for _, src := range []string{
		`{"number":"12345678901"}`, `{"a":{"b":[1,2.5,-0,1e3,12345678901234567890],"c":null,"d":true,"e":false}}`, ` [ ] `, `{}`, `"\ud83d\ude00\n"`,
		`"\ud800"`, "\"\xff\"", `{"a":1,"a":2}`, `0`, `-12`, `"é"`, `null`, `{"":[{}]}`, `1.0`,
	} {
		want, err := decodeSlow([]byte(src))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := template.DecodeJSON([]byte(src)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: decoded %#v (%v), encoding/json %#v", src, got, err, want)
		}
	}
	for _, src := range []string{``, `{`, `{"a"}`, `[1,]`, `01`, `tru`, `{"a":1}{}`, `"`, `{"a":1,}`, `NaN`, `1e400`, `{"a":[-1e400]}`} {
		_, wantErr := decodeSlow([]byte(src))
		if _, err := template.DecodeJSON([]byte(src)); err == nil || wantErr != nil && err.Error() != wantErr.Error() {
			t.Errorf("%s: error %v, encoding/json's %v", src, err, wantErr)
		}
	}
	if _, err := template.DecodeJSON([]byte(strings.Repeat("[", 100_000))); err == nil {
		t.Error("a very deep value was decoded")
	}
}

func BenchmarkDecodeJSON(b *testing.B) {
	src := []byte(`{"number":"12345678901"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := template.DecodeJSON(src); err != nil {
			b.Fatal(err)
		}
	}
}
