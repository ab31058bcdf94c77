package decode

import (
	"bytes"
	"fmt"

	"github.com/idmock/idmock/internal/bounds"
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
	case Form:
		elements = bytes.Count(raw, []byte("&")) + bytes.Count(raw, []byte(";"))
	case Multipart:
		elements = bytes.Count(raw, []byte("\nContent-Disposition:")) * multipartCost
	default:
		elements, depth = bounds.MeasureJSON(raw)
	}
	switch {
	case elements > maxElements:
		return &Error{TooLarge: true, Message: fmt.Sprintf("the body has more than %d elements", maxElements)}
	case depth > maxDepth:
		return &Error{TooLarge: true, Message: fmt.Sprintf("the body is nested deeper than %d levels", maxDepth)}
	}
	return nil
}

// multipartCost is the number of elements that a part of a form counts as, because of its headers.
const multipartCost = 50
