package run

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/internal/template"
)

// A run is encoded and decoded for every request and every due step, so the common case has code of its own: a run
// without waits and without counted replies. The result is that of the library.

// plain is a run that the library encodes and decodes by itself.
type plain Run

// MarshalJSON returns the run as it is stored.
func (r *Run) MarshalJSON() ([]byte, error) {
	if r.encoded != nil {
		return r.encoded, nil
	}
	return r.encode()
}

// UnmarshalJSON reads the run as it is stored.
func (r *Run) UnmarshalJSON(data []byte) error { return r.decode(bytes.Clone(data)) }

// encode returns the run as it is stored.
func (r *Run) encode() ([]byte, error) {
	if len(r.Waits) > 0 || len(r.State.Calls) > 0 || r.Steps > 0 || r.Removed || len(r.Addresses) > 0 {
		return json.Marshal((*plain)(r), json.Deterministic(true))
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	dst, err := r.append((*buffer)[:0])
	if err != nil {
		return nil, err
	}
	*buffer = dst
	return bytes.Clone(dst), nil
}

// buffers are reused: runs are kept for long, so each gets the memory that it needs and no more.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// append appends a run of the common case.
func (r *Run) append(dst []byte) ([]byte, error) {
	dst = text(dst, `{"reference":`, r.Reference)
	dst = text(dst, `,"provider":`, r.Provider)
	dst = text(dst, `,"operation":`, r.Operation)
	dst = text(dst, `,"scenario":`, r.Scenario)
	if r.Edition != 0 {
		dst = strconv.AppendInt(append(dst, `,"edition":`...), int64(r.Edition), 10)
	}
	if r.Subject != "" {
		dst = text(dst, `,"subject":`, r.Subject)
	}
	dst = append(r.Started.AppendFormat(append(dst, `,"started":"`...), time.RFC3339Nano), '"')
	if r.Order != 0 {
		dst = strconv.AppendUint(append(dst, `,"order":`...), r.Order, 10)
	}
	if len(r.Request) > 0 {
		dst = append(append(dst, `,"request":`...), r.Request...)
	}
	dst = append(dst, `,"state":{`...)
	if len(r.State.Set) > 0 {
		var err error
		if dst, err = appendValue(append(dst, `"set":`...), r.State.Set); err != nil {
			return nil, err
		}
	}
	dst = append(dst, '}')
	if r.Open != 0 {
		dst = strconv.AppendInt(append(dst, `,"open":`...), int64(r.Open), 10)
	}
	return append(dst, '}'), nil
}

// text appends a name and a text.
func text(dst []byte, name, s string) []byte {
	dst, _ = jsontext.AppendQuote(append(dst, name...), s) // invalid UTF-8 becomes U+FFFD, as everywhere
	return dst
}

// appendValue appends a decoded value, the members of objects in order.
func appendValue(dst []byte, v any) (_ []byte, err error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case string:
		return text(dst, "", v), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case map[string]any:
		dst = append(dst, '{')
		keys := make([]string, 0, 8) // on the stack
		for key := range v {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for i, key := range keys {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendValue(append(text(dst, "", key), ':'), v[key]); err != nil {
				return nil, err
			}
		}
		return append(dst, '}'), nil
	case []any:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendValue(dst, item); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	}
	other, err := json.Marshal(v, json.Deterministic(true))
	return append(dst, other...), err
}

// decoders are reused: creating one costs more than decoding a run.
var decoders = sync.Pool{New: func() any { return new(jsontext.Decoder) }}

var errUncommon = errors.New("a run with something uncommon")

// decode reads a run as it is stored. It keeps the request of data.
func (r *Run) decode(data []byte) error {
	d := decoders.Get().(*jsontext.Decoder)
	defer decoders.Put(d)
	d.Reset(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true))
	defer d.Reset(bytes.NewBuffer(nil)) // or the pool would keep the document
	if r.decodeCommon(d, data) == nil {
		return nil
	}
	*r = Run{rev: r.rev}
	return json.Unmarshal(data, (*plain)(r))
}

func (r *Run) decodeCommon(d *jsontext.Decoder, data []byte) error {
	if d.PeekKind() != '{' {
		return errUncommon
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err == nil {
			err = r.decodeMember(d, data, name.String())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Run) decodeMember(d *jsontext.Decoder, data []byte, name string) (err error) {
	switch name {
	case "reference":
		return readText(d, &r.Reference)
	case "provider":
		return readText(d, &r.Provider)
	case "operation":
		return readText(d, &r.Operation)
	case "scenario":
		return readText(d, &r.Scenario)
	case "subject":
		return readText(d, &r.Subject)
	}
	value, err := d.ReadValue()
	if err != nil {
		return err
	}
	end := int(d.InputOffset())
	value = jsontext.Value(data[end-len(value) : end]) // which is not reused
	switch name {
	case "started":
		return r.Started.UnmarshalJSON(value)
	case "edition":
		r.Edition, err = strconv.Atoi(string(value))
	case "order":
		r.Order, err = strconv.ParseUint(string(value), 10, 64)
	case "open":
		r.Open, err = strconv.Atoi(string(value))
	case "request":
		r.Request = value
	case "state":
		return r.decodeState(value)
	default:
		return errUncommon
	}
	return err
}

// decodeState reads the state of a run that has no counted replies.
func (r *Run) decodeState(value []byte) error {
	v, err := template.DecodeJSON(value)
	if err != nil {
		return err
	}
	state, ok := v.(map[string]any)
	if !ok || len(state) > 1 {
		return errUncommon
	}
	for name, set := range state {
		if r.State.Set, ok = set.(map[string]any); !ok || name != "set" {
			return errUncommon
		}
	}
	return nil
}

func readText(d *jsontext.Decoder, to *string) error {
	token, err := d.ReadToken()
	if err == nil && token.Kind() != '"' {
		err = errUncommon
	}
	if err == nil {
		*to = token.String()
	}
	return err
}
