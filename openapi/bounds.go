package openapi

import (
	"bytes"
	"fmt"
	"io"
)

// Bounds of a decoded body: bytes alone say little about its cost, because {} takes fifty times its size in memory.
const (
	maxElements = 50_000
	maxDepth    = 200
)

// bounded refuses a body of more elements or depth than requests have. It allocates nothing.
func bounded(mediaType string, raw []byte) *Error {
	elements, depth := 0, 0
	switch mediaType {
	case formType:
		elements = bytes.Count(raw, []byte("&")) + bytes.Count(raw, []byte(";"))
	case multipartType:
		elements = bytes.Count(raw, []byte("\nContent-Disposition:")) * multipartCost
	default:
		elements, depth = measureJSON(raw)
	}
	switch {
	case elements > maxElements:
		return &Error{Kind: TooLarge, Message: fmt.Sprintf("the body has more than %d elements", maxElements)}
	case depth > maxDepth:
		return &Error{Kind: TooLarge, Message: fmt.Sprintf("the body is nested deeper than %d levels", maxDepth)}
	}
	return nil
}

// multipartCost is the number of elements that a part of a form counts as, because of its headers.
const multipartCost = 50

// measureJSON counts the elements of a JSON text and its depth. Of a text that is invalid it stops anywhere.
func measureJSON(raw []byte) (elements, deepest int) {
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

// readAll reads r. It allocates for size bytes only once more than a little was there to read.
func readAll(r io.Reader, size int64) ([]byte, error) {
	const little = 16 << 10
	if size < 0 { // unknown
		size = 511
	}
	all := make([]byte, 0, min(size+1, little))
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
			grown := make([]byte, len(all), max(min(size, MaxBody)+1, 2*int64(cap(all))))
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
