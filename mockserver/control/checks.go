package control

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Checks judges receivers and providers by the checks of the conformance suite. What it reports is its own: the API hands
// it on as it is.
type Checks interface {
	// Profiles lists whom checks can be made of.
	Profiles(ctx context.Context) ([]CheckProfile, error)
	// List lists the checks of a kind, receiver or provider, as they hold for a provider; "" stands for any.
	List(ctx context.Context, kind, provider string) ([]Check, error)
	// Begin begins a run, and does not wait for it.
	Begin(ctx context.Context, r CheckRequest) (CheckRun, error)
	// Runs lists the runs of an account that are kept, the newest first.
	Runs(ctx context.Context, account string) ([]CheckRun, error)
	// Run tells of one run, once it has ended or the patience is over. The error is store.ErrNotFound where it is not kept.
	Run(ctx context.Context, id string, patience time.Duration) (CheckReport, error)
	// Result is what came of one check of a run, with every exchange, as report.schema.json has it.
	Result(ctx context.Context, id, check string) (json.RawMessage, error)
	// Report writes a run down as a report in one of ReportFormats, with what is known by now.
	Report(ctx context.Context, id, format string) ([]byte, error)
	// Stop stops a run and returns once it has ended. What was done stays.
	Stop(ctx context.Context, id string) (CheckRun, error)
}

// CheckProfile is whom checks can be made of: a provider, or a common scheme.
type CheckProfile struct {
	Name  string   `json:"name"`
	Title string   `json:"title"`
	Kinds []string `json:"kinds"` // receiver, provider
	Base  string   `json:"base"`  // URL below which this server serves it; empty: it does not
}

// Check is one requirement.
type Check struct {
	ID      string `json:"id"`
	Level   string `json:"level"` // MUST, SHOULD or INFO
	Title   string `json:"title"`
	Core    bool   `json:"core"`
	Applies bool   `json:"applies"`
	Reason  string `json:"reason,omitempty"` // why it does not apply
}

// CheckRequest says what to judge, and how. Its fields are named as the flags of `idmock check` are.
type CheckRequest struct {
	Account  string `json:"-"`    // from the query: who sends the events; "": whoever plays what names no account
	Kind     string `json:"kind"` // receiver or provider
	Provider string `json:"provider"`
	URL      string `json:"url"`

	// Of a receiver. What is not given is the account's.
	Credential   map[string]string `json:"credential"`
	NextSecret   string            `json:"next_secret"`
	OtherSecret  string            `json:"other_secret"`
	OldSecret    string            `json:"old_secret"`
	Header       []string          `json:"header"` // "NAME: VALUE"
	Switch       map[string]string `json:"switch"`
	Probe        string            `json:"probe"`
	ProbeValue   string            `json:"probe_value"`
	ProbeEffects string            `json:"probe_effects"`
	ProbeText    string            `json:"probe_text"`
	Granted      []string          `json:"granted"`
	Reset        string            `json:"reset"` // URLs, as the next three
	Prepare      string            `json:"prepare"`
	Start        string            `json:"start"`
	Restart      string            `json:"restart"`
	APIAddr      string            `json:"api_addr"` // where the provider's API is served; empty: here, if this server serves it
	ForgedAck    bool              `json:"forged_ack"`

	// Of a provider.
	Key          string `json:"key"`
	OtherKey     string `json:"other_key"`
	BadKey       string `json:"bad_key"`
	ForbiddenKey string `json:"forbidden_key"`
	Listen       string `json:"listen"`
	ListenURL    string `json:"listen_url"`

	Only    []string `json:"run"` // globs of checks
	Skip    []string `json:"skip"`
	Core    bool     `json:"core"`
	Strict  bool     `json:"strict"`
	Seed    uint64   `json:"seed"`
	Waivers string   `json:"waivers"` // the text of a waivers file
}

