package journal

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Millis is a duration, encoded in JSON as a number of milliseconds with microsecond precision.
type Millis time.Duration

// MarshalJSON writes the number.
func (m Millis) MarshalJSON() ([]byte, error) { return m.append(nil), nil }

// UnmarshalJSON reads the number.
func (m *Millis) UnmarshalJSON(data []byte) error {
	var ms float64
	if err := json.Unmarshal(data, &ms); err != nil {
		return fmt.Errorf("duration in ms: %w", err)
	}
	*m = Millis(math.Round(ms*1000)) * Millis(time.Microsecond)
	return nil
}

func (m Millis) append(dst []byte) []byte {
	if m < 0 {
		dst, m = append(dst, '-'), -m
	}
	us := int64(m) / 1000
	dst = strconv.AppendInt(dst, us/1000, 10)
	if us %= 1000; us != 0 {
		dst = append(dst, '.', byte('0'+us/100), byte('0'+us/10%10), byte('0'+us%10))
		for dst[len(dst)-1] == '0' {
			dst = dst[:len(dst)-1]
		}
	}
	return dst
}

// phase appends a field and a comma, or nothing for 0.
func (m Millis) phase(dst []byte, name string) []byte {
	if m == 0 {
		return dst
	}
	return append(m.append(append(dst, name...)), ',')
}

// The functions below append a field. Its name includes the punctuation around it, as in `,"id":`.

func text(dst []byte, name, s string) []byte { return quote(append(dst, name...), s) }

func optional(dst []byte, name, s string) []byte {
	if s == "" {
		return dst
	}
	return text(dst, name, s)
}

func integer(dst []byte, name string, n int) []byte {
	return strconv.AppendInt(append(dst, name...), int64(n), 10)
}

func boolean(dst []byte, name string, b bool) []byte {
	return strconv.AppendBool(append(dst, name...), b)
}

func number(dst []byte, name string, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		f = 0
	}
	return strconv.AppendFloat(append(dst, name...), f, 'g', -1, 64)
}

func list(dst []byte, name string, values []string) []byte {
	if len(values) == 0 {
		return dst
	}
	dst = append(append(dst, name...), '[')
	for i, s := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = quote(dst, s)
	}
	return append(dst, ']')
}

// quote appends a JSON string. Invalid UTF-8 becomes U+FFFD, which is the only error of AppendQuote.
func quote(dst []byte, s string) []byte {
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}

func headers(dst []byte, list []Header) []byte {
	dst = append(dst, '[')
	for i, h := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = text(dst, `[`, h[0])
		dst = text(dst, `,`, h[1])
		dst = append(dst, ']')
	}
	return append(dst, ']')
}

// room estimates an upper bound for the JSON length of headers and body, assuming an ordinary amount of escaping.
func room(list []Header, b Body) int {
	n := len(b.Bytes) + len(b.Bytes)/4 + 64
	for _, h := range list {
		n += len(h[0]) + len(h[1]) + 8
	}
	return n
}

// appendTime appends a quoted RFC 3339 time with milliseconds. time.AppendFormat takes five times as long for a layout
// other than its own.
func appendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(dst, `"2006-01-02T15:04:05.000Z"`)
	}
	hour, minute, second := t.Clock()
	ms := t.Nanosecond() / 1e6
	dst = append(dst, '"')
	dst = two(two(dst, year/100), year%100)
	dst = two(append(dst, '-'), int(month))
	dst = two(append(dst, '-'), day)
	dst = two(append(dst, 'T'), hour)
	dst = two(append(dst, ':'), minute)
	dst = two(append(dst, ':'), second)
	dst = two(append(dst, '.', byte('0'+ms/100)), ms%100)
	return append(dst, 'Z', '"')
}

func two(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }
