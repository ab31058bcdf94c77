package inbox

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/idmock/idmock/openapi"
)

// Listener receives webhooks. Each check has an inbox with a path of its own.
type Listener struct {
	URL string // the base URL to register, without a slash at its end

	server *http.Server
	served sync.WaitGroup

	mu      sync.Mutex
	inboxes map[string]*Inbox
}

// Inbox collects the deliveries to a path.
type Inbox struct {
	respond http.HandlerFunc

	mu         sync.Mutex
	deliveries []Delivery
}

// Listen listens at an address (host and port). publicURL is the base URL under which the provider reaches it; empty means
// the address itself, and port 0 in it means the port of the address.
func Listen(address, publicURL string) (*Listener, error) {
	on, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	l := &Listener{URL: strings.TrimSuffix(publicURL, "/"), inboxes: map[string]*Inbox{}}
	_, port, err := net.SplitHostPort(on.Addr().String())
	if rest, open := strings.CutSuffix(l.URL, ":0"); open && err == nil {
		l.URL = rest + ":" + port
	}
	if l.URL == "" {
		l.URL = "http://" + on.Addr().String()
	}
	l.server = &http.Server{Handler: l, ReadHeaderTimeout: 10 * time.Second}
	l.served.Go(func() { _ = l.server.Serve(on) }) // returns when closed
	return l, nil
}

// Close closes the listener and the open connections.
func (l *Listener) Close() {
	_ = l.server.Close()
	l.served.Wait()
}

// Open creates an inbox for a path; respond writes the responses.
func (l *Listener) Open(path string, respond http.HandlerFunc) *Inbox {
	inbox := &Inbox{respond: respond}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inboxes[path] = inbox
	return inbox
}

// ServeHTTP receives a webhook.
func (l *Listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	inbox := l.inboxes[r.URL.Path]
	l.mu.Unlock()
	if inbox == nil {
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, openapi.MaxBody))
	if err != nil {
		return // client disconnected
	}
	inbox.mu.Lock()
	inbox.deliveries = append(inbox.deliveries, Delivery{r.Method, r.Header, body, time.Now()})
	inbox.mu.Unlock()
	inbox.respond(w, r)
}

// Deliveries returns the deliveries so far, in the order of arrival.
func (in *Inbox) Deliveries() []Delivery {
	in.mu.Lock()
	defer in.mu.Unlock()
	return append([]Delivery(nil), in.deliveries...)
}

// Status returns a handler that responds with a status.
func Status(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}
