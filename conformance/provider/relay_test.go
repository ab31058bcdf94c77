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

// relay stands between a mock's webhooks and whoever registered them: what is wrong with how a flawed provider sends is
// done here.
type relay struct {
	server *httptest.Server
	hook   func(*delivery)

	mu sync.Mutex
	to string // base URL of the receiver
	n  int
}

// delivery is a webhook on its way.
type delivery struct {
	n       int // 1 for the first
	header  http.Header
	body    []byte
	follow  bool // redirects
	patient bool // does not hang up when the mock does

	relay   *relay
	w       http.ResponseWriter
	r       *http.Request
	done    bool
	answers int // in place of the receiver's status; 0: the receiver's
}

func newRelay(t *testing.T, hook func(*delivery)) *relay {
	made := &relay{hook: hook}
	if hook == nil {
		return made
	}
	made.server = httptest.NewServer(made)
	t.Cleanup(made.server.Close)
	return made
}

// receivers are the URLs that the checks register.
var receivers = regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/hooks/`)

// redirected is a body of a call, in which the webhook's URL is the relay's.
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

// forward sends the webhook on. The first answer is passed back.
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
	answer, err := client.Do(request)
	if err != nil {
		return
	}
	answer.Body.Close()
	if !d.done {
		d.done = true
		d.w.WriteHeader(cmp.Or(d.answers, answer.StatusCode))
	}
}
