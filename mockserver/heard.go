package mockserver

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/rawheader"
)

// heardKey is under what a request's context has its connection: net/http tells of it in no other way.
type heardKey struct{}

// withHeard is the server's ConnContext.
func withHeard(ctx context.Context, c net.Conn) context.Context {
	if h, ok := c.(*rawheader.Conn); ok {
		return context.WithValue(ctx, heardKey{}, h)
	}
	return ctx
}

// headers lists a request's headers as they were sent. Where that was not heard, as over TLS, they stand by their names.
func headers(r *http.Request) [][2]string {
	if c, ok := r.Context().Value(heardKey{}).(*rawheader.Conn); ok {
		if all, ok := c.Head(r.Method+" "+r.RequestURI+" "+r.Proto, r.Header); ok {
			return all
		}
	}
	all := make([][2]string, 0, len(r.Header)+1)
	for name, values := range r.Header {
		for _, value := range values {
			all = append(all, [2]string{name, value})
		}
	}
	all = append(all, [2]string{"Host", r.Host})
	slices.SortFunc(all, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return all
}
