package fault

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// member is a member of an object somewhere in a body. Its places are offsets in the body's bytes.
type member struct {
	path        string // the names on the way to it, with a dot between
	kind        jsontext.Kind
	first, last bool // of its object
	from        int  // where its name begins
	value, end  int  // where its value begins and ends
}

// members lists the members of all objects in a JSON text, outer ones before those inside them. Of a list only the first
// item is looked into. It is nil for what is not JSON.
func members(body []byte) []member {
	d := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var all []member
	if walk(d, body, "", &all) != nil {
		return nil
	}
	return all
}

func walk(d *jsontext.Decoder, body []byte, path string, all *[]member) error {
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

func walkObject(d *jsontext.Decoder, body []byte, path string, all *[]member) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	last := -1
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		m := member{path: path + name.String(), first: last < 0}
		after := int(d.InputOffset())
		m.from = nameBegins(body, after)
		m.kind = d.PeekKind()
		m.value = after + bytes.IndexByte(body[after:], ':') + 1
		for m.value < len(body) && strings.IndexByte(" \t\r\n", body[m.value]) >= 0 {
			m.value++
		}
		last = len(*all)
		*all = append(*all, m)
		if err := walk(d, body, m.path+".", all); err != nil {
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

// nameBegins finds the quote that opens the name which ends at a place.
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

// without returns the body with a member cut out, every other byte as it was.
func without(body []byte, m member) []byte {
	from, to := m.from, m.end
	switch {
	case !m.last:
		to += bytes.IndexByte(body[to:], ',') + 1
		for to < len(body) && strings.IndexByte(" \t\r\n", body[to]) >= 0 {
			to++
		}
	case !m.first:
		from = bytes.LastIndexByte(body[:from], ',')
	}
	return append(bytes.Clone(body[:from]), body[to:]...)
}

// with returns the body with another value for a member, which is JSON already.
func with(body []byte, m member, value string) []byte {
	made := append(bytes.Clone(body[:m.value]), value...)
	return append(made, body[m.end:]...)
}

// insert returns the body with a further member at the end of the outermost object; false if it is none.
func insert(body []byte, name, value string) ([]byte, bool) {
	end := bytes.LastIndexByte(body, '}')
	if end < 0 || len(bytes.TrimSpace(body[end+1:])) > 0 {
		return body, false
	}
	made := bytes.TrimRight(bytes.Clone(body[:end]), " \t\r\n")
	if !bytes.HasSuffix(made, []byte("{")) {
		made = append(made, ',')
	}
	made = append(append(append(made, quote(name)...), ':'), value...)
	return append(made, body[end:]...), true
}

func quote(s string) string {
	b, _ := jsontext.AppendQuote(nil, s) // only of text that is not UTF-8 is there an error, and then it is mended
	return string(b)
}
