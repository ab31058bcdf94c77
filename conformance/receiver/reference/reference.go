// Package reference is a webhook receiver that does everything right, for the events of the generic profiles, and that
// can be told to do one thing wrong. The suite is proven by it: each check passes the reference and fails the reference
// with the check's own flaw.
//
// It answers first and works afterwards; it asks the API before it grants anything; it keeps what it did for whom, and
// tells that at GET /subjects/{subject}.
package reference

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Config says what the receiver knows of its provider.
type Config struct {
	// Scheme is standard-webhooks, t-v1, hmac-sha256 (in hex) or token; or, with what comes on top of one of these,
	// standard-webhooks-ed25519, digest-alg, websub, echo-token or cloudevents.
	Scheme  string
	Secrets []string // what it knows of them, the present one first
	Other   string   // the secret of another account, whose events come to /other/hooks
	Old     string   // a secret that was replaced
	API     string   // base URL of the provider's API; empty: nothing is asked
	Key     string   // for the API
	Flaw    FlawID

	// Limit is how many events are taken in a second; what is more is put off for After. 0 takes all.
	Limit int
	After time.Duration // 0: a second
}

// Receiver is an application with a webhook at /hooks.
type Receiver struct {
	Config
	client *http.Client
	stop   context.CancelFunc
	ctx    context.Context
	work   sync.WaitGroup

	mu       sync.Mutex
	seen     map[string]bool // ids of events
	people   map[string]*account
	current  string          // of the flaw that knows one subject at a time
	spoiled  map[string]bool // connections, of the flaw that judges them once
	verified map[string]bool
	used     map[string]time.Time // connections, of the flaw that breaks off
	load     load
	busy     sync.Mutex // of the flaw that does one thing at a time
}

// account is what the application knows of a subject.
type account struct {
	Status   string `json:"status"`
	Effects  int    `json:"effects"`
	Name     string `json:"name"`
	happened time.Time
}

// New makes a receiver. Close ends what it does in the background.
func New(c Config) *Receiver {
	ctx, stop := context.WithCancel(context.Background())
	return &Receiver{Config: c, client: &http.Client{}, ctx: ctx, stop: stop, seen: map[string]bool{}, people: map[string]*account{},
		spoiled: map[string]bool{}, verified: map[string]bool{}, used: map[string]time.Time{}}
}

// Close ends the work under way.
func (r *Receiver) Close() {
	r.stop()
	r.work.Wait()
}

func (r *Receiver) has(flaw FlawID) bool { return r.Flaw == flaw }

// Serve serves until the listener is closed.
func (r *Receiver) Serve(l net.Listener) error {
	server := &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 20 * time.Second}
	server.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if h, ok := c.(*heard); ok {
			return context.WithValue(ctx, heardKey{}, h)
		}
		return ctx
	}
	if r.has(ComparesHeaderCase) {
		l = hearing{l}
	}
	return server.Serve(l)
}

// ServeHTTP implements [http.Handler].
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	rest, isSubject := strings.CutPrefix(req.URL.Path, "/subjects/")
	start, isStart := strings.CutPrefix(req.URL.Path, "/start/")
	switch {
	case isSubject:
		r.subject(w, rest)
	case isStart:
		r.start(w, req, start)
	case req.URL.Path == "/reset":
		r.mu.Lock()
		defer r.mu.Unlock()
		clear(r.seen)
		clear(r.people)
	case req.URL.Path == "/restart":
		r.restart()
	case req.URL.Path == "/hooks/" && r.has(RedirectsSlash):
		http.Redirect(w, req, "/hooks", http.StatusMovedPermanently)
	case strings.TrimSuffix(req.URL.Path, "/") == "/hooks", r.Other != "" && req.URL.Path == otherPath:
		r.hook(w, req)
	default:
		http.NotFound(w, req)
	}
}

// restart does to the receiver what a new process would: what it has seen and done is in its database, and stays.
func (r *Receiver) restart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.verified)
	if r.has(ForgetsOnRestart) {
		clear(r.seen)
	}
}

func (r *Receiver) subject(w http.ResponseWriter, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.people[name] == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	answer(w, http.StatusOK, r.people[name])
}

// start begins a verification, as a page for signing up does.
func (r *Receiver) start(w http.ResponseWriter, req *http.Request, subject string) {
	body, _ := json.Marshal(map[string]string{"subject": subject}) // a text always can
	call, err := http.NewRequestWithContext(req.Context(), http.MethodPost, r.API+"/verifications", strings.NewReader(string(body)))
	if err != nil {
		answer(w, http.StatusInternalServerError, said{"the API's address is wrong"})
		return
	}
	call.Header.Set("Content-Type", "application/json")
	call.Header.Set("Authorization", "Bearer "+r.Key)
	resp, err := r.client.Do(call)
	if err != nil {
		answer(w, http.StatusBadGateway, said{"the provider does not answer"})
		return
	}
	resp.Body.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	// What a webhook said meanwhile is newer than this answer, although it came first.
	if r.people[subject] == nil || r.has(OverwritesWebhook) {
		r.people[subject] = &account{Status: "pending"}
	}
}

type said struct {
	Error string `json:"error"`
}

func answer(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // whoever has gone needs no answer
}
