package mutate

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Member is a member of an object in a body. Its positions are offsets into the body's bytes.
type Member struct {
	Path        string // names from the outermost object on, joined by dots
	Kind        jsontext.Kind
	first, last bool // in its object
	name        int  // where its name begins
	value, end  int  // where its value begins and ends
}

// Members lists the members of all objects in a JSON text, outer before inner. It looks into the first item of a list
// only. It returns nil for invalid JSON.
func Members(body []byte) []Member {
	d := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var all []Member
	if walk(d, body, "", &all) != nil {
		return nil
	}
	return all
}

// Find returns the member at a path such as data.status.
func Find(body []byte, path string) (Member, error) {
	for _, m := range Members(body) {
		if m.Path == path {
			return m, nil
		}
	}
	return Member{}, fmt.Errorf("the body has no member %s", path)
}

// Value returns the JSON text of the member's value.
func (m Member) Value(body []byte) string { return string(body[m.value:m.end]) }

// Remove returns the body without the member.
func (m Member) Remove(body []byte) []byte {
	from, to := m.name, m.end
	switch {
	case !m.last:
		to += bytes.IndexByte(body[to:], ',') + 1
		for to < len(body) && isSpace(body[to]) {
			to++
		}
	case !m.first:
		from = bytes.LastIndexByte(body[:from], ',')
	}
	return append(bytes.Clone(body[:from]), body[to:]...)
}

// Replace returns the body with another value, a JSON text, for the member.
func (m Member) Replace(body []byte, value string) []byte {
	return append(append(bytes.Clone(body[:m.value]), value...), body[m.end:]...)
}

// insert returns the body with one more member at the end of the outermost object.
func insert(body []byte, name, value string) ([]byte, error) {
	end := bytes.LastIndexByte(body, '}')
	if end < 0 || len(bytes.TrimSpace(body[end+1:])) > 0 {
		return nil, errors.New("the body is not a JSON object")
	}
	longer := bytes.TrimRight(bytes.Clone(body[:end]), " \t\r\n")
	if !bytes.HasSuffix(longer, []byte("{")) {
		longer = append(longer, ',')
	}
	longer = append(append(append(longer, Quote(name)...), ':'), value...)
	return append(longer, body[end:]...), nil
}

// Quote returns a text as a JSON string. It replaces bytes that are not UTF-8.
func Quote(s string) string {
	b, _ := jsontext.AppendQuote(nil, s) // the error reports invalid UTF-8, which is replaced
	return string(b)
}

func isSpace(c byte) bool { return strings.IndexByte(" \t\r\n", c) >= 0 }

func walk(d *jsontext.Decoder, body []byte, path string, all *[]Member) error {
	switch d.PeekKind() {
	case '{':
		return walkObject(d, body, path, all)
	case '[':
		if _, err := d.ReadToken(); err != nil {
			return err
		}
		for n := 0; d.PeekKind() != ']'; n++ {
			if n > 0 {
				if err := d.SkipValue(); err != nil {
					return err
				}
				continue
			}
			if err := walk(d, body, path+"0.", all); err != nil {
				return err
			}
		}
		_, err := d.ReadToken()
		return err
	}
	return d.SkipValue()
}

func walkObject(d *jsontext.Decoder, body []byte, path string, all *[]Member) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	last := -1
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		m := Member{Path: path + name.String(), first: last < 0}
		after := int(d.InputOffset())
		m.name = nameBegins(body, after)
		m.Kind = d.PeekKind()
		m.value = after + bytes.IndexByte(body[after:], ':') + 1
		for m.value < len(body) && isSpace(body[m.value]) {
			m.value++
		}
		last = len(*all)
		*all = append(*all, m)
		if err := walk(d, body, m.Path+".", all); err != nil {
			return err
		}
		(*all)[last].end = int(d.InputOffset())
	}
	if last >= 0 {
		(*all)[last].last = true
	}
	_, err := d.ReadToken()
	return err
}

// nameBegins returns the offset of the quote that opens the name which ends at end.
func nameBegins(body []byte, end int) int {
	i := end - 2
	for ; i > 0; i-- {
		if body[i] != '"' {
			continue
		}
		escapes := 0
		for j := i - 1; j >= 0 && body[j] == '\\'; j-- {
			escapes++
		}
		if escapes%2 == 0 {
			break
		}
	}
	return i
}
