package template

import (
	"bytes"
	"io"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// decoder reads from its buffer.
type decoder struct {
	jsontext.Decoder
	buffer bytes.Buffer
}

// decoders are reused: creating one costs more than decoding a request.
var decoders = sync.Pool{New: func() any { return new(decoder) }}

func (d *decoder) read(src []byte) {
	d.buffer = *bytes.NewBuffer(src)
	d.Reset(&d.buffer, jsontext.AllowDuplicateNames(true))
}

// decodeFast decodes a JSON value like [DecodeJSON], in a fraction of the time. It is not ok for a value that is invalid or
// that the two libraries decode differently, such as invalid UTF-8: encoding/json decodes it or words the error.
func decodeFast(src []byte) (v any, ok bool) {
	d := decoders.Get().(*decoder)
	defer decoders.Put(d)
	d.read(src)
	defer d.read(nil) // or the pool would keep the body
	v, err := decodeNext(&d.Decoder)
	if err != nil {
		return nil, false
	}
	_, err = d.ReadToken()
	return v, err == io.EOF
}

func decodeNext(d *jsontext.Decoder) (any, error) {
	switch d.PeekKind() {
	case '{':
		return decodeObject(d)
	case '[':
		return decodeArray(d)
	case '0':
		text, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		if i, err := strconv.Atoi(string(text)); err == nil {
			return i, nil
		}
		return strconv.ParseFloat(string(text), 64) // an error where it is out of range
	}
	token, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '"':
		return token.String(), nil
	case 'n':
		return nil, nil
	}
	return token.Bool(), nil
}

func decodeObject(d *jsontext.Decoder) (any, error) {
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	members := map[string]any{}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String() // before the next read, which reuses the token's memory
		if members[key], err = decodeNext(d); err != nil {
			return nil, err
		}
	}
	_, err := d.ReadToken()
	return members, err
}

func decodeArray(d *jsontext.Decoder) (any, error) {
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	items := []any{}
	for d.PeekKind() != ']' {
		item, err := decodeNext(d)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := d.ReadToken()
	return items, err
}
