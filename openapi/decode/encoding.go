package decode

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
)

// ErrEncoding reports a content encoding that is not supported.
var ErrEncoding = errors.New("unsupported content encoding")

// Encoded returns a reader of the bytes that a body has under a Content-Encoding: gzip, deflate, br, or none. Callers bound
// what they read: a few bytes may become millions. The error is [ErrEncoding], or that of a body that cannot be decoded; its
// text is safe to send.
func Encoded(encoding string, body io.Reader) (io.Reader, error) {
	switch name := strings.ToLower(strings.TrimSpace(encoding)); name {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		decoded, err := gzip.NewReader(body)
		if err == io.EOF {
			return strings.NewReader(""), nil // no body at all
		}
		return decoded, err
	case "deflate":
		return inflate(bufio.NewReader(body))
	case "br":
		return brotli.NewReader(body), nil
	default:
		return nil, fmt.Errorf("%w %q: use gzip, deflate, br or none", ErrEncoding, name)
	}
}

// inflate decodes deflate, which some clients send in the zlib format, as the standard says, and others without.
func inflate(body *bufio.Reader) (io.Reader, error) {
	begin, err := body.Peek(2)
	switch {
	case len(begin) == 0 && err == io.EOF:
		return strings.NewReader(""), nil
	case len(begin) == 2 && begin[0]&0x0f == 8 && (int(begin[0])<<8|int(begin[1]))%31 == 0:
		return zlib.NewReader(body)
	}
	return flate.NewReader(body), nil
}
