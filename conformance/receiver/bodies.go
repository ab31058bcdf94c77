package receiver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/internal/template"
)

// bodyEdit changes a body before it is signed: what is sent is signed as it is.
type bodyEdit func(p *Profile, body []byte) ([]byte, error)

// bodies are the changes of bodies. All but those named not-… leave the meaning as it is, or add to it.
var bodies = map[string]bodyEdit{
	"pretty": func(_ *Profile, body []byte) ([]byte, error) {
		var b bytes.Buffer
		err := json.Indent(&b, body, "", "    ")
		return append(b.Bytes(), '\n'), err
	},
	"python-spacing": func(_ *Profile, body []byte) ([]byte, error) {
		return jsontext.AppendFormat(nil, body, jsontext.SpaceAfterComma(true), jsontext.SpaceAfterColon(true), jsontext.PreserveRawStrings(true))
	},
	"escaped-slash": func(p *Profile, body []byte) ([]byte, error) {
		body, err := p.with(body, "note", "https://app.example/a/b")
		return bytes.ReplaceAll(body, []byte("/"), []byte(`\/`)), err
	},
	"unicode-escape": func(p *Profile, body []byte) ([]byte, error) {
		body, err := p.withText(body, "Zoë Ñandú 😀")
		return escape(body, func(r rune) bool { return r > 0x7f }), err
	},
	"utf8": func(p *Profile, body []byte) ([]byte, error) {
		return p.withText(body, awkward)
	},
	"html-escape": func(p *Profile, body []byte) ([]byte, error) {
		body, err := p.withText(body, "Smith & Sons <Lagos>")
		return escape(body, func(r rune) bool { return strings.ContainsRune("&<>", r) }), err
	},
	"numbers": func(p *Profile, body []byte) ([]byte, error) {
		return p.insert(body, `"numbers":[9007199254740993,1.0,1e3,-0,0.1000000000000000055511151231257827,12345678901234567890]`)
	},
	"key-order": func(_ *Profile, body []byte) ([]byte, error) {
		n, err := template.ParseData(body)
		if err != nil {
			return nil, err
		}
		return reverse(n).Append(nil, nil)
	},
	"duplicate-key": func(p *Profile, body []byte) ([]byte, error) {
		n, err := template.ParseData(body)
		if err != nil {
			return nil, err
		}
		if len(n.Members()) == 0 {
			return nil, errors.New("the event has no member that could stand twice")
		}
		twice, err := template.Object(n.Members()[:1]).Append(nil, nil)
		if err != nil {
			return nil, err
		}
		return p.insert(body, string(twice[1:len(twice)-1]))
	},
	"bom": func(_ *Profile, body []byte) ([]byte, error) { return append([]byte("\xef\xbb\xbf"), body...), nil },
	"unknown-fields": func(p *Profile, body []byte) ([]byte, error) {
		return p.insert(body, `"new_top_level":{"since":"2027","list":[1,{"deep":null}]},"new_flag":true`)
	},
	"unknown-nested": func(p *Profile, body []byte) ([]byte, error) {
		if !bytes.Contains(body, []byte(`:{"`)) {
			return p.insert(body, `"new_object":{"new":1}`)
		}
		return bytes.Replace(body, []byte(`:{"`), []byte(`:{"new_nested":{"a":[]},"`), 1), nil
	},
	"proto-keys": func(p *Profile, body []byte) ([]byte, error) {
		return p.insert(body, `"__proto__":{"admin":true,"decision":"approved"},"constructor":{"prototype":{"admin":true}},"$where":"1==1"`)
	},
	"deep": func(p *Profile, body []byte) ([]byte, error) {
		return p.insert(body, `"deep":`+strings.Repeat("[", 2000)+strings.Repeat("]", 2000))
	},
	"20k":  func(p *Profile, body []byte) ([]byte, error) { return p.grow(body, 20<<10) },
	"256k": func(p *Profile, body []byte) ([]byte, error) { return p.grow(body, 256<<10) },
	"1m":   func(p *Profile, body []byte) ([]byte, error) { return p.grow(body, 1<<20) },
	"optional-null": func(p *Profile, body []byte) ([]byte, error) {
		return p.each(body, p.conf.Optional, func(*template.Node) *template.Node { return literal(nil) })
	},
	"optional-missing": func(p *Profile, body []byte) ([]byte, error) {
		return p.each(body, p.conf.Optional, func(*template.Node) *template.Node { return nil })
	},
	"not-required": func(p *Profile, body []byte) ([]byte, error) {
		return p.each(body, []string{p.conf.Required}, func(*template.Node) *template.Node { return nil })
	},
	"newer-version": func(p *Profile, body []byte) ([]byte, error) {
		return p.each(body, []string{p.conf.Version.At}, func(*template.Node) *template.Node { return literal(p.conf.Version.Newer) })
	},
	"gzip":         func(_ *Profile, body []byte) ([]byte, error) { return gzipped(body), nil },
	"not-empty":    constant(""),
	"not-json":     constant("this is not JSON"),
	"not-cut":      func(_ *Profile, body []byte) ([]byte, error) { return body[:len(body)*2/3], nil },
	"not-null":     constant("null"),
	"not-array":    constant("[]"),
	"not-string":   constant(`"approved"`),
	"not-number":   constant("0"),
	"not-utf8":     func(p *Profile, body []byte) ([]byte, error) { return p.insert(body, "\"note\":\"\xff\xfe\xc3(\"") },
	"form-encoded": constant("status=approved&decision=approved"),
}

