package mutate

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"
)

// Members reports positions in the bytes as they are, and Remove keeps every other byte.
func TestMembers(t *testing.T) {
	const body = "{ \"a\" : 1 ,\n \"b\\\"\":{\"c\":[{\"d\":\"x\"},{\"d\":2}], \"e\":null}, \"f\": \"\u00e9\" }"
	var all []string
	for _, m := range Members([]byte(body)) {
		all = append(all, m.Path+"="+body[m.value:m.end])
		if cut := m.Remove([]byte(body)); !json.Valid(cut) {
			t.Errorf("without %s: %s", m.Path, cut)
		}
		if put := m.Replace([]byte(body), `"new"`); !json.Valid(put) || len(put) != len(body)-(m.end-m.value)+5 {
			t.Errorf("with another %s: %s", m.Path, put)
		}
	}
	if got := strings.Join(all, " | "); got != `a=1 | b"={"c":[{"d":"x"},{"d":2}], "e":null} | b".c=[{"d":"x"},{"d":2}] | b".c.0.d="x" | b".e=null | f="é"` {
		t.Errorf("%s", got)
	}
	for _, body := range []string{``, `{`, `[`, `"x"`, `{"a":}`, `[]`, `{"a":1`} {
		if got := Members([]byte(body)); len(got) != 0 {
			t.Errorf("%s: %v", body, got)
		}
	}
	for body, want := range map[string]string{`{}`: `{"n":1}`, "{\"a\":2\n}\n": "{\"a\":2,\"n\":1}\n", `[]`: `[]`, `{"a":{}} x`: `{"a":{}} x`} {
		got, err := insert([]byte(body), "n", "1")
		if err != nil {
			got = []byte(body)
		}
		if string(got) != want {
			t.Errorf("%s became %s", body, got)
		}
	}
}

// Mutations that only write the JSON differently keep its meaning; all of them keep their input.
func TestSameJSON(t *testing.T) {
	const body = `{"a":{"url":"https://x/y","text":"Ñ & <b> 😀"},"n":[1,2.50]}`
	var want any
	if err := json.Unmarshal([]byte(body), &want); err != nil {
		t.Fatal(err)
	}
	for _, m := range []Mutation{Indent, Space, SpaceFirst, EscapeSlashes, EscapeUnicode, EscapeHTML, ReverseMembers, RepeatMember} {
		input := []byte(body)
		changed, err := m.Apply(input, Args{})
		if err != nil || string(input) != body || string(changed) == body {
			t.Errorf("%s: %v, %s of %s", m, err, changed, input)
			continue
		}
		var got any
		if err := json.Unmarshal(changed, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v: %s", m, err, changed)
		}
	}
	if got, err := ReverseMembers.Apply([]byte(body), Args{}); err != nil || string(got) != `{"n":[1,2.50],"a":{"text":"Ñ & <b> 😀","url":"https://x/y"}}` {
		t.Errorf("%s, %v", got, err)
	}
}

// Every entry of the table applies to an object or reports an error, and never changes its input.
func TestTable(t *testing.T) {
	const body = `{"a":"x","b":{"c":17}}`
	for _, m := range Mutations() {
		input := []byte(body)
		changed, err := m.Apply(input, Args{Path: "b.c", Name: "new", Value: "1", As: "html", Keep: 0.5, Size: 100})
		if err != nil || string(input) != body || m != EscapeSlashes && m != EscapeUnicode && m != EscapeHTML && string(changed) == body {
			t.Errorf("%s: %q, %v", m, changed, err)
		}
	}
	if _, err := Mutation("rot13").Apply(nil, Args{}); err == nil {
		t.Error("an unknown mutation applies")
	}
	for name, want := range map[string]string{"b.c": `{"a":"x","b":{"c":18}}`, "b": `{"a":"y","b":{"c":17}}`} {
		if got, err := AlterValue.Apply([]byte(body), Args{Paths: []string{name}}); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

// The bomb is small and unpacks to 100 MB.
func TestGzipBomb(t *testing.T) {
	b := bomb()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, z); n != 100<<20 || err != nil || len(b) > 1<<20 {
		t.Errorf("%d bytes unpack to %d, %v", len(b), n, err)
	}
}

func TestSet(t *testing.T) {
	header := [][2]string{{"A", "1"}, {"B", "2"}}
	for _, c := range []struct{ name, value, want string }{{"a", "9", "A=9 B=2"}, {"C", "3", "A=1 B=2 C=3"}, {"b", "", "A=1"}} {
		var got []string
		for _, h := range Set(header, c.name, c.value) {
			got = append(got, h[0]+"="+h[1])
		}
		if text := strings.Join(got, " "); text != c.want || header[0][1] != "1" {
			t.Errorf("%s=%s: %s, want %s", c.name, c.value, text, c.want)
		}
	}
}
