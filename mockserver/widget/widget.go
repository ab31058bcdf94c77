// Package widget serves the stand-ins for the providers' browser scripts, and what the scripts ask the mock beside the
// provider's own API: which outcomes there are, whether somebody has decided already, and when account time has passed.
//
// What a script does is data of its provider's folder. In here is what all of them share: how they are put together and
// served, the dialog that stands where the real ones open a camera or a form, and the rules about pages of other origins.
// What is decided and when is the engine's, behind [Backend].
package widget

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// Base is the path below which the scripts ask; on the mock it stands below the provider's prefix. It is no control API:
// pages of any origin may ask, and nothing can be changed.
const Base = "/_idmock/widget"

// File is something that pages load.
type File struct {
	At    string   // the path on the real hosts, and below the prefix; * is any one step of it
	Hosts []string // the real hosts that serve it
	Parts [][]byte // scripts share one scope; of anything else the parts are joined as they are
}

// Question is what a script wants to know before it lets something happen.
type Question struct {
	Credential string   // by which the page names its account: a public ID, a merchant key
	Operations []string // that the script is about to call; the first that knows an outcome is asked for it
	Subject    string   // who is before the camera, as far as that is known
	Scenario   string   // that the page asks for by name
	Run        string   // the reference of the run that the calls will be about, if there is one already
}

// Offer is what may happen.
type Offer struct {
	// Scenario is what plays: one that the page named, an armed one, one that the subject chooses, or the default.
	Scenario    string `json:"scenario"`
	Description string `json:"description"`
	// Decided says that the scenario decides by itself, so that nobody is to be asked.
	Decided  bool      `json:"decided"`
	Outcomes []Outcome `json:"outcomes"`
	// Magic are subjects that choose a scenario.
	Magic []Magic `json:"magic"`
}

// Outcome is one way in which it may end.
type Outcome struct {
	Name      string          `json:"name"` // of a documented example
	Operation string          `json:"operation"`
	Summary   string          `json:"summary,omitempty"`
	Answer    json.RawMessage `json:"answer"`          // the example, as the document has it
	Sends     []string        `json:"sends,omitempty"` // events that follow
}

// Magic is a subject that chooses a scenario.
type Magic struct {
	Subject     string `json:"subject"`
	Scenario    string `json:"scenario"`
	Description string `json:"description"`
}

// Backend is what the widget needs of the engine.
type Backend interface {
	// Offer answers a question about a provider. The error is for people: the operation is unknown, say.
	Offer(ctx context.Context, provider string, q Question) (Offer, error)
	// Limit begins to measure a time on the clock of the account that the credential names. over returns when it has
	// passed, or with its context's error.
	Limit(ctx context.Context, provider, credential string, d time.Duration) (over func(context.Context) error, err error)
}

// Widget serves one provider's scripts. It is safe for concurrent use.
type Widget struct {
	provider, prefix string
	backend          Backend
	title, version   string
	files            map[string]*served // by path, with the prefix and without
	families         []File             // whose path has a * for one step, such as a version
}

// New returns the widget of a provider. title is what people call it, version the server's.
func New(provider, title, prefix, version string, files []File, b Backend) *Widget {
	w := &Widget{provider: provider, prefix: prefix, backend: b, title: title, version: version, files: map[string]*served{}}
	for _, f := range files {
		if strings.Contains(f.At, "*") {
			w.families = append(w.families, f)
			continue
		}
		made := newServed(f, about{At: f.At, Title: title, Version: version})
		w.files[f.At], w.files[prefix+f.At] = made, made
	}
	return w
}

// Owns reports whether a request to the provider is for the widget.
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

// file finds what a path stands for, nil where it is no file.
func (w *Widget) file(at string) *served {
	if f := w.files[at]; f != nil {
		return f
	}
	for _, f := range w.families {
		for _, own := range []string{at, strings.TrimPrefix(at, w.prefix)} {
			if ok, err := path.Match(f.At, own); ok && err == nil {
				return newServed(File{own, f.Hosts, f.Parts}, about{At: own, Title: w.title, Version: w.version})
			}
		}
	}
	return nil
}

// ServeHTTP answers a request that the widget owns.
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
		f.serve(rw, r)
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
	json.NewEncoder(rw).Encode(offer) //nolint:errcheck // whoever asked has gone
}

// longest is the longest time that a script may wait for in one request.
const longest = 24 * time.Hour

// elapse begins to answer at once, from when on the time counts, and ends when so much account time has passed: a frozen
// clock keeps a time limit from running out, and one that is advanced runs it out at once.
func (w *Widget) elapse(rw http.ResponseWriter, r *http.Request) {
	d, err := time.ParseDuration(r.URL.Query().Get("for"))
	if err != nil || d <= 0 || d > longest {
		http.Error(rw, "for: want a time such as 27s, of up to 24h", http.StatusBadRequest)
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
	http.NewResponseController(rw).Flush() //nolint:errcheck // the next line finds out
	if over(r.Context()) != nil {
		panic(http.ErrAbortHandler) // nobody waits any more, or the server stops
	}
	rw.Write([]byte("over\n")) //nolint:errcheck // as above
}