// awkward is a text with what is lost where bytes are taken for characters, or characters for UTF-16.
const awkward = "Ñuñez 漢字 😀 a\u2028b"

func constant(s string) bodyEdit {
	return func(*Profile, []byte) ([]byte, error) { return []byte(s), nil }
}

func literal(v any) *template.Node {
	n, err := template.Literal(v)
	if err != nil {
		panic(err) // only constants are given
	}
	return n
}

// insert adds members to the object that the body is.
func (p *Profile) insert(body []byte, members string) ([]byte, error) {
	end := bytes.LastIndexByte(body, '}')
	if end < 0 {
		return nil, fmt.Errorf("the event is no JSON object")
	}
	comma := ","
	if bytes.HasSuffix(bytes.TrimSpace(body[:end]), []byte("{")) {
		comma = ""
	}
	return append(append(bytes.Clone(body[:end]), comma+members...), '}'), nil
}

func (p *Profile) with(body []byte, key, text string) ([]byte, error) {
	return p.insert(body, string(quote(key))+":"+string(quote(text)))
}

// withText puts a text where people read one, or into a member of its own.
func (p *Profile) withText(body []byte, text string) ([]byte, error) {
	if p.conf.Text == "" {
		return p.with(body, "note", text)
	}
	return p.each(body, []string{p.conf.Text}, func(*template.Node) *template.Node { return literal(text) })
}

func (p *Profile) grow(body []byte, size int) ([]byte, error) {
	return p.with(body, "padding", strings.Repeat("0123456789abcdef", max(size-len(body), 16)/16))
}

// each replaces what stands at these places; nil takes it away.
func (p *Profile) each(body []byte, places []string, by func(*template.Node) *template.Node) ([]byte, error) {
	n, err := template.ParseData(body)
	if err != nil {
		return nil, err
	}
	for _, place := range places {
		n = replace(n, strings.Split(strings.TrimPrefix(place, "/"), "/"), by)
	}
	return n.Append(nil, nil)
}

func replace(n *template.Node, path []string, by func(*template.Node) *template.Node) *template.Node {
	var members []template.Member
	for _, m := range n.Members() {
		if m.Key == path[0] {
			if len(path) > 1 {
				m.Value = replace(m.Value, path[1:], by)
			} else if m.Value = by(m.Value); m.Value == nil {
				continue
			}
		}
		members = append(members, m)
	}
	return template.Object(members)
}

func reverse(n *template.Node) *template.Node {
	if !n.IsObject() {
		return n
	}
	var members []template.Member
	for _, m := range n.Members() {
		members = append([]template.Member{{Key: m.Key, Value: reverse(m.Value)}}, members...)
	}
	return template.Object(members)
}

func quote(s string) []byte {
	b, err := jsontext.AppendQuote(nil, s)
	if err != nil { // not UTF-8
		b, _ = json.Marshal(s)
	}
	return b
}

// escape writes characters as \uXXXX. In JSON text they stand nowhere but in strings.
func escape(body []byte, which func(rune) bool) []byte {
	var b bytes.Buffer
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		switch high, low := utf16.EncodeRune(r); {
		case !which(r):
			b.Write(body[:n])
		case high != utf8.RuneError:
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		body = body[n:]
	}
	return b.Bytes()
}
