package spec

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// route registers an operation with and without the prefix: clients reach the mock by path or by host.
func (d *Document) route(op *Operation, routing Routing) (err error) {
	defer func() {
		if conflict := recover(); conflict != nil { // ServeMux panics on conflicting patterns
			first, _, _ := strings.Cut(fmt.Sprint(conflict), "\n")
			err = fmt.Errorf("path cannot be routed: %s", strings.TrimSuffix(registered.ReplaceAllString(first, ""), ":"))
		}
	}()
	for _, path := range []string{op.Path, routing.Prefix + op.Path} {
		if strings.HasSuffix(path, "/") {
			path += "{$}"
		} else if routing.TrailingSlash {
			d.mux.Handle(op.Method+" "+path+"/{$}", target{op})
		}
		d.mux.Handle(op.Method+" "+path, target{op})
	}
	return nil
}

// registered matches the position in our own source that ServeMux adds to its message.
var registered = regexp.MustCompile(` \(registered at [^)]*\)`)

// target is the handler of a route. It reports its operation to a [finder] and writes no response.
type target struct{ op *Operation }

func (t target) ServeHTTP(w http.ResponseWriter, _ *http.Request) { w.(*finder).found = t.op }

// finder is a response writer that records the route.
type finder struct {
	found  *Operation
	header http.Header
	status int
}

func (f *finder) Header() http.Header {
	if f.header == nil {
		f.header = http.Header{}
	}
	return f.header
}

func (f *finder) Write(b []byte) (int, error) { return len(b), nil }
func (f *finder) WriteHeader(status int)      { f.status = status }

// Find returns the operation for a request and sets the request's path values. Without one, allow lists the methods of the
// path, and is empty if the path is unknown.
func (d *Document) Find(r *http.Request) (op *Operation, allow string) {
	f := &finder{}
	d.mux.ServeHTTP(f, r)
	if f.found == nil && f.status == http.StatusMethodNotAllowed {
		allow = f.header.Get("Allow")
	}
	return f.found, allow
}
