package benchmarks

import (
	"net/http"
	"testing"
)

// receiver starts a receiver in a process of its own and returns its URL.
func receiver(b *testing.B) string {
	b.Helper()
	p, stop := launch(b, build(b, "./outside/testdata/bare"))
	b.Cleanup(stop)
	return p.url
}

// tuned returns a client for many connections to one host.
func tuned(connections int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}}
}
