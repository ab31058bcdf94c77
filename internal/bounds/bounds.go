// Package bounds measures and reads bodies from outside without trusting their size.
//
// Limits and the errors about them belong to its users.
package bounds

import (
	"bytes"
	"io"
)

// MeasureJSON counts the elements of a JSON text and its depth. Of a text that is invalid it stops anywhere.
func MeasureJSON(raw []byte) (elements, deepest int) {
	depth := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			if i = endOfString(raw, i+1); i < 0 {
				return elements, deepest
			}
		case '[', '{':
			depth++
			elements++
			deepest = max(deepest, depth)
		case ']', '}':
			depth--
		case ',':
			elements++
		}
	}
	return elements, deepest
}

// endOfString returns the index of the quote that ends a string, or -1.
func endOfString(raw []byte, i int) int {
	for start := i; ; i++ {
		next := bytes.IndexByte(raw[i:], '"')
		if next < 0 {
			return -1
		}
		i += next
		escapes := 0
		for i-escapes > start && raw[i-escapes-1] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
	}
}

// Small is the size up to which a body costs its own bytes only, whatever size was announced.
const Small = 32 << 10

// ReadAll reads r. It allocates for size bytes only once more than Small was there to read, and for limit bytes at most.
func ReadAll(r io.Reader, size, limit int64) ([]byte, error) {
	if size < 0 { // unknown
		size = 511
	}
	all := make([]byte, 0, min(size+1, Small/2))
	for {
		if len(all) == cap(all) {
			var more [1]byte
			n, err := io.ReadFull(r, more[:])
			if err == io.EOF {
				return all, nil
			}
			if err != nil {
				return all, err
			}
			room := 2 * int64(cap(all))
			if len(all) >= Small {
				room = max(room, min(size, limit)+1)
			}
			grown := make([]byte, len(all), room)
			copy(grown, all)
			all = append(grown, more[:n]...)
		}
		n, err := r.Read(all[len(all):cap(all)])
		if all = all[:len(all)+n]; err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
	}
}
