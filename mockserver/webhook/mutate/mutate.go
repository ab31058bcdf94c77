// Package mutate holds the one table of mutations that faults and conformance checks share: changes of a webhook's body,
// its headers and the secret that signs it. A fault verb and a word in a check each name an entry and add arguments, so
// both misbehave in the same bytes.
//
// Every mutation is a function of its arguments. It copies what it changes and keeps every byte that it does not change.
//
// Does not belong here: when a mutation applies (package fault and the checks), how a signature is computed (package
// openapi), and how bytes reach the wire (package webhook).
package mutate

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Mutation names an entry of the table.
type Mutation string

// The mutations of a body.
const (
	// Invalid or unexpected content.
	AddMember     Mutation = "add-member"     // Name, Value
	RemoveMember  Mutation = "remove-member"  // Path
	ReplaceMember Mutation = "replace-member" // Path, Value
	AlterValue    Mutation = "alter-value"    // Paths, Pick: one character of a value
	Truncate      Mutation = "truncate"       // Keep
	Substitute    Mutation = "substitute"     // As: a key of [Substitutes]
	Pad           Mutation = "pad"            // Size

	// The same JSON in other bytes.
	Indent         Mutation = "indent"
	Space          Mutation = "space"      // a space after each comma and colon, as Python writes JSON
	SpaceFirst     Mutation = "space-once" // one space after the first brace
	EscapeSlashes  Mutation = "escape-slashes"
	EscapeUnicode  Mutation = "escape-unicode"
	EscapeHTML     Mutation = "escape-html"
	ReverseMembers Mutation = "reverse-members"
	RepeatMember   Mutation = "repeat-member" // the first member, once more at the end
	ByteOrderMark  Mutation = "byte-order-mark"

	// Compression.
	Gzip     Mutation = "gzip"
	GzipBomb Mutation = "gzip-bomb"
)

// Args are the arguments of a mutation. An entry ignores the fields that it does not name.
type Args struct {
	Path  string   // a member, as in data.status
	Paths []string // preferred members; without them, or if the body has none of them, all members
	Name  string   // of an added member
	Value string   // JSON text
	As    string
	Keep  float64 // share of the body, 0 to 1
	Size  int     // bytes
	// Pick chooses one of n candidates. Nil picks the first.
	Pick func(n int) int
}

// table holds what each mutation does.
var table = map[Mutation]func(body []byte, a Args) ([]byte, error){
	AddMember: func(body []byte, a Args) ([]byte, error) { return insert(body, a.Name, a.Value) },
	RemoveMember: func(body []byte, a Args) ([]byte, error) {
		m, err := Find(body, a.Path)
		if err != nil {
			return nil, err
		}
		return m.Remove(body), nil
	},
	ReplaceMember: func(body []byte, a Args) ([]byte, error) {
		m, err := Find(body, a.Path)
		if err != nil {
			return nil, err
		}
		return m.Replace(body, a.Value), nil
	},
	AlterValue: alter,
	Truncate:   func(body []byte, a Args) ([]byte, error) { return body[:Share(len(body), a.Keep)], nil },
	Substitute: func(_ []byte, a Args) ([]byte, error) {
		text, ok := Substitutes[a.As]
		if !ok {
			return nil, fmt.Errorf("unknown substitute %q", a.As)
		}
		return []byte(text), nil
	},
	Pad:    pad,
	Indent: indent,
	Space:  space,
	SpaceFirst: func(body []byte, _ Args) ([]byte, error) {
		return bytes.Replace(body, []byte("{"), []byte("{ "), 1), nil
	},
	EscapeSlashes: func(body []byte, _ Args) ([]byte, error) {
		return bytes.ReplaceAll(body, []byte("/"), []byte(`\/`)), nil
	},
	EscapeUnicode: func(body []byte, _ Args) ([]byte, error) {
		return escape(body, func(r rune) bool { return r > 0x7f }), nil
	},
	EscapeHTML:     func(body []byte, _ Args) ([]byte, error) { return escape(body, isHTML), nil },
	ReverseMembers: func(body []byte, _ Args) ([]byte, error) { return reverse(body) },
	RepeatMember:   repeatMember,
	ByteOrderMark:  func(body []byte, _ Args) ([]byte, error) { return append([]byte("\xef\xbb\xbf"), body...), nil },
	Gzip:           func(body []byte, _ Args) ([]byte, error) { return compress(body) },
	GzipBomb:       func([]byte, Args) ([]byte, error) { return bomb(), nil },
}

// Mutations lists the table's entries in order of their names.
func Mutations() []Mutation { return slices.Sorted(maps.Keys(table)) }

// Apply returns the mutated body. The error says why the mutation does not fit this body.
func (m Mutation) Apply(body []byte, a Args) ([]byte, error) {
	do := table[m]
	if do == nil {
		return nil, fmt.Errorf("unknown mutation %q", m)
	}
	return do(body, a)
}

// UnknownValue is the value of a member that receivers do not know.
const UnknownValue = `{"added":"by a newer version","list":[1,2,3]}`

// Substitutes are the texts that can replace a JSON body.
var Substitutes = map[string]string{
	"html":   "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n",
	"text":   "upstream connect error or disconnect/reset before headers",
	"empty":  "",
	"form":   "event=verification&status=approved&decision=approved",
	"null":   "null",
	"array":  "[]",
	"string": `"approved"`,
	"number": "0",
}

// Share returns a share of n, at least 0 and always less than n.
func Share(n int, of float64) int { return max(0, min(n-1, int(float64(n)*of))) }

// pad grows the body to a.Size bytes: by a member where it is an object, else by characters behind it.
func pad(body []byte, a Args) ([]byte, error) {
	missing := a.Size - len(body)
	if missing <= 0 {
		return body, nil
	}
	const frame = len(`,"idmock_padding":""`)
	if framed, err := insert(body, "idmock_padding", `""`); err == nil {
		at := bytes.LastIndex(framed, []byte(`""`)) + 1
		return fill(framed, at, max(0, missing-frame)), nil
	}
	return fill(body, len(body), missing), nil
}

// fill returns the body with n more bytes at an offset. It allocates nothing else: bodies may be large.
func fill(body []byte, at, n int) []byte {
	padded := make([]byte, len(body)+n)
	copy(padded, body[:at])
	for i := at; i < at+n; i++ {
		padded[i] = 'x'
	}
	copy(padded[at+n:], body[at:])
	return padded
}

// alter changes one letter or digit inside a value, so that the body still parses. Escape sequences stay as they are.
func alter(body []byte, a Args) ([]byte, error) {
	all := Members(body)
	places := alterable(body, slices.DeleteFunc(slices.Clone(all), func(m Member) bool { return !slices.Contains(a.Paths, m.Path) }))
	if len(places) == 0 {
		places = alterable(body, all)
	}
	if len(places) == 0 {
		return nil, errors.New("the body has no value to alter")
	}
	at := places[0]
	if a.Pick != nil {
		at = places[a.Pick(len(places))]
	}
	body = bytes.Clone(body)
	body[at] = neighbour(body[at])
	return body, nil
}

// alterable returns the offsets of the letters and digits that alter may change.
func alterable(body []byte, all []Member) []int {
	var places []int
	for _, m := range all {
		switch m.Kind {
		case '"':
			for i := m.value + 1; i < m.end-1; i++ {
				if body[i] == '\\' {
					i++
					if body[i] == 'u' {
						i += 4
					}
				} else if alphanumeric(body[i]) {
					places = append(places, i)
				}
			}
		case '0':
			if c := body[m.end-1]; c >= '1' && c <= '9' {
				places = append(places, m.end-1)
			}
		}
	}
	return places
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// neighbour returns another character of the same class.
func neighbour(c byte) byte {
	switch c {
	case '9':
		return '1'
	case 'z':
		return 'a'
	case 'Z':
		return 'A'
	}
	return c + 1
}
