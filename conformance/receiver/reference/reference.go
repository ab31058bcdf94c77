// Package reference is a correct webhook receiver for the events of the generic profiles. It can be given one flaw: each
// check of the suite passes the reference and fails the reference with the check's own flaw.
//
// The receiver responds first and processes events afterwards, queries the provider's API before it grants access, and
// serves the state of each subject at GET /subjects/{subject}. It does not share code with the checks that it tests.
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

// Config holds the provider's settings for a receiver, and its flaw.
type Config struct {
	// Scheme is one of the signature schemes of the generic profiles, such as standard-webhooks.
	Scheme  string
	Secrets []string // the current one first
	Other   string   // secret of another account, which sends to /other/hooks
	Old     string   // a secret that was replaced
	API     string   // base URL of the provider's API; empty: the receiver trusts the events
	Key     string   // API key
	Flaw    FlawID
	// Reconcile makes the receiver query the API about verifications that it has started, until it knows their result.
	Reconcile bool

	// Limit is the maximum number of events per second. Further events get 429 with a Retry-After of After. 0: no limit.
	Limit int
	After time.Duration // at least a second
}

// Receiver is an application with a webhook at /hooks.
type Receiver struct {
	Config
	client     *http.Client
	background func(work func(context.Context)) // runs work that outlives its request
	closing    <-chan struct{}
	stop       context.CancelFunc
	work       sync.WaitGroup
	ending     sync.Mutex

	mu       sync.Mutex
	seen     map[string]bool // event IDs
	subjects map[string]*subject
	current  string               // subject of a last event without an approval, of MixesSubjects
	refused  map[string]bool      // remote addresses, of JudgesConnectionOnce
	verified map[string]bool      // event IDs and signatures
	lastUse  map[string]time.Time // by remote address, of BreaksIdleConnection
	early    map[string]int       // requests by event ID, of RecordsBeforeVerifying
	order    []string             // event IDs, of RemembersFew
	restarts int
	turns    int    // events, of HasTwoWorkers
	last     string // verification of the last event, of QueriesLastRun
	started  string // the last verification, of QueriesLastStarted
	load     load
	busy     sync.Mutex // of BlocksOthers and WorksInSequence
}

// subject is the application's record of a person.
type subject struct {
	Status  string `json:"status"`
	Effects int    `json:"effects"`
	Name    string `json:"name"`
	updated time.Time
	flagged bool   // on a watch list
	before  string // status without the flag
}

// New returns a receiver. Close stops its background work.
func New(c Config) *Receiver {
	ctx, stop := context.WithCancel(context.Background())
	r := &Receiver{Config: c, client: &http.Client{}, closing: ctx.Done(), stop: stop, seen: map[string]bool{}, subjects: map[string]*subject{},
		refused: map[string]bool{}, verified: map[string]bool{}, lastUse: map[string]time.Time{}, early: map[string]int{}}
	r.background = func(work func(context.Context)) {
		if r.has(WaitsInSequence) {
			work = inSequence(r, work)
		}
		r.ending.Lock() // Close waits for the work that began before it
		defer r.ending.Unlock()
		if ctx.Err() == nil {
			r.work.Go(func() { work(ctx) })
		}
	}
	return r
}

// Close stops the background work and waits for it.
func (r *Receiver) Close() {
	r.ending.Lock()
	r.stop()
	r.ending.Unlock()
	r.work.Wait()
}

func (r *Receiver) has(flaw FlawID) bool { return r.Flaw == flaw }

// Serve serves until the listener is closed.
func (r *Receiver) Serve(l net.Listener) error {
	server := &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 20 * time.Second}
	server.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if raw, ok := c.(*rawConn); ok {
			return context.WithValue(ctx, rawConnKey{}, raw)
		}
		return ctx
	}
	if r.has(ComparesHeaderCase) {
		l = rawListener{l}
	}
	return server.Serve(l)
}

// ServeHTTP implements [http.Handler].
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	queried, isSubject := strings.CutPrefix(req.URL.Path, "/subjects/")
	started, isStart := strings.CutPrefix(req.URL.Path, "/start/")
	switch {
	case isSubject:
		r.serveSubject(w, queried)
	case isStart:
		r.start(w, req, started)
	case req.URL.Path == "/reset":
		r.mu.Lock()
		defer r.mu.Unlock()
		clear(r.seen)
		clear(r.subjects)
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

// restart drops the state that a process would lose. IDs and subjects are in the database and stay.
func (r *Receiver) restart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.verified)
	r.restarts++
	if r.has(ForgetsHitsOnRestart) {
		for _, s := range r.subjects {
			if s.flagged {
				s.flagged, s.Status = false, s.before
			}
		}
	}
	if r.has(ForgetsOnRestart) {
		clear(r.seen)
	}
}

func (r *Receiver) serveSubject(w http.ResponseWriter, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	id = storedID(r, id)
	if r.subjects[id] == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	respond(w, http.StatusOK, r.subjects[id])
}

// start creates a verification, as a sign-up page does.
func (r *Receiver) start(w http.ResponseWriter, req *http.Request, id string) {
	body, _ := json.Marshal(map[string]string{"subject": id}) // strings always marshal
	call, err := http.NewRequestWithContext(req.Context(), http.MethodPost, r.API+"/verifications", strings.NewReader(string(body)))
	if err != nil {
		respond(w, http.StatusInternalServerError, problem{"invalid API URL"})
		return
	}
	call.Header.Set("Content-Type", "application/json")
	call.Header.Set("Authorization", "Bearer "+r.Key)
	resp, err := r.client.Do(call)
	if err != nil {
		respond(w, http.StatusBadGateway, problem{"provider unavailable"})
		return
	}
	var begun struct {
		ID string `json:"id"`
	}
	_ = json.NewDecoder(resp.Body).Decode(&begun) // a response without an ID starts nothing to look for
	resp.Body.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.started = begun.ID
	// A webhook that arrived before this response is newer than it.
	if r.subjects[id] == nil || r.has(OverwritesWebhook) {
		r.subjects[id] = &subject{Status: "pending"}
	}
	if r.has(GrantsAtStart) {
		r.subjects[id].Status = "approved"
	}
	if r.Reconcile && !r.has(WaitsForEvents) && begun.ID != "" {
		reconcile(r, id, begun.ID)
	}
}

// problem is the body of an error response.
type problem struct {
	Error string `json:"error"`
}

func respond(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // an error means that the client disconnected
}
