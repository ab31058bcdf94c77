package mutate

import (
	"bytes"
	"encoding/json"
	"strings"

	table "github.com/idmock/idmock/mockserver/webhook/mutate"
	"github.com/idmock/idmock/openapi"
)

// edit changes a body before it is signed, so that the signature is valid. The places of members are the profile's.
type edit func(p *openapi.Conformance, body []byte) ([]byte, error)

// unicodeText is a text that changes when bytes are read as characters, or characters as UTF-16 units.
const unicodeText = "Ñuñez 漢字 😀 a\u2028b"

// bodies are the words for a changed body. All except those named not-… keep the meaning or add to it.
var bodies = map[string]edit{
	"pretty":         apply(table.Indent, table.Args{}),
	"python-spacing": apply(table.Space, table.Args{}),
	"key-order":      apply(table.ReverseMembers, table.Args{}),
	"duplicate-key":  apply(table.RepeatMember, table.Args{}),
	"bom":            apply(table.ByteOrderMark, table.Args{}),
	"gzip":           apply(table.Gzip, table.Args{}),

	"escaped-slash":  then(add("note", table.Quote("https://app.example/a/b")), table.EscapeSlashes),
	"unicode-escape": then(text("Zoë Ñandú 😀"), table.EscapeUnicode),
	"html-escape":    then(text("Smith & Sons <Lagos>"), table.EscapeHTML),
	"utf8":           text(unicodeText),
	"text-quote":     text("O'Brien \"Bob\" D’Arcy"),
	"text-markup":    text("<b>Ann</b> & Co; -- %s ${x} {{y}}"),
	"text-combining": text("Zoe\u0308 Nguye\u0302\u0303n 👩‍👩‍👧"),
	"text-rtl":       text("محمد \u200fعلي שלום"),
	"text-emoji":     text("Ada 😀🏽 Lovelace 🇳🇬"),
	"text-quotes":    text("D''Angelo \\\\ \"\" O`Neil"),
	"text-one":       text("O"),
	"text-spaces":    text("  Mary  Ann  "),
	"text-long":      text(strings.Repeat("Maximiliana ", 25)),

	// Texts that a store may refuse, but that must not break it.
	"text-nul":       literal(`"Ann\u0000Lee"`),
	"text-surrogate": literal(`"Ann \ud83d Lee"`),

	"numbers":        add("numbers", `[9007199254740993,1.0,1e3,-0,0.1000000000000000055511151231257827,12345678901234567890]`),
	"unknown-fields": chain(add("new_top_level", `{"since":"2027","list":[1,{"deep":null}]}`), add("new_flag", "true")),
	"unknown-nested": nested,
	"proto-keys": chain(add("__proto__", `{"admin":true,"decision":"approved"}`), add("constructor", `{"prototype":{"admin":true}}`),
		add("$where", `"1==1"`)),
	"deep": add("deep", strings.Repeat("[", 2000)+strings.Repeat("]", 2000)),
	"20k":  apply(table.Pad, table.Args{Size: 20 << 10}),
	"256k": apply(table.Pad, table.Args{Size: 256 << 10}),
	"1m":   apply(table.Pad, table.Args{Size: 1 << 20}),

	"optional-null": func(p *openapi.Conformance, body []byte) ([]byte, error) {
		return at(table.ReplaceMember, body, "null", p.Optional...)
	},
	"optional-missing": func(p *openapi.Conformance, body []byte) ([]byte, error) {
		return at(table.RemoveMember, body, "", p.Optional...)
	},
	"not-required": func(p *openapi.Conformance, body []byte) ([]byte, error) {
		return at(table.RemoveMember, body, "", p.Required)
	},
	"newer-version": func(p *openapi.Conformance, body []byte) ([]byte, error) {
		newer, err := json.Marshal(p.Version.Newer)
		if err != nil {
			return nil, err
		}
		return at(table.ReplaceMember, body, string(newer), p.Version.At)
	},

	"not-empty":    apply(table.Substitute, table.Args{As: "empty"}),
	"not-json":     apply(table.Substitute, table.Args{As: "text"}),
	"not-null":     apply(table.Substitute, table.Args{As: "null"}),
	"not-array":    apply(table.Substitute, table.Args{As: "array"}),
	"not-string":   apply(table.Substitute, table.Args{As: "string"}),
	"not-number":   apply(table.Substitute, table.Args{As: "number"}),
	"form-encoded": apply(table.Substitute, table.Args{As: "form"}),
	"not-cut":      apply(table.Truncate, table.Args{Keep: 2.0 / 3}),
	"not-utf8":     add("note", "\"\xff\xfe\xc3(\""),
}

// HasBody reports whether a body can be changed by this word.
func HasBody(word string) bool { return bodies[word] != nil || word == otherCase }

func apply(m table.Mutation, a table.Args) edit {
	return func(_ *openapi.Conformance, body []byte) ([]byte, error) { return m.Apply(body, a) }
}

func add(name, value string) edit {
	return apply(table.AddMember, table.Args{Name: name, Value: value})
}

func then(first edit, m table.Mutation) edit { return chain(first, apply(m, table.Args{})) }

// chain makes edits one after the other.
func chain(all ...edit) edit {
	return func(p *openapi.Conformance, body []byte) (_ []byte, err error) {
		for _, change := range all {
			if body, err = change(p, body); err != nil {
				return nil, err
			}
		}
		return body, nil
	}
}

// text writes a text to the member that people read, or to a member of its own.
func text(s string) edit {
	return func(p *openapi.Conformance, body []byte) ([]byte, error) {
		if p.Text == "" {
			return add("note", table.Quote(s))(p, body)
		}
		return at(table.ReplaceMember, body, table.Quote(s), p.Text)
	}
}

// literal writes JSON to the member that people read, or to a member of its own.
func literal(value string) edit {
	return func(p *openapi.Conformance, body []byte) ([]byte, error) {
		if p.Text == "" {
			return add("note", value)(p, body)
		}
		return at(table.ReplaceMember, body, value, p.Text)
	}
}

// at mutates the members at JSON pointers. A body without one of them keeps the rest.
func at(m table.Mutation, body []byte, value string, pointers ...string) ([]byte, error) {
	for _, pointer := range pointers {
		path := dotted(pointer)
		if _, err := table.Find(body, path); err != nil {
			continue
		}
		changed, err := m.Apply(body, table.Args{Path: path, Value: value})
		if err != nil {
			return nil, err
		}
		body = changed
	}
	return body, nil
}

// dotted turns a JSON pointer into a path of the table.
func dotted(pointer string) string {
	return strings.ReplaceAll(strings.TrimPrefix(pointer, "/"), "/", ".")
}

// nested adds a member to the first object within the body, or adds such an object.
func nested(p *openapi.Conformance, body []byte) ([]byte, error) {
	if !bytes.Contains(body, []byte(`:{"`)) {
		return add("new_object", `{"new":1}`)(p, body)
	}
	return bytes.Replace(body, []byte(`:{"`), []byte(`:{"new_nested":{"a":[]},"`), 1), nil
}
