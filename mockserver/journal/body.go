package journal

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Header is one header line: name and value, as ["Name","value"].
type Header = [2]string

// Body is the body of a request or a response: {"text":"…","size":N} if it is UTF-8, {"base64":"…","size":N} if not,
// and "truncated":true if only its beginning was kept.
type Body struct {
	Bytes     []byte
	Size      int64 // of the complete body, in bytes
	Truncated bool
}

// NewBody returns the Body of size bytes that begins with b. It keeps b without copying. If b is shorter than size, an
// incomplete character at its end is removed, so that truncated text remains valid UTF-8.
func NewBody(b []byte, size int64) Body {
	if int64(len(b)) >= size {
		return Body{Bytes: b, Size: int64(len(b))}
	}
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				b = b[:i]
			}
			break
		}
	}
	return Body{Bytes: b, Size: size, Truncated: true}
}

// Append appends the JSON object to dst.
func (b Body) Append(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, `{"text":`...)
	dst, err := jsontext.AppendQuote(dst, b.Bytes)
	if err != nil { // AppendQuote fails only for invalid UTF-8
		dst = append(dst[:start], `{"base64":"`...)
		dst = base64.StdEncoding.AppendEncode(dst, b.Bytes)
		dst = append(dst, '"')
	}
	dst = append(dst, `,"size":`...)
	dst = strconv.AppendInt(dst, b.Size, 10)
	if b.Truncated {
		dst = append(dst, `,"truncated":true`...)
	}
	return append(dst, '}')
}

// MarshalJSON is Append.
func (b Body) MarshalJSON() ([]byte, error) { return b.Append(nil), nil }

// UnmarshalJSON decodes the output of Append.
func (b *Body) UnmarshalJSON(data []byte) error {
	var form struct {
		Text      *string `json:"text"`
		Base64    []byte  `json:"base64"`
		Size      int64   `json:"size"`
		Truncated bool    `json:"truncated"`
	}
	if err := json.Unmarshal(data, &form); err != nil {
		return err
	}
	*b = Body{Bytes: form.Base64, Size: form.Size, Truncated: form.Truncated}
	if form.Text != nil {
		b.Bytes = []byte(*form.Text)
	}
	return nil
}

// keptBody is how much of a body the journal keeps, in bytes: a few photographs would push everything else out of it.
const keptBody = 64 << 10

// ShortBody returns the Body of a request or response that is kept as far as the journal keeps bodies.
func ShortBody(b []byte) Body { return NewBody(b[:min(len(b), keptBody)], int64(len(b))) }