// CheckRun is a run of checks.
type CheckRun struct {
	ID       string            `json:"id"`
	Account  string            `json:"account"`
	Kind     string            `json:"kind"`
	Provider string            `json:"provider"`
	URL      string            `json:"url"`
	State    string            `json:"state"` // running, ended, stopped or failed
	Began    time.Time         `json:"began"`
	Ended    time.Time         `json:"ended,omitzero"`
	Seed     uint64            `json:"seed"`
	API      string            `json:"api,omitempty"`    // where the application finds the provider meanwhile
	Secret   map[string]string `json:"secret,omitempty"` // the credential that the receiver has to know, by name
	Total    int               `json:"total"`
	Done     int               `json:"done"`
	Counts   map[string]int    `json:"counts"`             // results by verdict
	Code     *int              `json:"code,omitempty"`     // as the command would end: 0 right, 1 wrong, 2 it could not be told
	Sentence string            `json:"sentence,omitempty"` // what it came to, or why it failed
	Headline string            `json:"headline,omitempty"` // what explains most of the failures
	Advice   string            `json:"advice,omitempty"`
}

// CheckReport is a run with its results, without their exchanges.
type CheckReport struct {
	CheckRun
	Results []json.RawMessage `json:"results"`
}

// reportFormats are what a run can be written down as, with their media types.
var reportFormats = map[string]string{"json": "application/json", "junit": "application/xml", "html": "text/html; charset=utf-8", "text": "text/plain; charset=utf-8"}

// judges returns who makes checks.
func (a *api) judges() (Checks, error) {
	if a.Checks == nil {
		return nil, problem{Status: http.StatusNotImplemented, Detail: "nobody makes checks here: idmock serve does, and in Go whatever mockserver.Config.Checks makes"}
	}
	return a.Checks, nil
}

func (a *api) checkProfiles(w http.ResponseWriter, r *http.Request) error {
	judges, err := a.judges()
	if err != nil {
		return err
	}
	all, err := judges.Profiles(r.Context())
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, all)
}

func (a *api) checks(w http.ResponseWriter, r *http.Request) error {
	judges, err := a.judges()
	if err != nil {
		return err
	}
	kind := r.URL.Query().Get("kind")
	if kind == "" {
		kind = "receiver"
	}
	all, err := judges.List(r.Context(), kind, r.URL.Query().Get("provider"))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, all)
}

func (a *api) beginChecks(w http.ResponseWriter, r *http.Request) error {
	judges, err := a.judges()
	if err != nil {
		return err
	}
	var c CheckRequest
	if err := receive(w, r, &c); err != nil {
		return err
	}
	c.Account = account(r)
	if err := need("kind", c.Kind, "provider", c.Provider, "url", c.URL); err != nil {
		return err
	}
	run, err := judges.Begin(r.Context(), c)
	if err != nil {
		return err
	}
	w.Header().Set("Location", Base+"/conformance/runs/"+run.ID)
	return send(w, http.StatusAccepted, run)
}

func (a *api) checkRuns(w http.ResponseWriter, r *http.Request) error {
	judges, err := a.judges()
	if err != nil {
		return err
	}
	all, err := judges.Runs(r.Context(), account(r))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, all)
}

func (a *api) checkRun(w http.ResponseWriter, r *http.Request) error {
	judges, err := a.judges()
	if err != nil {
		return err
	}
	var patience time.Duration
	if text := r.URL.Query().Get("wait"); text != "" {
		if patience, err = timeout(text); err != nil {
			return err
		}
		patient(w)
	}
	told, err := judges.Run(r.Context(), r.PathValue("id"), patience)
	if err != nil {
		return err
	}
	if format := r.URL.Query().Get("format"); format != "" {
		return reportChecks(w, r, judges, format)
	}
	return send(w, http.StatusOK, told)
}

// reportChecks sends a report. It is somebody else's text: a browser that opens it runs nothing.
func reportChecks(w http.ResponseWriter, r *http.Request, judges Checks, format string) error {
	kind, ok := reportFormats[format]
	if !ok {
		return badRequest("format is %q: there are json, junit, html and text", format)
	}
	report, err := judges.Report(r.Context(), r.PathValue("id"), format)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
	write(w, http.StatusOK, kind, report)
	return nil
}

func (a *api) checkResult(w http.ResponseWriter, r *http.Request) error {
	judges, err := a.judges()
	if err != nil {
		return err
	}
	result, err := judges.Result(r.Context(), r.PathValue("id"), r.PathValue("group")+"/"+r.PathValue("name"))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, result)
}

func (a *api) stopChecks(w http.ResponseWriter, r *http.Request) error {
	judges, err := a.judges()
	if err != nil {
		return err
	}
	patient(w)
	run, err := judges.Stop(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, run)
}
