// Package mediatype compares the media types of requests and responses with those of a document. It does not decode bodies.
package mediatype

import (
	"mime"
	"strings"
)

// Plain returns a media type without its parameters, in lower case.
func Plain(mediaType string) string {
	if plain, _, err := mime.ParseMediaType(mediaType); err == nil {
		return plain
	}
	plain, _, _ := strings.Cut(mediaType, ";")
	return strings.ToLower(strings.TrimSpace(plain))
}

// IsJSON reports whether bodies of a media type are JSON.
func IsJSON(mediaType string) bool {
	return mediaType == "application/json" || strings.HasSuffix(mediaType, "+json") || strings.HasSuffix(mediaType, "/json") ||
		strings.HasPrefix(mediaType, "application/json") && !strings.Contains(mediaType, "seq") && !strings.Contains(mediaType, "lines")
}

// IsAny reports whether a range covers JSON and others.
func IsAny(mediaType string) bool { return mediaType == "*/*" || mediaType == "application/*" }
