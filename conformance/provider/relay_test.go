package provider

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"
)

// relay forwards the webhooks of a mock to their receiver, with the flaws of a flawed provider.
type relay struct {
	server *httptest.Server
	hook   func(*delivery)

	mu sync.Mutex
	to string // base URL of the receiver
	n  int
}

// delivery is a webhook that the relay received.
type delivery struct {
	n       int // 1 for the first
	header  http.Header
	body    []byte
	follow  bool // redirects
	patient bool // does not disconnect when the mock does

	relay   *relay
	w       http.ResponseWriter
	r       *http.Request
	done    bool
	answers int // replaces the receiver's status; 0: unchanged
}

func newRelay(t *testing.T, hook func(*delivery)) *relay {
	r := &relay{hook: hook}
	if hook == nil {
		return r
	}
	r.server = httptest.NewServer(r)
	t.Cleanup(r.server.Close)
	return r
}

// receivers matches the URLs that the checks register.
var receivers = regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/hooks/`)

// redirected returns the body of a request with the relay's URL in place of the webhook's.
func (r *relay) redirected(body []byte) []byte {
	found := receivers.FindSubmatch(body)
	if r.hook == nil || found == nil {
		return body
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = string(found[1])
	return bytes.ReplaceAll(body, found[1], []byte(r.server.URL))
}

func (r *relay) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	r.n++
	d := &delivery{n: r.n, header: request.Header, body: body, relay: r, w: w, r: request}
	r.mu.Unlock()
	r.hook(d)
}

// forward forwards the webhook and returns the first response.
func (d *delivery) forward() {
	ctx := d.r.Context()
	if d.patient {
		ctx = context.WithoutCancel(ctx)
	}
	d.relay.mu.Lock()
	to := d.relay.to
	d.relay.mu.Unlock()
	request, err := http.NewRequestWithContext(ctx, d.r.Method, to+d.r.URL.Path, bytes.NewReader(d.body))
	if err != nil {
		return
	}
	request.Header = d.header
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if !d.follow {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	response, err := client.Do(request)
	if err != nil {
		return
	}
	response.Body.Close()
	if !d.done {
		d.done = true
		d.w.WriteHeader(cmp.Or(d.answers, response.StatusCode))
	}
}
