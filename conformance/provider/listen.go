package provider

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/idmock/idmock/openapi"
)

// listener takes the webhooks of the provider that is judged. Each check has an inbox of its own, under a path.
type listener struct {
	url    string // to register, without a slash at its end
	server *http.Server
	served sync.WaitGroup

	mu      sync.Mutex
	inboxes map[string]*inbox
}

// inbox is what came to a path.
type inbox struct {
	answer func(w http.ResponseWriter, r *http.Request)

	mu   sync.Mutex
	got  []heard
	more chan struct{} // gets a token for everything that came, as long as somebody counts them
}

// heard is a webhook that came.
type heard struct {
	method string
	header http.Header
	body   []byte
	came   time.Time
}

// listen takes webhooks at an address. told is the base URL under which the provider reaches it; empty: the address. The port
// 0 in it is that of the address.
func listen(address, told string) (*listener, error) {
	on, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	l := &listener{url: strings.TrimSuffix(told, "/"), inboxes: map[string]*inbox{}}
	_, port, err := net.SplitHostPort(on.Addr().String())
	if rest, open := strings.CutSuffix(l.url, ":0"); open && err == nil {
		l.url = rest + ":" + port
	}
	if l.url == "" {
		l.url = "http://" + on.Addr().String()
	}
	l.server = &http.Server{Handler: l, ReadHeaderTimeout: 10 * time.Second}
	l.served.Go(func() { _ = l.server.Serve(on) }) // it ends by being closed
	return l, nil
}

func (l *listener) close() {
	_ = l.server.Close() // whoever still sends is cut off
	l.served.Wait()
}

// open makes an inbox.
func (l *listener) open(path string, answer func(http.ResponseWriter, *http.Request)) *inbox {
	made := &inbox{answer: answer, more: make(chan struct{}, 1000)}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inboxes[path] = made
	return made
}

// ServeHTTP takes a webhook.
func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	in := l.inboxes[r.URL.Path]
	l.mu.Unlock()
	if in == nil {
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, openapi.MaxBody))
	if err != nil {
		return // the sender has hung up
	}
	in.mu.Lock()
	in.got = append(in.got, heard{r.Method, r.Header, body, time.Now()})
	in.mu.Unlock()
	select {
	case in.more <- struct{}{}:
	default:
	}
	in.answer(w, r)
}

func (in *inbox) all() []heard {
	in.mu.Lock()
	defer in.mu.Unlock()
	return append([]heard(nil), in.got...)
}

// always answers with a status.
func always(status int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}
