package mutate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

func indent(body []byte, _ Args) ([]byte, error) {
	var b bytes.Buffer
	err := json.Indent(&b, body, "", "    ")
	return append(b.Bytes(), '\n'), err
}

func space(body []byte, _ Args) ([]byte, error) {
	return jsontext.AppendFormat(nil, body, jsontext.SpaceAfterComma(true), jsontext.SpaceAfterColon(true), jsontext.PreserveRawStrings(true))
}

func isHTML(r rune) bool { return strings.ContainsRune("&<>", r) }

// escape writes the matching characters as \uXXXX. In JSON text they occur in strings only.
func escape(body []byte, matches func(rune) bool) []byte {
	var b bytes.Buffer
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		switch high, low := utf16.EncodeRune(r); {
		case !matches(r):
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

// pairs splits an object into its members, each as the JSON text name:value.
func pairs(body []byte) ([][2]jsontext.Value, error) {
	d := jsontext.NewDecoder(bytes.NewReader(body))
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	var all [][2]jsontext.Value
	for d.PeekKind() == '"' {
		name, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		name = name.Clone()
		value, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		all = append(all, [2]jsontext.Value{name, value.Clone()})
	}
	_, err := d.ReadToken()
	return all, err
}

// reverse turns the order of the members around, in this object and in the objects that are its members.
func reverse(body []byte) ([]byte, error) {
	if jsontext.Value(body).Kind() != '{' {
		return body, nil
	}
	members, err := pairs(body)
	if err != nil {
		return nil, err
	}
	out := []byte{'{'}
	for i := len(members) - 1; i >= 0; i-- {
		value, err := reverse(members[i][1])
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, members[i][0]...), ':'), value...)
		if i > 0 {
			out = append(out, ',')
		}
	}
	return append(out, '}'), nil
}

func repeatMember(body []byte, _ Args) ([]byte, error) {
	members, err := pairs(body)
	if err != nil {
		return nil, err
	}
	if len(members) == 0 {
		return nil, errors.New("the body has no member to repeat")
	}
	var name string
	if err := json.Unmarshal(members[0][0], &name); err != nil {
		return nil, err
	}
	return insert(body, name, string(members[0][1]))
}
