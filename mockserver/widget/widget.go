// Package widget serves replacements of the providers' browser scripts (SDKs), and the requests that these make to the mock in
// addition to the provider's own API: possible outcomes, a decision that was made already, and time limits on the account's clock.
//
// A provider's script is data in its directory. This package has the parts that all share: assembly and serving, the dialog that
// replaces camera or form, and CORS. The engine decides outcomes and times, behind [Backend].
package widget

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// Base is the path of the scripts' requests, below the provider's prefix. It is not part of the control API: it is read-only.
// Pages of other sites cannot use it; see [Options].
const Base = "/_idmock/widget"

// File is a file that pages load.
type File struct {
	At    string   // path on the provider's hosts, and below the prefix; * matches one segment
	Hosts []string // the provider's hosts that serve it
	Parts [][]byte // joined; the parts of a script share one scope
}

// Question asks for the possible outcomes of a step.
type Question struct {
	Credential string   // identifies the account: a public ID, a merchant key
	Operations []string // that the script may call; of an outcome that several have, the first counts
	Subject    string   // person in front of the camera, if known
	Scenario   string   // requested by the page
	Run        string   // reference of the run, if it exists already
}

// Offer lists the possible outcomes.
type Offer struct {
	// Scenario that applies: requested, armed, selected by the subject, or the default.
	Scenario    string `json:"scenario"`
	Description string `json:"description"`
	// Decided is true if the scenario determines the outcome, so that the script does not ask.
	Decided  bool      `json:"decided"`
	Outcomes []Outcome `json:"outcomes"`
	// Magic lists the subjects that select a scenario.
	Magic []Magic `json:"magic"`
}

// Outcome is a possible outcome.
type Outcome struct {
	Name      string          `json:"name"` // of a documented example
	Operation string          `json:"operation"`
	Summary   string          `json:"summary,omitempty"`
	Response  json.RawMessage `json:"response"`        // the example of the OpenAPI document
	Sends     []string        `json:"sends,omitempty"` // events that follow
}

// Magic is a subject that selects a scenario.
type Magic struct {
	Subject     string `json:"subject"`
	Scenario    string `json:"scenario"`
	Description string `json:"description"`
}

// Backend is the part of the engine that the widget uses.
type Backend interface {
	// Offer returns the possible outcomes of a step. Clients see the error, such as an unknown operation.
	Offer(ctx context.Context, provider string, q Question) (Offer, error)
	// Limit starts a timer on the clock of the credential's account. over blocks until it expires or its context ends.
	Limit(ctx context.Context, provider, credential string, d time.Duration) (over func(context.Context) error, err error)
}

// Widget serves the scripts of one provider. It is safe for concurrent use.
type Widget struct {
	provider, prefix string
	backend          Backend
	check            func(*http.Request) error
	pass             string
	title, version   string
	files            map[string]*served // by path, with and without prefix
	families         []File             // paths with a * for one segment, such as a version
}

// Options configures a Widget.
type Options struct {
	Provider, Title, Prefix string
	Version                 string // the server's
	Files                   []File
	// Check returns an error for requests of pages that may not use the backend; nil allows every page.
	Check func(*http.Request) error
	// Pass is the key that allows pages without an origin, which the playground has; empty: none.
	Pass string
}

// New returns the widget of a provider.
func New(o Options, b Backend) *Widget {
	w := &Widget{provider: o.Provider, prefix: o.Prefix, backend: b, title: o.Title, version: o.Version, files: map[string]*served{}, check: o.Check, pass: o.Pass}
	files, prefix, title, version := o.Files, o.Prefix, o.Title, o.Version
	for _, f := range files {
		if strings.Contains(f.At, "*") {
			w.families = append(w.families, f)
			continue
		}
		script := newServed(f, about{At: f.At, Title: title, Version: version})
		w.files[f.At], w.files[prefix+f.At] = script, script
	}
	return w
}

// Owns reports whether the widget serves a request to the provider.
func (w *Widget) Owns(r *http.Request) bool {
	if w == nil || r.Method == http.MethodPost {
		return false
	}
	if f := w.file(r.URL.Path); f != nil {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		return f.at != r.URL.Path || host == w.provider+".localhost" || slices.Contains(f.hosts, host)
	}
	return strings.HasPrefix(strings.TrimPrefix(r.URL.Path, w.prefix), Base)
}

// file returns the file at a path, or nil.
func (w *Widget) file(at string) *served {
	if f := w.files[at]; f != nil {
		return f
	}
	for _, f := range w.families {
		for _, bare := range []string{at, strings.TrimPrefix(at, w.prefix)} {
			if ok, err := path.Match(f.At, bare); ok && err == nil {
				return newServed(File{bare, f.Hosts, f.Parts}, about{At: bare, Title: w.title, Version: w.version})
			}
		}
	}
	return nil
}

// ServeHTTP serves a request for which [Widget.Owns] is true.
func (w *Widget) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	Open(rw.Header())
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		if r.Method == http.MethodOptions {
			Preflight(rw, r)
			return
		}
		rw.Header().Set("Allow", "GET, HEAD, OPTIONS")
		http.Error(rw, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if f := w.file(r.URL.Path); f != nil {
		f.asset().ServeHTTP(rw, r)
		return
	}
	if err := w.allowed(r); err != nil {
		http.Error(rw, err.Error(), http.StatusForbidden)
		return
	}
	switch strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, w.prefix), Base) {
	case "":
		w.offer(rw, r)
	case "/elapse":
		w.elapse(rw, r)
	default:
		http.Error(rw, "not found", http.StatusNotFound)
	}
}

// allowed checks the page that sent a request to the backend. Scripts may be loaded by any page.
func (w *Widget) allowed(r *http.Request) error {
	if w.check == nil {
		return nil
	}
	given := r.URL.Query().Get("idmock_pass")
	if w.pass != "" && r.Header.Get("Origin") == "null" && subtle.ConstantTimeCompare([]byte(given), []byte(w.pass)) == 1 {
		return nil
	}
	return w.check(r)
}

func (w *Widget) offer(rw http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	offer, err := w.backend.Offer(r.Context(), w.provider, Question{
		Credential: q.Get("account"), Operations: q["operation"], Subject: q.Get("subject"), Scenario: q.Get("scenario"), Run: q.Get("run"),
	})
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(rw).Encode(offer) //nolint:errcheck // fails only if the client disconnected
}

// maxLimit is the longest time limit of one request.
const maxLimit = 24 * time.Hour

// elapse sends the response header at once, which starts the timer, and the body when it expires on the account's clock: a frozen
// clock stops a time limit, and advancing the clock expires it.
func (w *Widget) elapse(rw http.ResponseWriter, r *http.Request) {
	d, err := time.ParseDuration(r.URL.Query().Get("for"))
	if err != nil || d <= 0 || d > maxLimit {
		http.Error(rw, "invalid for: use a duration up to 24h, such as 27s", http.StatusBadRequest)
		return
	}
	over, err := w.backend.Limit(r.Context(), w.provider, r.URL.Query().Get("account"), d)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	rw.Header().Set("Cache-Control", "no-store")
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.WriteHeader(http.StatusOK)
	http.NewResponseController(rw).Flush() //nolint:errcheck // over fails if the client disconnected
	if over(r.Context()) != nil {
		panic(http.ErrAbortHandler) // client disconnected, or server stopping
	}
	rw.Write([]byte("over\n")) //nolint:errcheck // fails only if the client disconnected
}
