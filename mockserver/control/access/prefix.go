package access

import (
	"context"
	"net/http"
	"regexp"
	"strings"
)

var prefixForm = regexp.MustCompile(`^(/[A-Za-z0-9._~%-]+)+$`)

// PathPrefix returns a proxy's path prefix in the form /a/b, or "" for one that cannot be a prefix.
func PathPrefix(text string) string {
	text, _, _ = strings.Cut(text, ",")
	text = strings.TrimRight(strings.TrimSpace(text), "/")
	if strings.Contains(text, "/..") || !prefixForm.MatchString(text) {
		return ""
	}
	return text
}

type prefixKey struct{}

// WithPrefix notes the configured path prefix of the server in a request, for where no proxy says one. The result is a copy.
func WithPrefix(r *http.Request, prefix string) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), prefixKey{}, prefix))
}

// Prefix is the path under which a browser reaches the root of the server, with a slash at its end: / without a proxy that
// serves it below a path.
func Prefix(r *http.Request) string {
	if p := PathPrefix(r.Header.Get("X-Forwarded-Prefix")); p != "" {
		return p + "/"
	}
	if p, ok := r.Context().Value(prefixKey{}).(string); ok {
		return p + "/"
	}
	return "/"
}
